// A candidacy from the first campaign to the cancellation: it goes on through everything else.
#include <doctest/doctest.h>

#include "unit/client/members.hpp"

using namespace conclave;
using namespace conclave::client;

namespace {

/// One candidate, and what its callbacks told.
struct Candidate {
  Candidate(Members& members, const std::string& node, CampaignOptions options = {}) {
    auto started = members.election(node, "boss").campaign(
        std::move(options), {.on_elected =
                                 [this](const Term& term) {
                                   told.emplace_back("elected");
                                   terms.push_back(term);
                                   active_when_told = term.active();
                                 },
                             .on_revoked =
                                 [this](const Term& term, const Error& reason) {
                                   told.emplace_back("revoked");
                                   reasons.push_back(reason);
                                   inactive_when_told = !term.active();
                                 }});
    campaign = std::move(*started);
  }
  Candidate(const Candidate&) = delete;

  [[nodiscard]] bool leads() const { return campaign.term().has_value(); }

  std::vector<std::string> told;
  std::vector<Term> terms;
  std::vector<Error> reasons;
  bool active_when_told = false;
  bool inactive_when_told = false;
  Campaign campaign;
};

const coordination::Resource* boss(Members& members, const std::string& node) {
  return members.world.engine(node).state().resource({.kind = coordination::ResourceKind::election, .name = "boss"});
}

}  // namespace

TEST_CASE("a candidate alone is elected, with a term that is active when it is told") {
  Members members(3);
  Candidate one(members, "1", {.value = "10.0.0.1:80"});
  REQUIRE(members.until([&] { return one.leads(); }));
  members.world.run_for(1ms);
  CHECK(one.told == std::vector<std::string>{"elected"});
  CHECK(one.active_when_told);
  const auto term = one.campaign.term();
  REQUIRE(term);
  CHECK(term->election() == "boss");
  CHECK(term->token() == one.terms[0].token());
  CHECK(term->remaining() > 3s);
  CHECK_FALSE(term->stop_token().stop_requested());

  Answer<std::optional<Leader>> asked;
  members.election("2", "boss").leader(1s, asked.taker());
  REQUIRE(members.until(asked));
  REQUIRE((*asked).has_value());
  CHECK((*asked)->member_name == "1");
  CHECK((*asked)->member == members.world.process("1").status().self);
  CHECK((*asked)->token == term->token());
  CHECK(to_text((*asked)->value) == "10.0.0.1:80");
}

TEST_CASE("an election without candidates has no leader") {
  Members members(3);
  Answer<std::optional<Leader>> asked;
  members.election("2", "boss").leader(1s, asked.taker());
  REQUIRE(members.until(asked));
  REQUIRE(asked.ok());
  CHECK_FALSE((*asked).has_value());
}

TEST_CASE("resign ends the term and stands again at the end of the queue") {
  Members members(3);
  Candidate one(members, "1");
  REQUIRE(members.until([&] { return one.leads(); }));
  Candidate two(members, "2");
  members.world.run_for(100ms);
  Answer<void> resigned;
  one.campaign.resign(resigned.taker());
  REQUIRE(members.until([&] { return two.leads(); }));
  CHECK(members.until(resigned, 100ms));
  CHECK(resigned.ok());
  CHECK_FALSE(one.leads());
  CHECK(one.terms[0].stop_token().stop_requested());
  CHECK(one.told == std::vector<std::string>{"elected", "revoked"});
  CHECK(one.inactive_when_told);
  CHECK(one.reasons[0] == errc::cancelled);

  Answer<void> resigned_too;
  two.campaign.resign(resigned_too.taker());
  REQUIRE(members.until([&] { return one.leads(); }));
  CHECK(one.campaign.term()->token() > two.terms.back().token());

  Answer<void> not_leading;
  two.campaign.resign(not_leading.taker());
  REQUIRE(members.until(not_leading));
  CHECK(not_leading.error() == errc::not_owner);
}

TEST_CASE("hand_over gives the term to the named candidate, past the rest of the queue") {
  Members members(3);
  Candidate one(members, "1");
  REQUIRE(members.until([&] { return one.leads(); }));
  Candidate two(members, "2");
  members.world.run_for(100ms);
  Candidate three(members, "3");
  members.world.run_for(100ms);

  Answer<void> to_nobody;
  one.campaign.hand_over("4", to_nobody.taker());
  REQUIRE(members.until(to_nobody));
  CHECK(to_nobody.error() == errc::not_found);
  CHECK(one.leads());

  Answer<void> handed;
  one.campaign.hand_over("3", handed.taker());
  REQUIRE(members.until(handed));
  CHECK(handed.ok());
  REQUIRE(members.until([&] { return three.leads(); }));
  CHECK(two.told.empty());
  CHECK(one.told == std::vector<std::string>{"elected", "revoked"});
  // It stands again.
  members.world.run_for(100ms);
  CHECK(boss(members, "1")->waiters.size() == 2);
}

TEST_CASE("the higher priority is elected first among those who wait") {
  Members members(3);
  Candidate one(members, "1");
  REQUIRE(members.until([&] { return one.leads(); }));
  Candidate low(members, "2", {.priority = 1});
  members.world.run_for(100ms);
  Candidate high(members, "3", {.priority = 200});
  members.world.run_for(100ms);
  one.campaign.cancel([](const Result<void>&) {});
  REQUIRE(members.until([&] { return low.leads() || high.leads(); }));
  CHECK(high.leads());
}

TEST_CASE("cancel withdraws for good, leading or waiting") {
  Members members(3);
  Candidate one(members, "1");
  REQUIRE(members.until([&] { return one.leads(); }));
  Candidate two(members, "2");
  members.world.run_for(100ms);

  Answer<void> waiting_ends;
  two.campaign.cancel(waiting_ends.taker());
  REQUIRE(members.until(waiting_ends));
  CHECK(waiting_ends.ok());
  CHECK(boss(members, "2")->waiters.empty());

  Answer<void> leading_ends;
  one.campaign.cancel(leading_ends.taker());
  REQUIRE(members.until(leading_ends));
  CHECK(leading_ends.ok());
  CHECK(boss(members, "1") == nullptr);
  members.world.run_for(5s);
  CHECK(boss(members, "1") == nullptr);
  CHECK(one.told == std::vector<std::string>{"elected", "revoked"});
  CHECK(two.told.empty());
}

TEST_CASE("a campaign that goes out of scope resigns") {
  Members members(3);
  auto one = std::make_unique<Candidate>(members, "1");
  REQUIRE(members.until([&] { return one->leads(); }));
  Candidate two(members, "2");
  members.world.run_for(100ms);
  one->campaign = Campaign();
  CHECK(members.until([&] { return two.leads(); }, 1s));
}

TEST_CASE("a campaign goes on after a loss, in the next session") {
  Members members(3);
  const auto node = members.follower();
  Candidate one(members, node);
  REQUIRE(members.until([&] { return one.leads(); }));
  const auto session = members.world.client(node).session();
  std::set<std::string> rest{"1", "2", "3"};
  rest.erase(node);
  members.world.network().partition({{node}, rest});
  REQUIRE(members.until([&] { return one.told.size() == 2; }));
  CHECK(one.reasons[0] == errc::session_ended);
  CHECK_FALSE(one.leads());
  members.world.run_for(2s);
  members.world.network().heal();
  REQUIRE(members.until([&] { return one.leads(); }, 30s));
  members.world.run_for(1ms);
  CHECK(one.told == std::vector<std::string>{"elected", "revoked", "elected"});
  CHECK(one.terms[1].token() > one.terms[0].token());
  CHECK(members.world.client(node).session() != session);
}
