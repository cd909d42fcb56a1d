// O3, S6, R1 at one engine: what an observer sends to its member, and what a member passes on in both directions.
#include <doctest/doctest.h>

#include "node.hpp"
#include "wire/command.hpp"
#include "paxos/entry.hpp"

using namespace conclave;
using namespace conclave::engine;
using namespace conclave::engine::test;

namespace {

const ForwardReply not_leader{.kind = ForwardReply::Kind::not_leader, .session = {}, .sequence = {}};

Payload command(SessionId session, std::uint64_t sequence) {
  return Payload(wire::encode_command(coordination::Submission{session, Sequence{sequence}, {}, coordination::CloseSession{}}));
}

/// Member 4 observes and follows founder 1; member 5 sends through it.
struct Relay {
  Node node{options(4), belonging(4)};
  LinkId up{node.link(voter_hello(1, genesis()))};
  LinkId down{node.link(ephemeral_hello(5))};
};

}  // namespace

TEST_CASE("O1: an observer with a store asks for the log above what it has, and for no image") {
  Relay relay;
  CHECK(relay.node.sent<Attach>(relay.up) == std::vector{Attach{.applied = Slot{0}, .wants_image = false}});
}

TEST_CASE("S6: refused by a node that does not lead, a command is sent again promptly, later each time") {
  Relay relay;
  (void)relay.node.step(OpenSession{.nonce = uuid(1), .ttl = 4s});
  REQUIRE(relay.node.sent<Forward>(relay.up).size() == 1);
  (void)relay.node.hear(relay.up, not_leader);
  relay.node.run_for(19ms);
  CHECK(relay.node.sent<Forward>(relay.up).size() == 1);
  relay.node.run_for(1ms);
  REQUIRE(relay.node.sent<Forward>(relay.up).size() == 2);
  CHECK(relay.node.sent<Forward>(relay.up)[0] == relay.node.sent<Forward>(relay.up)[1]);
  (void)relay.node.hear(relay.up, not_leader);
  relay.node.run_for(39ms);
  CHECK(relay.node.sent<Forward>(relay.up).size() == 2);
  relay.node.run_for(1ms);
  CHECK(relay.node.sent<Forward>(relay.up).size() == 3);
}

TEST_CASE("S6: only the way that is in use may refuse") {
  Relay relay;
  (void)relay.node.step(OpenSession{.nonce = uuid(1), .ttl = 4s});
  (void)relay.node.hear(relay.down, not_leader);
  relay.node.run_for(500ms);
  CHECK(relay.node.sent<Forward>(relay.up).size() == 1);
}

TEST_CASE("O3: commands pass through a member unchanged, and so do the answers to them") {
  Relay relay;
  const Forward forward{.commands = {command(SessionId{9}, 1), command(SessionId{9}, 2)}};
  (void)relay.node.hear(relay.down, forward);
  CHECK(relay.node.sent<Forward>(relay.up) == std::vector{forward});
  const ForwardReply resend{.kind = ForwardReply::Kind::resend, .session = SessionId{9}, .sequence = Sequence{1}};
  (void)relay.node.hear(relay.up, resend);
  (void)relay.node.hear(relay.up, not_leader);
  (void)relay.node.hear(relay.up, not_leader);  // told once for what was passed on once
  CHECK(relay.node.sent<ForwardReply>(relay.down) == std::vector{resend, not_leader});
}

TEST_CASE("O3: a member without a way to the leader says so") {
  Node node(options(4), belonging(4));
  const auto down = node.link(ephemeral_hello(5));
  (void)node.hear(down, Forward{.commands = {command(SessionId{9}, 1)}});
  CHECK(node.sent<ForwardReply>(down) == std::vector{not_leader});
  (void)node.hear(down, ReadIndex{.id = 3});
  REQUIRE(node.sent<ReadIndexReply>(down).size() == 1);
  CHECK_FALSE(node.sent<ReadIndexReply>(down).front().ok);
}

TEST_CASE("S1, O3: a relay passes renewals and their acknowledgements on, and never acknowledges") {
  Relay relay;
  const Renew renew{.items = {{.session = SessionId{9}, .number = 4}}};
  (void)relay.node.hear(relay.down, renew);
  relay.node.run_for(300ms);
  CHECK(relay.node.sent<Renew>(relay.up) == std::vector{renew});
  CHECK(relay.node.sent<RenewAck>(relay.down).empty());
  const RenewAck ack{.items = {{.session = SessionId{9}, .number = 4, .ending = {Token{3}}}}};
  (void)relay.node.hear(relay.up, ack);
  CHECK(relay.node.sent<RenewAck>(relay.down) == std::vector{ack});
  (void)relay.node.step(LinkClosed{.link = relay.down});
  (void)relay.node.hear(relay.up, ack);
  CHECK(relay.node.sent<RenewAck>(relay.down).size() == 1);
}

