// A folder on a disk between two syncs: what the kernel shows, what a power cut leaves at the least, and every choice that
// it has beyond that. README.md says what a disk may do, and why.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <conclave/types.hpp>

#include "powercut/disk_log.hpp"

namespace conclave::powercut {

/// The piece that a disk writes whole or not at all.
inline constexpr std::size_t sector_bytes = 512;

/// Counts the changes of a folder, from 1.
using Change = std::size_t;

/// What may be found under one path.
struct ImageFile {
  bool is_folder = false;
  /// Written through a mapping: its bytes are anybody's guess.
  bool mapped = false;
  Bytes bytes;
};
using Image = std::map<std::string, ImageFile>;

/// One sector, one length or one name, which a power cut leaves as it was or as one of `changes` has made it.
struct Choice {
  enum class What : std::uint8_t { sector, length, name };
  What what{};
  std::size_t object = 0;
  std::uint64_t sector = 0;
  std::vector<Change> changes;  ///< rising
};
/// For each choice how many of its changes have reached the disk.
using Picks = std::vector<std::size_t>;

class DiskModel {
 public:
  /// What is in `root` now is durable.
  explicit DiskModel(const std::filesystem::path& root);

  void apply(const Event& event);

  /// Rises whenever something becomes durable.
  [[nodiscard]] std::uint64_t syncs() const { return syncs_; }
  [[nodiscard]] std::vector<Choice> choices() const;
  /// What a power cut leaves with `picks` of `choices`.
  [[nodiscard]] Image image(const std::vector<Choice>& choices, const Picks& picks) const;
  /// What the kernel shows.
  [[nodiscard]] Image shown() const;

 private:
  /// What one change made of something.
  template <class Value>
  struct Version {
    Change change = 0;
    /// A sync of it has failed: the kernel holds it for written, the disk may not have it, and no later sync will give it.
    bool doubtful = false;
    Value value{};
  };
  template <class Value>
  using Versions = std::vector<Version<Value>>;
  using Sector = std::array<std::byte, sector_bytes>;

  struct Object {
    bool is_folder = false;
    bool mapped = false;
    Bytes shown{};
    Bytes durable{};
    std::uint64_t durable_length = 0;
    Versions<std::uint64_t> lengths{};
    std::map<std::uint64_t, Versions<Sector>> sectors{};
  };
  struct NameChange {
    EventKind kind{};
    std::size_t folder = 0;
    std::string path{};
    std::string to{};
    std::size_t object = 0;
  };
  using Names = std::map<std::string, std::size_t>;

  void apply_name(const Event& event);
  void apply_length(Object& object, std::uint64_t length);
  void apply_write(const Event& event);
  void finish_sync(const Event& event);
  void make_durable(Object& object, Change upto, std::uint64_t first_sector, std::uint64_t last_sector);
  void make_names_durable(std::size_t folder, Change upto);
  void doubt(std::size_t number, Change upto);
  static void change_names(Names& names, const NameChange& change);
  [[nodiscard]] std::size_t object_of(std::uint64_t inode) const;

  std::vector<Object> objects_;
  std::map<std::uint64_t, std::size_t> by_inode_;
  Names shown_names_;
  Names durable_names_;
  Versions<NameChange> name_changes_;
  /// By the number of its call: what had been done when it began.
  std::map<std::uint64_t, Change> syncing_;
  Change changes_ = 0;
  std::uint64_t syncs_ = 0;
};

}  // namespace conclave::powercut
