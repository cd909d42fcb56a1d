// One engine that leads alone: P12, S2, S3, S5, S6, R1, R2 and O4 with the whole step around them, and the step as a value.
#include <doctest/doctest.h>

#include "node.hpp"
#include "wire/command.hpp"

using namespace conclave;
using namespace conclave::engine;
using namespace conclave::engine::test;

namespace {

/// A cluster of one, and a guest that attached to it.
struct Leader {
  explicit Leader(const std::string& machine = {}) : node([&] {
    auto chosen = single();
    chosen.state_machine = machine;
    return chosen;
  }(), fresh(1)) {
    REQUIRE(node.lead());
    guest = node.link(ephemeral_hello(5));
  }
  void forward(const coordination::Command& command) {
    (void)node.hear(guest, Forward{.commands = {Payload(wire::encode_command(command))}});
  }
  SessionId open_guest() {
    forward(coordination::OpenSession{.nonce = uuid(9), .owner = member(5), .owner_name = "e", .ttl = 4s, .ephemeral = true});
    return node.applied<coordination::SessionOpened>().back().session;
  }
  void submit_guest(SessionId session, std::uint64_t sequence, coordination::Op op) {
    forward(coordination::Submission{session, Sequence{sequence}, {}, std::move(op)});
  }

  Node node;
  LinkId guest;
};

}  // namespace

TEST_CASE("S6: a command runs once however often it is sent, and a gap is sent for again without a log entry") {
  Leader leader;
  const auto session = leader.open_guest();
  leader.submit_guest(session, 1, coordination::Acquire{.resource = lock("jobs")});
  leader.submit_guest(session, 1, coordination::Acquire{.resource = lock("jobs")});
  CHECK(leader.node.applied<coordination::Granted>().size() == 1);
  CHECK(leader.node.applied<coordination::Answered>().size() == 1);
  const auto before = leader.node.engine.state().applied();
  leader.submit_guest(session, 3, coordination::CloseSession{});
  CHECK(leader.node.sent<ForwardReply>(leader.guest) ==
        std::vector{ForwardReply{.kind = ForwardReply::Kind::resend, .session = session, .sequence = Sequence{2}}});
  leader.submit_guest(SessionId{1}, 1, coordination::CloseSession{});
  CHECK(leader.node.sent<ForwardReply>(leader.guest).back().kind == ForwardReply::Kind::unknown_session);
  leader.submit_guest(SessionId{999}, 1, coordination::CloseSession{});  // of a slot that a later leader filled
  CHECK(leader.node.sent<ForwardReply>(leader.guest).back().kind == ForwardReply::Kind::not_leader);
  CHECK(leader.node.engine.state().applied() == before);
}

TEST_CASE("S3: a session that is due while the window is full ends when there is room") {
  Leader leader("kv");
  auto& node = leader.node;
  const auto dead = leader.open_guest();
  leader.submit_guest(dead, 1, coordination::Acquire{.resource = lock("jobs")});
  const auto busy = node.link(ephemeral_hello(6));
  const auto forward = [&](const coordination::Command& command) {
    return node.hear(busy, Forward{.commands = {Payload(wire::encode_command(command))}});
  };
  (void)forward(coordination::OpenSession{
      .nonce = uuid(10), .owner = member(6), .owner_name = "busy", .ttl = 60s, .ephemeral = true});
  const auto session = node.applied<coordination::SessionOpened>().back().session;
  node.run_for(3900ms);  // the other is about to expire
  node.holds = true;
  BatchId last;
  const auto note = [&last](const Effects& effects) {
    if (!effects.persist.empty()) last = effects.batch;
  };
  for (std::uint64_t i = 1; i <= 20; ++i)
    note(forward(coordination::Submission{
        session, Sequence{i}, {}, coordination::Apply{.payload = Payload(Bytes(1 << 20)), .guards = {}}}));
  for (int i = 0; i < 400; ++i) {
    node.now += 1ms;
    note(node.tick());
  }
  CHECK(node.engine.state().session(dead));
  node.holds = false;
  (void)node.step(Persisted{.upto = last});
  node.run_for(100ms);
  CHECK_FALSE(node.engine.state().session(dead));
  CHECK_FALSE(node.engine.state().resource(lock("jobs")));
}

