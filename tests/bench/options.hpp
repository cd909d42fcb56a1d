// What the caller of `conclave-bench run` chose, and what follows from it.
#pragma once

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace conclave::bench {

/// The size of every command and of every floor's record.
inline constexpr std::size_t payload_bytes = 256;

struct Options {
  bool quick{false};
  /// Empty: all.
  std::vector<std::string> only{};
  std::filesystem::path json{};
  /// On the disk that is to be measured; data folders are made in it and removed.
  std::filesystem::path folder{};

  [[nodiscard]] bool wants(const std::string& name) const {
    return only.empty() || std::ranges::find(only, name) != only.end();
  }
  [[nodiscard]] std::chrono::milliseconds period() const { return std::chrono::milliseconds(quick ? 1000 : 5000); }
  [[nodiscard]] std::chrono::milliseconds warm_up() const { return std::chrono::milliseconds(quick ? 200 : 500); }
  [[nodiscard]] int kills() const { return quick ? 5 : 20; }
};

}  // namespace conclave::bench
