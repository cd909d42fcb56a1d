// Blocking TCP on loopback for the floors.
#pragma once

#include <cstddef>
#include <cstdint>

namespace conclave::bench {

/// A connected or listening socket; closed by the destructor. Failures throw std::runtime_error.
class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) {}
  Socket(Socket&& other) noexcept;
  Socket& operator=(Socket&& other) noexcept;
  ~Socket();

  /// On a free port of 127.0.0.1.
  [[nodiscard]] static Socket listen();
  [[nodiscard]] static Socket connect(std::uint16_t port);
  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] Socket accept() const;

  void send(const void* data, std::size_t size) const;
  /// Reads exactly `size` bytes; false at the end of the stream.
  [[nodiscard]] bool receive(void* data, std::size_t size) const;
  /// Reads what is there, at least one byte; zero at the end of the stream.
  [[nodiscard]] std::size_t receive_some(void* data, std::size_t size) const;

 private:
  int fd_;
};

}  // namespace conclave::bench