TEST_CASE("R1, O3: questions of several observers do not mix, and the answers get their own numbers back") {
  Relay relay;
  const auto other = relay.node.link(ephemeral_hello(6));
  (void)relay.node.hear(relay.down, ReadIndex{.id = 1});
  (void)relay.node.hear(other, ReadIndex{.id = 1});
  (void)relay.node.step(AskRead{.id = 70});
  const auto asked = relay.node.sent<ReadIndex>(relay.up);
  REQUIRE(asked.size() == 3);
  for (std::size_t i = 3; i-- > 0;)
    (void)relay.node.hear(relay.up, ReadIndexReply{.id = asked[i].id, .ok = true, .slot = Slot{i}});
  CHECK(relay.node.sent<ReadIndexReply>(relay.down) == std::vector{ReadIndexReply{.id = 1, .ok = true, .slot = Slot{0}}});
  CHECK(relay.node.sent<ReadIndexReply>(other) == std::vector{ReadIndexReply{.id = 1, .ok = true, .slot = Slot{1}}});
  CHECK(relay.node.told<ReadReady>().empty());  // slot 2 is not applied here
}

TEST_CASE("W3: what a follower cannot read it stores byte for byte, and applies as a command that does nothing") {
  Node node(options(2), belonging(2));
  const auto first = node.link(voter_hello(1, genesis()));
  const paxos::Ballot ballot{.round = paxos::Round{1}, .member = member(1)};
  const paxos::Entry start{.kind = paxos::EntryKind::term_start, .stamp = {}, .payload = paxos::encode(paxos::TermStart{.ballot = ballot})};
  const paxos::Entry strange{.kind = paxos::EntryKind::command, .stamp = {}, .payload = Payload(to_bytes("of a later version"))};
  (void)node.hear(first, paxos::Message(paxos::Accept{
                             .ballot = ballot, .first = Slot{1}, .entries = {start, strange}, .chosen_upto = Slot{0}}));
  const auto stored = node.stored<AcceptedRecord>();
  REQUIRE(stored.size() == 2);
  CHECK(stored.back().entry == strange);
  (void)node.hear(first, paxos::Message(paxos::Chosen{.ballot = ballot, .upto = Slot{2}}));
  CHECK(node.engine.state().applied() == Slot{2});
}

TEST_CASE("O4: a node without a vote and without a state machine serves no image") {
  Relay relay;
  (void)relay.node.hear(relay.down, Attach{.applied = {}, .wants_image = true});
  CHECK(relay.node.sent<ImagePart>(relay.down).empty());
  REQUIRE(relay.node.sent<Refusal>(relay.down).size() == 1);
  CHECK(relay.node.sent<Refusal>(relay.down).front().code == static_cast<std::uint16_t>(errc::not_supported));
  CHECK(relay.node.closed(relay.down));
}

TEST_CASE("I4, O4: an observer may run no state machine or the cluster's, but no other") {
  for (const std::string theirs : {"", "kv"})
    for (const std::string mine : {"", "kv", "queue"}) {
      CAPTURE(theirs);
      CAPTURE(mine);
      auto chosen = options(4);
      chosen.state_machine = mine;
      Node node(chosen, belonging(4));
      auto voter = voter_hello(1, genesis());
      voter.state_machine = theirs;
      CHECK(node.closed(node.link(voter)) == (!mine.empty() && mine != theirs));
    }
}

TEST_CASE("O3: a founder whose Hello came before the founding counts as a voter afterwards") {
  Node node(options(4), fresh(4));
  const auto up = node.link(hello(1));  // no vote yet, and no cluster
  const auto record = genesis();
  (void)node.hear(up, Commit{.cluster = record.cluster, .founders = record.founders});
  CHECK(node.sent<Attach>(up).size() == 1);
}

TEST_CASE("R2: an observer's state is as old as its member said, counted from its own stamp; unknown stays unknown") {
  Relay relay;
  relay.node.run_for(200ms);
  const auto asked = relay.node.sent<Freshness>(relay.up).back();
  REQUIRE(asked.stamp > 0);
  relay.node.run_for(10ms);
  const auto knows_nothing = [&] { return !relay.node.engine.staleness(relay.node.now); };
  CHECK(knows_nothing());
  const Freshness said{.watermark = {}, .age_ms = 30, .leader = member(1), .stamp = 5, .echo = asked.stamp};
  (void)relay.node.hear(relay.down, said);  // not whom it follows
  CHECK(knows_nothing());
  auto other = said;
  other.echo = asked.stamp + 1000;  // a stamp that it never sent
  (void)relay.node.hear(relay.up, other);
  other.echo = 0;
  (void)relay.node.hear(relay.up, other);
  CHECK(knows_nothing());
  (void)relay.node.hear(relay.up, said);
  relay.node.run_for(10ms);
  const auto age = *relay.node.engine.staleness(relay.node.now);
  CHECK(age >= 50ms);
  CHECK(age <= 52ms);  // whole milliseconds travel
  CHECK(relay.node.engine.status(relay.node.now).leader == member(1));
}
