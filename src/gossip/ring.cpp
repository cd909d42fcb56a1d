#include "gossip/ring.hpp"

#include <algorithm>
#include <set>

namespace conclave::gossip {

void Ring::insert(MemberId member) {
  order_.push_back(member);
  std::swap(order_.back(), order_[next_ + prng_.below(order_.size() - next_)]);
}

void Ring::erase(MemberId member) {
  const auto found = std::ranges::find(order_, member);
  if (found == order_.end()) return;
  if (static_cast<std::size_t>(found - order_.begin()) < next_) --next_;
  order_.erase(found);
}

std::optional<MemberId> Ring::next() {
  if (order_.empty()) return std::nullopt;
  if (next_ == order_.size()) {
    for (std::size_t last = order_.size(); last > 1; --last) std::swap(order_[last - 1], order_[prng_.below(last)]);
    next_ = 0;
  }
  return order_[next_++];
}

std::vector<MemberId> Ring::sample(std::size_t count, MemberId but) {
  // The last place stands in for that of `but`, so that all others are equally likely.
  const auto found = but.is_nil() ? order_.end() : std::ranges::find(order_, but);
  const auto skipped = static_cast<std::size_t>(found - order_.begin());
  const std::size_t choices = order_.size() - (found == order_.end() ? 0 : 1);

  // Floyd's sampling: one draw for each of the chosen, however many there are to choose from.
  std::set<std::size_t> chosen;
  for (std::size_t top = choices - std::min(count, choices); top < choices; ++top) {
    const std::size_t drawn = prng_.below(top + 1);
    chosen.insert(chosen.contains(drawn) ? top : drawn);
  }
  std::vector<MemberId> members;
  for (const std::size_t place : chosen) members.push_back(order_[place == skipped ? choices : place]);
  return members;
}

}  // namespace conclave::gossip
