#include "bench/socket.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

namespace conclave::bench {
namespace {

int check(int code, const char* what) {
  if (code < 0) throw std::system_error(errno, std::generic_category(), what);
  return code;
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

Socket make() { return Socket(check(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket")); }

void without_delay(int fd) {
  const int on = 1;
  check(::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), "TCP_NODELAY");
}

}  // namespace

Socket::Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

Socket& Socket::operator=(Socket&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

Socket::~Socket() {
  if (fd_ >= 0) ::close(fd_);
}

Socket Socket::listen() {
  auto made = make();
  const auto address = loopback(0);
  check(::bind(made.fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address), "bind");
  check(::listen(made.fd_, 8), "listen");
  return made;
}

Socket Socket::connect(std::uint16_t port) {
  auto made = make();
  const auto address = loopback(port);
  check(::connect(made.fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address), "connect");
  without_delay(made.fd_);
  return made;
}

std::uint16_t Socket::port() const {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  check(::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size), "getsockname");
  return ntohs(address.sin_port);
}

Socket Socket::accept() const {
  Socket accepted(check(::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC), "accept"));
  without_delay(accepted.fd_);
  return accepted;
}

void Socket::send(const void* data, std::size_t size) const {
  const auto* at = static_cast<const char*>(data);
  while (size > 0) {
    const auto sent = ::send(fd_, at, size, MSG_NOSIGNAL);
    check(static_cast<int>(sent), "send");
    at += sent;
    size -= static_cast<std::size_t>(sent);
  }
}

bool Socket::receive(void* data, std::size_t size) const {
  auto* at = static_cast<char*>(data);
  while (size > 0) {
    const auto got = receive_some(at, size);
    if (got == 0) return false;
    at += got;
    size -= got;
  }
  return true;
}

std::size_t Socket::receive_some(void* data, std::size_t size) const {
  const auto got = ::recv(fd_, data, size, 0);
  return got < 0 ? 0 : static_cast<std::size_t>(got);
}

}  // namespace conclave::bench
