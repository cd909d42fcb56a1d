#include "process/support/ports.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <random>
#include <stdexcept>

namespace conclave::process {
namespace {

constexpr std::uint16_t lowest = 20000;
constexpr std::uint16_t blocks = 1500;

bool is_free(std::uint16_t port, int type) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int socket = ::socket(AF_INET, type | SOCK_CLOEXEC, 0);
  const bool bound = ::bind(socket, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0;
  ::close(socket);
  return bound;
}

}  // namespace

Ports::Ports() {
  std::random_device random;
  const auto start = random() % blocks;
  for (unsigned tried = 0; tried < blocks; ++tried)
    if (take(static_cast<std::uint16_t>(lowest + (start + tried) % blocks * count))) return;
  throw std::runtime_error("no free ports on loopback");
}

Ports::~Ports() { ::close(claim_); }

bool Ports::take(std::uint16_t first) {
  // An abstract socket is a name that only one process can have, and that goes with the process.
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  const auto text = "conclave-test-ports-" + std::to_string(first);
  std::memcpy(name.sun_path + 1, text.data(), text.size());
  const int claim = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  bool mine = ::bind(claim, reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0;
  for (std::uint16_t at = 0; mine && at < count; ++at) {
    const auto number = static_cast<std::uint16_t>(first + at);
    mine = is_free(number, SOCK_STREAM) && is_free(number, SOCK_DGRAM);
  }
  if (!mine) {
    ::close(claim);
    return false;
  }
  first_ = first;
  claim_ = claim;
  return true;
}

std::uint16_t Ports::port(std::uint16_t at) const { return static_cast<std::uint16_t>(first_ + at); }

std::string Ports::address(std::uint16_t at) const { return "127.0.0.1:" + std::to_string(port(at)); }

}  // namespace conclave::process
