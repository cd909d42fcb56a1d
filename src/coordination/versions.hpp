// The versions of free names (C9). A lock's version never goes back, also when nobody holds it or waits for it; but
// names are unbounded, so the longest-free ones are forgotten, and a floor above all forgotten versions stands in for
// them.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <utility>

#include <conclave/types.hpp>

#include "coordination/command.hpp"

namespace conclave::coordination {

class Versions {
 public:
  struct Free {
    std::uint64_t version{0};
    /// Where it became free.
    Slot since;

    friend bool operator==(const Free&, const Free&) = default;
    template <class H>
    friend void hash_append(H& h, const Free& free) {
      h(free.version, free.since);
    }
  };

  Versions() = default;
  /// As it was: `free` holds at most `free_resources_max` names.
  Versions(std::uint64_t floor, std::map<ResourceName, Free> free);

  /// `name` is in use again: the version it has, or the floor.
  [[nodiscard]] std::uint64_t take(const ResourceName& name);
  /// `name` became free at `slot`. Beyond `free_resources_max` the one that was freed first goes, by slot, then by
  /// name.
  void remember(const ResourceName& name, std::uint64_t version, Slot slot);

  [[nodiscard]] std::uint64_t floor() const { return floor_; }
  [[nodiscard]] const std::map<ResourceName, Free>& free() const { return free_; }

  friend bool operator==(const Versions&, const Versions&) = default;
  template <class H>
  friend void hash_append(H& h, const Versions& versions) {
    h(versions.floor_, versions.free_);
  }

 private:
  void forget_first();

  std::uint64_t floor_{0};
  std::map<ResourceName, Free> free_;
  /// The same names, by when they became free.
  std::set<std::pair<Slot, ResourceName>> by_age_;
};

}  // namespace conclave::coordination
