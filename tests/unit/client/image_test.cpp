// A gap in what a node saw: the state came as an image, and every handle learns from it what became of its request or grant.
#include <doctest/doctest.h>

#include "unit/client/answer.hpp"
#include "unit/client/members.hpp"
#include "unit/client/stage.hpp"

using namespace conclave;
using namespace conclave::client;

namespace {

const coordination::ResourceName jobs{.kind = coordination::ResourceKind::lock, .name = "jobs"};

/// Another session beside the client's.
struct Gap : Stage {
  Gap() : other(host->open_other()) {}

  void other_does(coordination::Op op) {
    host->choose(coordination::Submission{
        .session = other, .sequence = ++sequence, .answered_below = Sequence{1}, .op = std::move(op)});
  }
  [[nodiscard]] Token holder() const { return host->state().resource(jobs)->holder->token; }

  SessionId other;
  Sequence sequence;
};

}  // namespace

TEST_CASE("O4: what was granted in the gap is given to who waits for it") {
  Gap stage;
  stage.other_does(coordination::Acquire{.resource = jobs});
  Answer<Lock> waiting;
  (void)stage.lock("jobs").acquire({}, waiting.taker());
  stage.settle();
  stage.host->look_away();
  stage.other_does(coordination::Release{.resource = jobs, .token = stage.holder()});
  stage.host->settle();
  CHECK_FALSE(waiting.came());
  stage.host->install();
  stage.settle();
  REQUIRE(waiting.ok());
  CHECK(waiting->held());
  CHECK(waiting->token() == stage.holder());
  CHECK(waiting->version() == 2);
  CHECK(waiting.calls() == 1);
}

TEST_CASE("O4: an answer and a grant of the same gap") {
  Gap stage;
  Answer<Lock> tried;
  stage.lock("jobs").try_acquire(tried.taker());
  auto campaign = stage.election("boss").campaign({}, {});
  stage.host->run_loop();
  stage.host->look_away();
  stage.host->choose();
  stage.host->install();
  stage.settle();
  REQUIRE(tried.ok());
  CHECK(tried->held());
  CHECK(campaign->term().has_value());
}

TEST_CASE("O4: who waits still goes on waiting") {
  Gap stage;
  stage.other_does(coordination::Acquire{.resource = jobs});
  Answer<Lock> waiting;
  (void)stage.lock("jobs").acquire({}, waiting.taker());
  Answer<Lock> not_chosen_yet;
  stage.host->settle();
  stage.host->choose();
  (void)stage.lock("jobs").acquire({}, not_chosen_yet.taker());
  stage.host->settle();
  REQUIRE(stage.host->commands() == 1);
  stage.host->look_away();
  stage.host->install();
  stage.settle();
  CHECK_FALSE(waiting.came());
  CHECK_FALSE(not_chosen_yet.came());
  CHECK(stage.host->state().resource(jobs)->waiters.size() == 2);
  stage.other_does(coordination::Release{.resource = jobs, .token = stage.holder()});
  stage.settle();
  CHECK(waiting.ok());
  waiting.drop();
  stage.settle();
  CHECK(not_chosen_yet.ok());
}

TEST_CASE("O4: a grant that ended in the gap is lost, with its cause; one that goes on is held") {
  Gap stage;
  Answer<Lock> gone;
  Answer<Lock> kept;
  (void)stage.lock("jobs").acquire({}, gone.taker());
  (void)stage.lock("kept").acquire({}, kept.taker());
  int led = 0;
  auto campaign = stage.election("boss").campaign({}, {.on_elected = [&](const Term&) { ++led; }});
  stage.settle();
  std::vector<Error> lost;
  gone->on_lost([&](const Error& reason) { lost.push_back(reason); });
  const auto deposed = campaign->term()->token();
  stage.host->look_away();
  const coordination::ResourceName boss{.kind = coordination::ResourceKind::election, .name = "boss"};
  stage.other_does(coordination::Revoke{.resource = jobs, .token = gone->token()});
  stage.host->end_grant("jobs", gone->token());
  stage.other_does(coordination::Revoke{.resource = boss, .token = deposed});
  stage.host->install();
  CHECK_FALSE(gone->held());
  CHECK(kept->held());
  stage.settle();
  REQUIRE(lost.size() == 1);
  CHECK(lost[0] == errc::lock_lost);
  CHECK(lost[0].detail.find("revoked") != std::string::npos);
  // The revoked term, ending but not ended, is given back, and the candidate stands again.
  CHECK(led == 2);
  CHECK(campaign->term()->token() > deposed);
}

