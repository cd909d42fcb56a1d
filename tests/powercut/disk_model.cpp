#include "powercut/disk_model.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <limits>
#include <stdexcept>

namespace conclave::powercut {
namespace {

constexpr std::uint64_t last_sector_of_all = std::numeric_limits<std::uint64_t>::max();

std::uint64_t inode_of(const std::filesystem::path& path) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0) throw std::runtime_error("cannot examine " + path.string());
  return status.st_ino;
}

Bytes read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string all{std::istreambuf_iterator<char>(file), {}};
  return to_bytes(all);
}

/// The bytes of a sector; behind the end there are zeros.
template <class Sector>
Sector sector_of(const Bytes& bytes, std::uint64_t number) {
  Sector sector{};
  const std::size_t at = number * sector.size();
  const std::size_t size = std::min(sector.size(), bytes.size() - std::min(at, bytes.size()));
  if (size > 0) std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), size, sector.begin());
  return sector;
}

template <class Sector>
void put_sector(Bytes& bytes, std::uint64_t number, const Sector& sector) {
  const std::size_t at = number * sector.size();
  if (bytes.size() < at + sector.size()) bytes.resize(at + sector.size());
  std::ranges::copy(sector, bytes.begin() + static_cast<std::ptrdiff_t>(at));
}

/// Takes out what is durable now: the last version up to `upto` that is not in doubt. It hides all before it.
template <class Versions, class Take>
void settle(Versions& versions, Change upto, Take take) {
  for (auto at = versions.size(); at > 0; --at) {
    auto& version = versions[at - 1];
    if (version.change > upto || version.doubtful) continue;
    take(version.value);
    versions.erase(versions.begin(), versions.begin() + static_cast<std::ptrdiff_t>(at));
    return;
  }
}

template <class Versions>
void doubt_upto(Versions& versions, Change upto) {
  for (auto& version : versions) version.doubtful = version.doubtful || version.change <= upto;
}

template <class Versions>
std::vector<Change> changes_of(const Versions& versions) {
  std::vector<Change> changes;
  for (const auto& version : versions) changes.push_back(version.change);
  return changes;
}

std::string folder_of(const std::string& path) {
  const auto end = path.rfind('/');
  return end == std::string::npos ? std::string() : path.substr(0, end);
}

}  // namespace

DiskModel::DiskModel(const std::filesystem::path& root) {
  const auto add = [&](const std::filesystem::path& path, const std::string& name) {
    Object object{.is_folder = std::filesystem::is_directory(path)};
    if (!object.is_folder) object.shown = object.durable = read_file(path);
    object.durable_length = object.durable.size();
    by_inode_[inode_of(path)] = durable_names_[name] = objects_.size();
    objects_.push_back(std::move(object));
  };
  add(root, "");
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root))
    add(entry.path(), entry.path().lexically_relative(root).string());
  shown_names_ = durable_names_;
}

std::size_t DiskModel::object_of(std::uint64_t inode) const {
  const auto found = by_inode_.find(inode);
  if (found == by_inode_.end()) throw std::runtime_error("the log names a file that nobody made");
  return found->second;
}

void DiskModel::apply(const Event& event) {
  switch (event.kind) {
    case EventKind::create:
    case EventKind::make_folder:
    case EventKind::rename:
    case EventKind::unlink: return apply_name(event);
    case EventKind::truncate: return apply_length(objects_[object_of(event.inode)], event.at);
    case EventKind::allocate: {
      auto& object = objects_[object_of(event.inode)];
      return event.at > object.shown.size() ? apply_length(object, event.at) : void();
    }
    case EventKind::write:
    case EventKind::write_synced: return apply_write(event);
    case EventKind::sync_begin: syncing_[event.number] = changes_; return;
    case EventKind::sync_end: return finish_sync(event);
    case EventKind::mapped: objects_[object_of(event.inode)].mapped = true; return;
    case EventKind::fault:
    case EventKind::acknowledge: return;
  }
}

void DiskModel::apply_name(const Event& event) {
  NameChange change{.kind = event.kind, .path = event.text};
  if (event.kind == EventKind::create || event.kind == EventKind::make_folder) {
    change.object = by_inode_[event.inode] = objects_.size();
    objects_.push_back({.is_folder = event.kind == EventKind::make_folder});
  } else if (event.kind == EventKind::rename) {
    const auto middle = event.text.find('\0');
    change.path = event.text.substr(0, middle);
    change.to = event.text.substr(middle + 1);
    if (folder_of(change.path) != folder_of(change.to))
      throw std::runtime_error("a rename from folder to folder is not modelled");
  }
  change.folder = shown_names_.at(folder_of(change.path));
  change_names(shown_names_, change);
  name_changes_.push_back({.change = ++changes_, .doubtful = false, .value = std::move(change)});
}

void DiskModel::change_names(Names& names, const NameChange& change) {
  switch (change.kind) {
    case EventKind::rename: {
      // Of a folder: what is in it goes along.
      const auto moved = names.extract(change.path);
      if (moved.empty()) return;
      names.insert_or_assign(change.to, moved.mapped());
      for (auto at = names.lower_bound(change.path + "/"); at != names.end() && at->first.starts_with(change.path + "/");) {
        names.insert_or_assign(change.to + at->first.substr(change.path.size()), at->second);
        at = names.erase(at);
      }
      return;
    }
    case EventKind::unlink: names.erase(change.path); return;
    default: names[change.path] = change.object; return;
  }
}

