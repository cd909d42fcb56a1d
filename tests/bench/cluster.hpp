// Three real nodes in processes of their own, on loopback, with data folders on the disk that is measured.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "bench/process.hpp"

namespace conclave::bench {

class Cluster {
 public:
  static constexpr std::size_t size = 3;

  /// Founds the cluster and returns when all three work.
  explicit Cluster(std::filesystem::path folder);

  [[nodiscard]] Process& operator[](std::size_t at) { return nodes_[at]; }
  /// Waits until one node says that it leads.
  [[nodiscard]] std::size_t leader();
  /// Of all three together.
  [[nodiscard]] Usage usage() const;
  /// Opens the node again on its data folder and waits until it works.
  void restart(std::size_t at);

 private:
  [[nodiscard]] Process start(std::size_t at) const;

  std::filesystem::path folder_;
  std::vector<std::string> addresses_;
  std::vector<Process> nodes_;
};

}  // namespace conclave::bench
