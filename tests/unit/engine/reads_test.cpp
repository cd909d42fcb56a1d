// R1: both sides of a linearizable read.
#include <doctest/doctest.h>

#include "node.hpp"

using namespace conclave;
using namespace conclave::engine;
using namespace conclave::engine::test;

namespace {
constexpr Instant t0{1000s};
}

TEST_CASE("R1: one question covers all that waited when it was asked, and none that came later") {
  ReadAsker asker(150ms);
  CHECK_FALSE(asker.flush(t0));
  asker.ask(1);
  asker.ask(2);
  const auto first = asker.flush(t0);
  REQUIRE(first);
  asker.ask(3);
  CHECK_FALSE(asker.flush(t0));
  CHECK(asker.on_reply({.id = first->id, .ok = true, .slot = Slot{7}}) == std::vector<std::uint64_t>{1, 2});
  const auto second = asker.flush(t0);
  REQUIRE(second);
  CHECK(second->id != first->id);
  CHECK(asker.on_reply({.id = first->id, .ok = true, .slot = Slot{7}}).empty());  // a copy of the old answer
  CHECK(asker.on_reply({.id = second->id, .ok = false, .slot = {}}).empty());
  CHECK(asker.on_reply({.id = second->id, .ok = true, .slot = Slot{7}}) == std::vector<std::uint64_t>{3});
}

TEST_CASE("R1: an unanswered question is asked anew, at once when the leader is another") {
  ReadAsker asker(150ms);
  asker.ask(1);
  const auto first = asker.flush(t0);
  CHECK(asker.next_wakeup() == t0 + 150ms);
  CHECK_FALSE(asker.flush(t0 + 149ms));
  const auto second = asker.flush(t0 + 150ms);
  REQUIRE(second);
  asker.on_path_changed();
  const auto third = asker.flush(t0 + 151ms);
  REQUIRE(third);
  // What an earlier leader still answers is of an older question.
  CHECK(asker.on_reply({.id = first->id, .ok = true, .slot = Slot{7}}).empty());
  CHECK(asker.on_reply({.id = second->id, .ok = true, .slot = Slot{7}}).empty());
  CHECK(asker.on_reply({.id = third->id, .ok = true, .slot = Slot{7}}).size() == 1);
}

TEST_CASE("R1: a question is answered by a round begun after it arrived and after the term-start, with the watermark") {
  ReadAnswerer answerer;
  answerer.ask(LinkId{3}, {.id = 5}, t0);
  CHECK(answerer.wants_round());
  CHECK(answerer.on_round(t0 - 1ns, t0 - 1s, Slot{9}).empty());
  CHECK(answerer.on_round(t0 + 1ms, t0 + 2ms, Slot{9}).empty());  // P12
  const auto answers = answerer.on_round(t0 + 2ms, t0 + 2ms, Slot{9});
  REQUIRE(answers.size() == 1);
  CHECK(answers.front().to == LinkId{3});
  CHECK(answers.front().reply == ReadIndexReply{.id = 5, .ok = true, .slot = Slot{9}});
  CHECK_FALSE(answerer.wants_round());
}