void DiskModel::apply_length(Object& object, std::uint64_t length) {
  const std::uint64_t before = object.shown.size();
  ++changes_;
  object.shown.resize(length);
  object.lengths.push_back({.change = changes_, .doubtful = false, .value = length});
  // What is cut off is zeros when the file grows again.
  for (std::uint64_t sector = length / sector_bytes; sector * sector_bytes < before; ++sector)
    object.sectors[sector].push_back({.change = changes_, .doubtful = false, .value = sector_of<Sector>(object.shown, sector)});
}

void DiskModel::apply_write(const Event& event) {
  auto& object = objects_[object_of(event.inode)];
  const Change change = ++changes_;
  const std::uint64_t end = event.at + event.text.size();
  if (end > object.shown.size()) {
    object.shown.resize(end);
    object.lengths.push_back({.change = change, .doubtful = false, .value = end});
  }
  std::memcpy(object.shown.data() + event.at, event.text.data(), event.text.size());
  const std::uint64_t first = event.at / sector_bytes;
  const std::uint64_t last = (end - 1) / sector_bytes;
  for (auto sector = first; sector <= last; ++sector)
    object.sectors[sector].push_back({.change = change, .doubtful = false, .value = sector_of<Sector>(object.shown, sector)});
  // Of other writes to the file an O_DSYNC descriptor says nothing.
  if (event.kind == EventKind::write_synced) make_durable(object, change, first, last);
}

void DiskModel::finish_sync(const Event& event) {
  const Change upto = syncing_.at(event.number);
  const std::size_t number = object_of(event.inode);
  if (event.error != 0) return doubt(number, upto);
  if (objects_[number].is_folder) return make_names_durable(number, upto);
  make_durable(objects_[number], upto, 0, last_sector_of_all);
}

void DiskModel::make_durable(Object& object, Change upto, std::uint64_t first_sector, std::uint64_t last_sector) {
  ++syncs_;
  settle(object.lengths, upto, [&](std::uint64_t length) { object.durable_length = length; });
  for (auto at = object.sectors.lower_bound(first_sector); at != object.sectors.end() && at->first <= last_sector;) {
    settle(at->second, upto, [&](const Sector& sector) { put_sector(object.durable, at->first, sector); });
    at = at->second.empty() ? object.sectors.erase(at) : std::next(at);
  }
}

void DiskModel::make_names_durable(std::size_t folder, Change upto) {
  ++syncs_;
  std::erase_if(name_changes_, [&](const auto& version) {
    if (version.value.folder != folder || version.change > upto || version.doubtful) return false;
    change_names(durable_names_, version.value);
    return true;
  });
}

void DiskModel::doubt(std::size_t number, Change upto) {
  doubt_upto(objects_[number].lengths, upto);
  for (auto& [sector, versions] : objects_[number].sectors) doubt_upto(versions, upto);
  for (auto& version : name_changes_)
    if (version.value.folder == number && version.change <= upto) version.doubtful = true;
}

std::vector<Choice> DiskModel::choices() const {
  std::vector<Choice> choices;
  for (const auto& version : name_changes_)
    choices.push_back({.what = Choice::What::name, .object = version.value.folder, .changes = {version.change}});
  for (std::size_t number = 0; number < objects_.size(); ++number) {
    const auto& object = objects_[number];
    if (object.mapped) continue;
    if (!object.lengths.empty())
      choices.push_back({.what = Choice::What::length, .object = number, .changes = changes_of(object.lengths)});
    for (const auto& [sector, versions] : object.sectors)
      choices.push_back({.what = Choice::What::sector, .object = number, .sector = sector, .changes = changes_of(versions)});
  }
  return choices;
}

Image DiskModel::image(const std::vector<Choice>& choices, const Picks& picks) const {
  Names names = durable_names_;
  std::map<std::size_t, std::vector<std::size_t>> picked;  // by object: choices that are not "as it was"
  std::size_t name = 0;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (choices[i].what == Choice::What::name && picks[i] > 0) change_names(names, name_changes_[name].value);
    if (choices[i].what == Choice::What::name) ++name;
    else if (picks[i] > 0) picked[choices[i].object].push_back(i);
  }

  Image image;
  for (const auto& [path, number] : names) {
    // Without its folder there is no file.
    if (path.empty() || (path.find('/') != std::string::npos && !image.contains(folder_of(path)))) continue;
    const auto& object = objects_[number];
    ImageFile file{.is_folder = object.is_folder, .mapped = object.mapped, .bytes = object.durable};
    std::uint64_t length = object.mapped ? object.shown.size() : object.durable_length;
    for (const auto i : picked[number]) {
      const auto& choice = choices[i];
      if (choice.what == Choice::What::length) length = object.lengths[picks[i] - 1].value;
      else put_sector(file.bytes, choice.sector, object.sectors.at(choice.sector)[picks[i] - 1].value);
    }
    file.bytes.resize(length);
    image.emplace(path, std::move(file));
  }
  return image;
}

Image DiskModel::shown() const {
  Image image;
  for (const auto& [path, number] : shown_names_) {
    const auto& object = objects_[number];
    if (!path.empty()) image.emplace(path, ImageFile{object.is_folder, object.mapped, object.shown});
  }
  return image;
}

}  // namespace conclave::powercut
