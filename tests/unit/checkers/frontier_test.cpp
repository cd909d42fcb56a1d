// Which configurations are kept.
#include "sim/checkers/frontier.hpp"

#include <doctest/doctest.h>

using namespace conclave::sim;

namespace {

Configuration with_spent(Numbers spent, Numbers ahead = {}) { return {{1, 2}, std::move(ahead), std::move(spent)}; }

}  // namespace

TEST_CASE("frontier: of two that differ in what they spent, the thriftier is kept") {
  Frontier frontier(9);
  CHECK(frontier.insert(with_spent({1, 2, 2})));
  CHECK_FALSE(frontier.insert(with_spent({1, 2, 2})));
  CHECK_FALSE(frontier.insert(with_spent({1, 2, 2, 3})));
  CHECK(frontier.insert(with_spent({3})));
  CHECK(frontier.insert(with_spent({1, 2, 2}, {7})));
  CHECK(frontier.size() == 3);
  CHECK(frontier.insert(with_spent({2, 2})));
  CHECK(frontier.size() == 3);
  CHECK_FALSE(frontier.is_narrowed());
}

TEST_CASE("frontier: where there is no room the one that spent most goes, and it is told") {
  Frontier frontier(2);
  CHECK(frontier.insert(with_spent({1, 2})));
  CHECK(frontier.insert(with_spent({3, 4, 5})));
  CHECK_FALSE(frontier.insert(with_spent({6, 7, 8})));
  CHECK(frontier.is_narrowed());
  CHECK(frontier.insert(with_spent({9})));
  CHECK(frontier.size() == 2);
  std::vector<Numbers> kept;
  frontier.for_each([&](const Configuration& each) { kept.push_back(each.spent); });
  CHECK(kept == std::vector<Numbers>{{1, 2}, {9}});
}