TEST_CASE("C12: the session of an opening that was sent twice is closed by its owner at once") {
  Leader leader;
  auto& node = leader.node;
  const auto session = node.open_session(1);
  leader.forward(coordination::OpenSession{.nonce = uuid(1), .owner = member(1), .owner_name = "a", .ttl = 4s, .ephemeral = false});
  CHECK(node.applied<coordination::SessionOpened>().size() == 2);
  CHECK(node.engine.state().sessions().size() == 1);
  CHECK(node.engine.state().session(session));
  CHECK(node.told<SessionReady>().size() == 1);
}

TEST_CASE("O2: a guest's image is let go once it has installed it") {
  Leader leader;
  (void)leader.node.hear(leader.guest, Attach{.applied = {}, .wants_image = true});
  const auto parts = leader.node.sent<ImagePart>(leader.guest);
  REQUIRE(parts.size() == 1);
  (void)leader.node.hear(leader.guest, ImageRequest{.image = parts.front().image, .part = 0});
  CHECK(leader.node.sent<ImagePart>(leader.guest).size() == 2);
  (void)leader.node.hear(leader.guest, Attach{.applied = parts.front().slot, .wants_image = false});
  (void)leader.node.hear(leader.guest, ImageRequest{.image = parts.front().image, .part = 0});
  CHECK(leader.node.sent<ImagePart>(leader.guest).size() == 2);
}

TEST_CASE("I5: only a voter can take a voter's vote") {
  Leader leader;
  (void)leader.node.hear(leader.guest,
                         Refusal{.code = static_cast<std::uint16_t>(errc::vote_lost), .detail = "says a guest"});
  CHECK(leader.node.engine.replica()->has_vote());
}

TEST_CASE("P12: nobody but the leader itself proposes a judgement or a tick") {
  Leader leader;
  const auto session = leader.open_guest();
  const auto term = leader.node.engine.state().last_term();
  const auto before = leader.node.engine.state().applied();
  leader.forward(coordination::Judgement{.term = term, .verdict = coordination::EndSessions{.sessions = {session}}});
  leader.forward(coordination::Tick{});
  CHECK(leader.node.engine.state().applied() == before);
  CHECK(leader.node.engine.state().session(session));
  CHECK(leader.node.remarked("only a leader may propose"));
}

TEST_CASE("S2, S3: a session that is renewed lives, one that is not ends one TTL after the last renewal arrived") {
  Leader leader;
  const auto session = leader.open_guest();
  for (std::uint64_t number = 1; number <= 20; ++number) {
    leader.node.run_for(1s);
    (void)leader.node.hear(leader.guest, Renew{.items = {{.session = session, .number = number}}});
    REQUIRE(leader.node.sent<RenewAck>(leader.guest).size() == number);
    CHECK(leader.node.sent<RenewAck>(leader.guest).back().items.front().number == number);
  }
  leader.node.run_for(4s - 1ms);
  CHECK(leader.node.engine.state().session(session));
  leader.node.run_for(100ms);
  CHECK_FALSE(leader.node.engine.state().session(session));
  CHECK(leader.node.applied<coordination::SessionEnded>().back() ==
        coordination::SessionEnded{.session = session, .cause = coordination::Cause::expired});
}

TEST_CASE("S5: a revoked grant of a living session passes on one TTL after the last acknowledgement without its token") {
  Leader leader;
  const auto session = leader.open_guest();
  leader.submit_guest(session, 1, coordination::Acquire{.resource = lock("jobs")});
  const auto own = leader.node.open_session();
  leader.node.submit(own, coordination::Acquire{.resource = lock("jobs")});
  const auto token = leader.node.engine.state().resource(lock("jobs"))->holder->token;
  (void)leader.node.hear(leader.guest, Renew{.items = {{.session = session, .number = 1}}});
  const auto renewed = leader.node.now;
  leader.node.run_for(700ms);
  leader.node.submit(own, coordination::Revoke{.resource = lock("jobs"), .token = token});
  for (std::uint64_t number = 2; leader.node.now + 300ms < renewed + 4s; ++number) {
    leader.node.run_for(300ms);
    (void)leader.node.hear(leader.guest, Renew{.items = {{.session = session, .number = number}}});
    CHECK(leader.node.sent<RenewAck>(leader.guest).back().items.front().ending == std::vector{token});
  }
  const auto holder = [&] { return leader.node.engine.state().resource(lock("jobs"))->holder->token; };
  leader.node.run_for(renewed + 4s - 1ns - leader.node.now);
  CHECK(holder() == token);
  leader.node.run_for(5ms);
  CHECK(holder() > token);
  CHECK(leader.node.engine.state().session(session));
}

