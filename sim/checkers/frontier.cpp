#include "sim/checkers/frontier.hpp"

#include <algorithm>

namespace conclave::sim {

bool Frontier::insert(const Configuration& configuration) {
  auto& choices = spent_[{configuration.state, configuration.ahead}];
  const auto& spent = configuration.spent;
  if (std::ranges::any_of(choices, [&](const Numbers& less) { return std::ranges::includes(spent, less); }))
    return false;
  size_ -= std::erase_if(choices, [&](const Numbers& more) { return std::ranges::includes(more, spent); });
  if (choices.size() < width_) {
    choices.push_back(spent);
    ++size_;
    return true;
  }
  is_narrowed_ = true;
  // Who has spent least has most before it.
  const auto most = std::ranges::max_element(choices, {}, &Numbers::size);
  if (most->size() <= spent.size()) return false;
  *most = spent;
  return true;
}

}  // namespace conclave::sim
