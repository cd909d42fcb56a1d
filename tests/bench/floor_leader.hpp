// The leader of the replication floor: it writes and sends at the same time, and a record counts when two of three
// have it on their disk. No ballots, no terms, no recovery: nothing that a protocol adds.
#pragma once

#include <array>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "bench/append_file.hpp"
#include "bench/socket.hpp"

namespace conclave::bench {

class FloorLeader {
 public:
  FloorLeader(const std::filesystem::path& folder, const std::vector<int>& followers);
  ~FloorLeader();
  FloorLeader(const FloorLeader&) = delete;
  FloorLeader& operator=(const FloorLeader&) = delete;

  /// Takes whole or parted records from one thread.
  void submit(const char* data, std::size_t size);
  /// Waits until more than `seen` records are replicated and returns how many are; zero once it stops.
  [[nodiscard]] std::uint64_t wait(std::uint64_t seen);
  void stop();

 private:
  void write();
  void hear(std::size_t follower);
  void advance(std::size_t who, std::uint64_t records);

  const AppendFile file_;
  std::vector<Socket> followers_;
  std::vector<std::thread> threads_;

  std::mutex mutex_;
  std::condition_variable to_write_;
  std::condition_variable replicated_;
  std::vector<char> group_;
  /// How many records each has on its disk: this process, then the followers.
  std::array<std::uint64_t, 3> durable_{};
  std::uint64_t committed_{0};
  bool stopped_{false};
};

}  // namespace conclave::bench
