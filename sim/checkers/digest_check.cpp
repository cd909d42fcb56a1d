#include <map>

#include "sim/checkers/checks.hpp"

namespace conclave::sim {

namespace {

/// What was first said of a slot, and where.
struct Said {
  std::string_view what;
  std::size_t index{0};
};

/// Keeps the first saying of each slot; those that differ are violations.
class Sayings {
 public:
  Sayings(std::string_view kind, const History& history) : kind_(kind), history_(history) {}

  void say(std::int64_t slot, std::string_view what, std::size_t index, Violations& found) {
    const auto [first, is_new] = of_slot_.try_emplace(slot, Said{what, index});
    if (is_new || first->second.what == what) return;
    found.push_back(violation("state-digest", "slot " + std::to_string(slot), history_, {first->second.index, index},
                              "the " + std::string(kind_) + " is " + std::string(first->second.what) + " here and " +
                                  std::string(what) + " there"));
  }

 private:
  std::string_view kind_;
  const History& history_;
  std::map<std::int64_t, Said> of_slot_;
};

}  // namespace

Violations state_digest(const History& history) {
  Violations found;
  Sayings commands("command", history);
  Sayings states("state after it", history);
  for (std::size_t i = 0; i < history.events.size(); ++i) {
    if (const auto* apply = std::get_if<Apply>(&history.events[i])) {
      commands.say(apply->slot, apply->hash, i, found);
      states.say(apply->slot, apply->digest, i, found);
    }
    if (const auto* restore = std::get_if<Restore>(&history.events[i]))
      states.say(restore->slot, restore->digest, i, found);
  }
  return found;
}

}  // namespace conclave::sim
