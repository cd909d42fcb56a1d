// Room on the disk, made before it is needed.
//
// A write that runs out of room inside a commit cannot be told from a sync that did (P8). So blocks are reserved before
// a transaction begins: a full disk shows there, where nothing has been written yet. The next piece is also filled with
// zeros: writing pages into blocks that are written already changes no metadata, so the sync has less to do.
#pragma once

#include <cstdint>

namespace conclave::storage {

class Room {
 public:
  Room() = default;
  /// The file `fd` (borrowed) is in use up to `used`; space is reserved in steps of `step` bytes.
  Room(int fd, std::uint64_t used, std::uint64_t step) : fd_(fd), reserved_(used), filled_(used), step_(step) {}

  /// Makes room for `bytes` above `used`, the end of what is in use now. 0, or the number of the error; then what is in
  /// use is untouched.
  [[nodiscard]] int make(std::uint64_t used, std::uint64_t bytes);

 private:
  [[nodiscard]] int reserve(std::uint64_t end);
  [[nodiscard]] int fill(std::uint64_t used, std::uint64_t end);

  int fd_ = -1;
  std::uint64_t reserved_ = 0;
  std::uint64_t filled_ = 0;
  std::uint64_t step_ = 0;
};

}  // namespace conclave::storage
