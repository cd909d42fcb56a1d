#include "sim/checkers/history.hpp"

#include <algorithm>

#include "sim/checkers/words.hpp"

namespace conclave::sim {

std::string to_string(const Object& object) { return std::string(word(object.kind)) + ":" + object.key; }

TrueTime at(const Event& event) {
  return std::visit([](const auto& any) { return any.at; }, event);
}

void put_in_order(History& history) { std::ranges::stable_sort(history.events, {}, at); }

}  // namespace conclave::sim
