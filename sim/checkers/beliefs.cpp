#include "sim/checkers/beliefs.hpp"

#include <algorithm>
#include <concepts>
#include <map>

namespace conclave::sim {

namespace {

template <class Fact>
Believer believer(const Fact& fact) {
  if constexpr (requires { fact.session; })
    return {fact.res, fact.node, fact.session, fact.token};
  else
    return {fact.res, fact.node, {}, fact.epoch};
}

class Collector {
 public:
  void open(const auto& fact, std::size_t index) {
    const auto until = fact.until.value_or(TrueTime::max());
    const auto [place, is_new] = latest_.try_emplace(believer(fact), found_.all.size());
    if (!is_new) {
      auto& belief = found_.all[place->second];
      if (fact.at <= belief.to && !closed_[place->second]) {
        // A renewal never shortens: only a closing fact takes back what was once believed.
        if (until > belief.to) belief.last = index;
        belief.to = std::max(belief.to, until);
        return;
      }
      place->second = found_.all.size();
    }
    found_.all.push_back({place->first, fact.at, until, index, index});
    closed_.push_back(false);
  }

  void close(const auto& fact, std::size_t index) {
    const auto known = latest_.find(believer(fact));
    if (known == latest_.end()) return found_.strays.push_back(index);
    end(known->second, fact.at, index);
  }

  void crash(const Crash& fact, std::size_t index) {
    for (const auto& [who, place] : latest_)
      if (who.node == fact.node) end(place, fact.at, index);
  }

  Beliefs finish() { return std::move(found_); }

 private:
  void end(std::size_t place, TrueTime when, std::size_t index) {
    auto& belief = found_.all[place];
    closed_[place] = true;
    if (when >= belief.to) return;
    belief.to = when;
    belief.last = index;
  }

  Beliefs found_;
  /// Beside `found_.all`: ended by a fact, so that the next opening fact begins another.
  std::vector<bool> closed_;
  std::map<Believer, std::size_t> latest_;
};

template <class Opening, class Closing>
Beliefs collect(const History& history) {
  Collector collector;
  for (std::size_t i = 0; i < history.events.size(); ++i) {
    const auto& event = history.events[i];
    if (const auto* opening = std::get_if<Opening>(&event)) collector.open(*opening, i);
    if (const auto* closing = std::get_if<Closing>(&event)) collector.close(*closing, i);
    if (const auto* crash = std::get_if<Crash>(&event)) collector.crash(*crash, i);
  }
  return collector.finish();
}

}  // namespace

Beliefs holds(const History& history) { return collect<Hold, Drop>(history); }
Beliefs leads(const History& history) { return collect<Lead, Unlead>(history); }

}  // namespace conclave::sim
