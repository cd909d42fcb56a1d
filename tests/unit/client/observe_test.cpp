// Observers of an election: all hear of the same leaders in the same order, and of each.
#include <doctest/doctest.h>

#include "unit/client/members.hpp"
#include "unit/client/stage.hpp"

using namespace conclave;
using namespace conclave::client;

namespace {

/// Writes down who leads; `-` is nobody.
struct Heard {
  std::function<void(const std::optional<Leader>&)> taker() {
    return [this](const std::optional<Leader>& leader) { names.push_back(leader ? leader->member_name : "-"); };
  }
  std::vector<std::string> names;
};

coordination::Acquire candidacy() {
  return {.resource = {.kind = coordination::ResourceKind::election, .name = "boss"}, .value = to_bytes("other's")};
}

}  // namespace

TEST_CASE("an observer hears the present leader first, then each change") {
  Stage stage;
  auto campaign = stage.election("boss").campaign({}, {});
  stage.settle();
  Heard heard;
  const auto observation = stage.election("boss").observe(heard.taker());
  const auto deaf = stage.election("boss").observe({});
  stage.settle();
  CHECK(heard.names == std::vector<std::string>{"me"});
  campaign->cancel([](const Result<void>&) {});
  stage.settle();
  CHECK(heard.names == std::vector<std::string>{"me", "-"});
}

TEST_CASE("no change is lost when several are applied in one batch") {
  Stage stage;
  Heard heard;
  const auto observation = stage.election("boss").observe(heard.taker());
  auto campaign = stage.election("boss").campaign({}, {});
  stage.settle();
  const auto other = stage.host->open_other();
  stage.host->choose(coordination::Submission{
      .session = other, .sequence = Sequence{1}, .answered_below = Sequence{1}, .op = candidacy()});
  campaign->resign([](const Result<void>&) {});
  stage.host->settle();
  REQUIRE(stage.host->commands() == 1);
  // Its leader goes at once again, and this node learns of both together.
  const auto next = Token{stage.host->state().resources().begin()->second.holder->token.value + 1};
  stage.host->queue(coordination::Submission{
      .session = other,
      .sequence = Sequence{2},
      .answered_below = Sequence{1},
      .op = coordination::Release{.resource = candidacy().resource, .token = next}});
  stage.host->choose();
  stage.host->settle();
  CHECK(heard.names == std::vector<std::string>{"-", "me", "-", "other", "-"});
}

TEST_CASE("all nodes hear the same sequence of leaders and terms, whatever becomes of the connection") {
  Members members(3);
  std::map<std::string, std::vector<std::optional<Leader>>> heard;
  std::vector<Observation> observations;
  for (const auto* node : {"1", "2", "3"})
    observations.push_back(members.election(node, "boss").observe([&heard, node](const std::optional<Leader>& leader) {
      heard[node].push_back(leader);
    }));
  members.world.run_for(10ms);
  std::vector<Campaign> campaigns;
  for (const auto* node : {"1", "2", "3"}) campaigns.push_back(*members.election(node, "boss").campaign({.value = node}, {}));
  members.world.run_for(1s);
  for (int round = 0; round < 6; ++round) {
    // One is cut off meanwhile, and catches up in a few large batches.
    const auto away = members.follower();
    std::set<std::string> rest{"1", "2", "3"};
    rest.erase(away);
    members.world.network().partition({{away}, rest});
    for (auto& campaign : campaigns) campaign.resign([](const Result<void>&) {});
    members.world.run_for(1s);
    members.world.network().heal();
    members.world.run_for(1s);
  }
  REQUIRE(heard["1"].size() > 10);
  CHECK(heard["1"] == heard["2"]);
  CHECK(heard["1"] == heard["3"]);
  Token last{};
  for (const auto& leader : heard["1"]) {
    if (!leader) continue;
    CHECK(leader->token > last);
    last = leader->token;
  }
}

TEST_CASE("no callback starts after an observation has ended") {
  Stage stage;
  Heard heard;
  auto observation = stage.election("boss").observe(heard.taker());
  stage.settle();
  REQUIRE(heard.names.size() == 1);
  auto campaign = stage.election("boss").campaign({}, {});
  stage.host->run_loop();
  stage.host->choose();
  // Its news is on the executor already.
  observation = Observation();
  stage.settle();
  CHECK(heard.names.size() == 1);
}
