// Ports of loopback for a test's processes, its own for as long as it runs.
#pragma once

#include <cstdint>
#include <string>

namespace conclave::process {

/// Eight ports in a row. They lie below the range from which the system takes the ports of outgoing connections: there, a
/// member that is down could lose its port to anybody, or find itself dialled by itself. Two tests never get the same.
class Ports {
 public:
  static constexpr std::uint16_t count = 8;

  Ports();
  Ports(const Ports&) = delete;
  Ports& operator=(const Ports&) = delete;
  ~Ports();

  /// "127.0.0.1:port" of the port numbered `at`, from 0.
  [[nodiscard]] std::string address(std::uint16_t at) const;
  [[nodiscard]] std::uint16_t port(std::uint16_t at) const;

 private:
  [[nodiscard]] bool take(std::uint16_t first);

  std::uint16_t first_{0};
  int claim_{-1};
};

}  // namespace conclave::process
