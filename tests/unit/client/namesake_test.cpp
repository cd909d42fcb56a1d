// Two members of one name: whom a person means by it is asked, not guessed.
#include <doctest/doctest.h>

#include "unit/client/answer.hpp"
#include "unit/client/stage.hpp"

using namespace conclave;
using namespace conclave::client;

namespace {

const coordination::ResourceName boss{.kind = coordination::ResourceKind::election, .name = "boss"};

MemberId member(std::uint8_t number) {
  MemberId id;
  id.bytes[0] = number;
  return id;
}

/// A candidate of another member, in a session of its own.
SessionId stand(Stage& stage, std::uint8_t number, const std::string& name) {
  stage.host->choose(coordination::OpenSession{.nonce = member(number), .owner = member(number), .owner_name = name,
                                               .ttl = std::chrono::seconds(4)});
  const SessionId session{stage.host->state().applied().value};
  stage.host->choose(coordination::Submission{.session = session, .sequence = Sequence{1}, .answered_below = Sequence{1},
                                              .op = coordination::Acquire{.resource = boss, .wait = true}});
  return session;
}

}  // namespace

TEST_CASE("hand_over to a name that two waiting members bear is refused with both ids, and changes nothing") {
  Stage stage;
  auto campaign = stage.election("boss").campaign({}, {});
  stage.settle();
  const auto twin = stand(stage, 0xa1, "twin");
  (void)stand(stage, 0xa2, "twin");
  REQUIRE(stage.host->state().resource(boss)->waiters.size() == 2);

  Answer<void> handed;
  campaign->hand_over("twin", handed.taker());
  stage.settle();
  CHECK(handed.error() == errc::invalid_argument);
  for (const std::uint8_t number : {std::uint8_t{0xa1}, std::uint8_t{0xa2}})
    CHECK(handed.error().detail.find(member(number).to_string()) != std::string::npos);
  CHECK(campaign->term().has_value());

  // With one of them alone it is clear who is meant.
  stage.host->choose(coordination::Submission{.session = twin, .sequence = Sequence{2}, .answered_below = Sequence{1},
                                              .op = coordination::Cancel{.sequence = Sequence{1}}});
  Answer<void> again;
  campaign->hand_over("twin", again.taker());
  stage.settle();
  CHECK(again.ok());
  CHECK(stage.host->state().resource(boss)->holder->owner == member(0xa2));
}