TEST_CASE("S7: this node's own session, opened, renewed and closed") {
  Leader leader;
  const auto session = leader.node.open_session();
  REQUIRE(session != SessionId{});
  leader.node.run_for(20s);
  CHECK(leader.node.engine.state().session(session));
  CHECK(leader.node.told<SessionExtended>().size() >= 40);
  CHECK(leader.node.told<SessionExtended>().back().deadline > leader.node.now + 3s);
  (void)leader.node.step(CloseSession{.session = session});
  CHECK_FALSE(leader.node.engine.state().session(session));
  CHECK(leader.node.told<SessionOver>().size() == 1);
}

TEST_CASE("R1, R2: a leader of one answers a read in the same step, and its state is as old as its last round") {
  Leader leader;
  (void)leader.node.open_session();
  (void)leader.node.step(AskRead{.id = 5});
  CHECK(leader.node.told<ReadReady>() == std::vector{ReadReady{.id = 5, .slot = leader.node.engine.state().applied()}});
  (void)leader.node.hear(leader.guest, ReadIndex{.id = 8});
  const auto replies = leader.node.sent<ReadIndexReply>(leader.guest);
  CHECK(replies == std::vector{ReadIndexReply{.id = 8, .ok = true, .slot = leader.node.engine.state().applied()}});
  leader.node.run_for(1s);
  const auto age = leader.node.engine.staleness(leader.node.now);
  REQUIRE(age);
  CHECK(*age <= 100ms);
}

TEST_CASE("O4: without a state machine user commands take their number, and results from anywhere are not kept") {
  for (const std::string machine : {"", "kv"}) {
    CAPTURE(machine);
    Leader leader(machine);
    const auto session = leader.node.open_session();
    leader.node.submit(session, coordination::Apply{.payload = Payload(to_bytes("x")), .guards = {}});
    CHECK(leader.node.applied<coordination::UserCommand>().size() == 1);
    (void)leader.node.step(UserResults{.items = {{.session = session, .sequence = Sequence{1}, .result = to_bytes("y")}}});
    CHECK(leader.node.applied<coordination::Answered>().size() == (machine.empty() ? 0 : 1));
    CHECK(leader.node.engine.state().answer(session, Sequence{1}).has_value() == !machine.empty());
  }
}

TEST_CASE("the engine is a value: a copy is equal, goes on equally, and differs after another event") {
  Leader leader;
  (void)leader.open_guest();
  auto& engine = leader.node.engine;
  auto copy = engine;
  CHECK(copy == engine);
  CHECK(copy.state_hash() == engine.state_hash());

  const auto later = leader.node.now + 50ms;
  auto original = engine;
  CHECK(original.step(Tick{}, later) == copy.step(Tick{}, later));
  CHECK(copy == original);
  CHECK(copy.state_hash() == original.state_hash());
  CHECK_FALSE(copy == engine);

  const std::vector<Event> events{
      AskRead{.id = 1},
      OpenSession{.nonce = uuid(3), .ttl = 4s},
      LinkOpened{.link = LinkId{77}, .remote = address(7)},
      LinkClosed{.link = leader.guest},
      DiskFull{.reason = Error(errc::disk_full)},
      DiskFailed{.reason = Error(errc::disk_failed)},
  };
  for (const auto& event : events) {
    CAPTURE(event.index());
    auto changed = copy;
    (void)changed.step(event, later);
    CHECK_FALSE(changed == copy);
    CHECK(changed.state_hash() != copy.state_hash());
    CHECK(copy == original);
  }
  // Words count: they are told.
  auto other = copy;
  (void)copy.step(DiskFull{.reason = Error(errc::disk_full, "one")}, later);
  (void)other.step(DiskFull{.reason = Error(errc::disk_full, "another")}, later);
  CHECK_FALSE(copy == other);
  CHECK(copy.state_hash() != other.state_hash());
}
