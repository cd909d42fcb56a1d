// Three processes with a data folder each, that are killed and started again.
#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <string>

#include "process/kill/history.hpp"
#include "process/kill/merge.hpp"
#include "process/support/child.hpp"
#include "process/support/ports.hpp"

namespace conclave::process {

class Cluster {
 public:
  static constexpr std::size_t size = 3;

  /// What a member has done since its present life began.
  struct Progress {
    std::size_t acknowledged{0};
    std::size_t held{0};
  };

  /// Starts all three; data and histories go to `folder`.
  Cluster(std::filesystem::path folder, unsigned seed);

  /// SIGKILL; the process has gone when this returns.
  void kill(std::size_t at);
  /// A new life on the same data folder.
  void start(std::size_t at);
  [[nodiscard]] Progress progress(std::size_t at);
  /// When each life ended that was killed, by NAME.LIFE.
  [[nodiscard]] const Deaths& deaths() const { return deaths_; }
  /// Ends the workers, waits until the digests of all three are equal, and returns all that was seen. Throws
  /// std::runtime_error, also when a member fell into trouble.
  [[nodiscard]] Evidence finish();
  /// Throws std::runtime_error if a member has reported trouble or has ended.
  void look();

  [[nodiscard]] static std::string name(std::size_t at) { return {static_cast<char>('a' + at)}; }

 private:
  [[nodiscard]] bool digests_agree();

  std::filesystem::path folder_;
  unsigned seed_;
  Ports ports_;
  unsigned lives_{0};
  /// NAME.LIFE of those that run.
  std::array<std::string, size> running_;
  Deaths deaths_;
  std::array<std::unique_ptr<Child>, size> children_;
  std::array<std::unique_ptr<Follower>, size> followers_;
};

}  // namespace conclave::process