TEST_CASE("O4: a grant that came and is being taken away within the gap is told as both") {
  Gap stage;
  Answer<Lock> answer;
  (void)stage.lock("jobs").acquire({}, answer.taker());
  stage.host->run_loop();
  stage.host->look_away();
  stage.host->choose();
  stage.other_does(coordination::Revoke{.resource = jobs, .token = stage.holder()});
  stage.host->install();
  stage.settle();
  REQUIRE(answer.ok());
  CHECK_FALSE(answer->held());
  CHECK(stage.host->state().resource(jobs) == nullptr);
}

TEST_CASE("O4: a request whose grant came and went in the gap asks again") {
  Gap stage;
  Answer<Lock> answer;
  (void)stage.lock("jobs").acquire({}, answer.taker());
  stage.host->run_loop();
  stage.host->look_away();
  stage.host->choose();
  const auto first = stage.holder();
  stage.other_does(coordination::Revoke{.resource = jobs, .token = first});
  stage.host->end_grant("jobs", first);
  stage.host->install();
  stage.settle();
  REQUIRE(answer.ok());
  CHECK(answer->held());
  CHECK(answer->token() > first);
}

TEST_CASE("O4: a session that ended in the gap is told of by itself: its grants are not told twice") {
  Gap stage;
  Answer<Lock> answer;
  (void)stage.lock("jobs").acquire({}, answer.taker());
  stage.settle();
  std::vector<Error> lost;
  answer->on_lost([&](const Error& reason) { lost.push_back(reason); });
  stage.host->look_away();
  stage.host->end_session_in_log();
  stage.host->install();
  stage.host->expire_session();
  stage.settle();
  REQUIRE(lost.size() == 1);
  CHECK(lost[0] == errc::session_ended);
  CHECK(stage.client->session().has_value());
}

TEST_CASE("O4: an ephemeral node whose member dies keeps its lock, and gets the one it waits for") {
  Members members(3);
  auto& machine = members.world.add("e");
  machine.config.data_dir.clear();
  machine.config.listen.clear();
  machine.config.join = {"node-1:7400", "node-2:7400", "node-3:7400"};
  std::string attached;
  members.world.onlooker.packet = [&](const std::string& from, const std::string& to, const transport::Packet&) {
    if (from == "e") attached = to;
  };
  REQUIRE(members.world.start("e"));
  REQUIRE(members.until([&] { return members.world.client("e").session().has_value(); }));
  const auto session = members.world.client("e").session();
  const auto held = members.take("e", "mine");
  const auto other = members.follower();
  auto taken = std::make_unique<Lock>(members.take(other, "jobs"));
  Answer<Lock> waiting;
  (void)members.lock("e", "jobs").acquire({}, waiting.taker());
  members.world.run_for(200ms);
  REQUIRE_FALSE(attached.empty());
  // The lock comes free while the node is cut off from its member; then the member dies, and another gives it an image.
  members.world.network().partition({{"1", "2", "3"}, {"e"}});
  taken.reset();
  members.world.run_for(200ms);
  members.world.kill(attached);
  members.world.network().heal();
  REQUIRE(members.until(waiting, 3s));
  REQUIRE(waiting.ok());
  CHECK(waiting->held());
  CHECK(held.held());
  CHECK(members.world.client("e").session() == session);
  members.world.run_for(10s);
  CHECK_FALSE(members.world.process("e").stopped().has_value());
  CHECK(held.held());
  CHECK(waiting->held());
}
