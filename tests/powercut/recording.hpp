// Lives of a store, run with the shim before them, and the folders they need.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "powercut/disk_log.hpp"
#include "powercut/disk_model.hpp"
#include "powercut/workload.hpp"

namespace conclave::powercut {

/// A new folder below `where`, gone with everything in it at the end.
class Folder {
 public:
  explicit Folder(const std::filesystem::path& where);
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// In memory where there is such a folder: what a cut leaves is made by us, so no disk is needed under it.
[[nodiscard]] std::filesystem::path quick_place();
/// Where a real file system is.
[[nodiscard]] std::filesystem::path real_place();

/// One run of `powercut_writer`.
struct WriterLife {
  std::uint64_t upto = 0;
  bool dies = false;
  std::string fault{};  ///< as in `fault_variable`
  std::string lies{};   ///< as in `lies_variable`
};
struct WriterEnd {
  int code = 0;
  std::string said;

  static constexpr int finished = 0;
  static constexpr int refused = 3;
  static constexpr int uncertain = 4;
};

/// The disk of one store.
class Lives {
 public:
  Lives(const std::filesystem::path& where, std::uint64_t seed, std::uint64_t steps)
      : folder_(where), seed_(seed), steps_(steps) {
    std::filesystem::create_directory(disk());
  }

  /// The watched folder: all that is in it is durable before the first life.
  [[nodiscard]] std::filesystem::path disk() const { return folder_.path() / "disk"; }
  [[nodiscard]] WriterEnd live(const WriterLife& life) const;
  /// Of all lives so far.
  [[nodiscard]] std::vector<Event> events() const { return read_log(log()); }
  void forget_events() const { std::filesystem::remove(log()); }

 private:
  [[nodiscard]] std::filesystem::path log() const { return folder_.path() / "log"; }

  Folder folder_;
  std::uint64_t seed_;
  std::uint64_t steps_;
};

/// In the watched folder.
[[nodiscard]] inline std::filesystem::path store_in(const std::filesystem::path& disk) { return disk / "store"; }

/// Makes `folder`, which is emptied, what `image` says. What is written through a mapping is zeros.
void write_image(const Image& image, const std::filesystem::path& folder);
/// Why the shim has not seen everything that happened to the files in `disk`; empty: it has.
[[nodiscard]] std::string unseen(const DiskModel& model, const std::filesystem::path& disk);

}  // namespace conclave::powercut
