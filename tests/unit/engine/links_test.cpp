// I2 to I9: what a node hears, from whom, and what it refuses.
#include <doctest/doctest.h>

#include "node.hpp"

using namespace conclave;
using namespace conclave::engine;
using namespace conclave::engine::test;

namespace {

bool refused(const Node& node, LinkId link, errc code, const std::string& words) {
  const auto refusals = node.sent<Refusal>(link);
  return refusals.size() == 1 && refusals.front().code == static_cast<std::uint16_t>(code) &&
         refusals.front().detail.find(words) != std::string::npos && node.closed(link) && node.remarked(words);
}

}  // namespace

TEST_CASE("I2: a frame of another cluster or lineage is refused, and its link closed") {
  Node node(options(1), belonging(1));
  const auto second = node.link(voter_hello(2, genesis()));
  auto header = node.header_of(second);
  header.cluster.bytes[0] ^= 1;
  (void)node.step(FrameReceived{.link = second, .frame = {.header = header, .messages = {Goodbye{}}}});
  CHECK(refused(node, second, errc::wrong_cluster, "a frame of cluster " + header.cluster.to_string()));

  const auto third = node.link(voter_hello(3, genesis()));
  header = node.header_of(third);
  header.lineage.number = 4;
  (void)node.step(FrameReceived{.link = third, .frame = {.header = header, .messages = {Goodbye{}}}});
  CHECK(refused(node, third, errc::wrong_cluster, "lineage 4"));
}

TEST_CASE("I2: a datagram of another cluster or lineage is dropped, and said once in a while") {
  Node node(options(1), belonging(1));
  const auto mine = node.engine.header();
  auto other_cluster = mine;
  other_cluster.cluster.bytes[0] ^= 1;
  auto other_lineage = mine;
  other_lineage.lineage.number = 4;
  for (auto header : {other_cluster, other_lineage, mine}) {
    header.sender = member(2);
    const gossip::Message ping{.body = gossip::Ping{.number = 1, .target = node.engine.self()}, .rumours = {}};
    const auto effects = node.step(DatagramReceived{
        .from = address(2), .datagram = {.header = header, .cluster_name = "conclave", .message = ping}});
    CHECK(effects.datagrams.empty() == (header.cluster != mine.cluster || header.lineage != mine.lineage));
  }
  CHECK(node.remarked("a datagram of cluster " + other_cluster.cluster.to_string() + ", lineage 0, from node-2:7400 was dropped"));
  CHECK_FALSE(node.remarked("lineage 4, from"));
}

TEST_CASE("I4: a datagram of an unknown version, or of a cluster of another name, is dropped with the reason") {
  Node node(options(1), belonging(1));
  const auto answers = [&](std::uint16_t version, const std::string& name) {
    auto header = node.engine.header();
    header.sender = member(2);
    header.version = version;
    const gossip::Message ping{.body = gossip::Ping{.number = 1, .target = node.engine.self()}, .rumours = {}};
    return !node.step(DatagramReceived{.from = address(2), .datagram = {.header = header, .cluster_name = name, .message = ping}})
                .datagrams.empty();
  };
  CHECK(answers(1, "conclave"));
  CHECK_FALSE(answers(99, "conclave"));
  CHECK(node.remarked("a datagram of protocol version 99, from node-2:7400 was dropped; this node speaks 1 to 1"));
  CHECK_FALSE(answers(1, "enclave"));
}

TEST_CASE("I4: a Hello of another cluster or lineage is refused with both names") {
  Node node(options(1), belonging(1));
  auto odd = voter_hello(2, genesis());
  odd.cluster.bytes[0] ^= 1;
  CHECK(refused(node, node.link(odd), errc::wrong_cluster, "although both are called 'conclave'"));
  odd = voter_hello(2, genesis());
  odd.lineage.number = 4;
  CHECK(refused(node, node.link(odd), errc::wrong_cluster, "was recovered in between"));
}

TEST_CASE("I4: a Hello without a common version is refused; a frame of an unknown version too") {
  Node node(options(1), belonging(1));
  auto odd = voter_hello(2, genesis());
  odd.version_min = 2;
  odd.version_max = 7;
  CHECK(refused(node, node.link(odd), errc::incompatible, "speaks protocol versions 2 to 7"));

  const auto link = node.link(voter_hello(2, genesis()));
  node.header_of(link).version = 9;
  (void)node.hear(link, Goodbye{});
  CHECK(refused(node, link, errc::incompatible, "a frame of protocol version 9 came, this node speaks 1 to 1"));
  CHECK_FALSE(node.remarked("goodbye"));
}

TEST_CASE("I4: a newer node that speaks our version too is heard, whatever the header of its Hello says") {
  Node node(options(1), belonging(1));
  auto newer = voter_hello(2, genesis());
  newer.version_max = 9;
  const auto link = node.open_link(address(2));
  node.header_of(link) = {.version = 9, .cluster = newer.cluster, .lineage = {}, .sender = newer.member, .store_nonce = nonce(2)};
  (void)node.hear(link, newer);
  CHECK_FALSE(node.closed(link));
  CHECK(node.engine.status(node.now).members.at(1).health == Health::alive);
}

TEST_CASE("I3: a frame of another opening of the store is refused") {
  Node node(options(1), belonging(1));
  const auto link = node.link(voter_hello(2, genesis()));
  node.header_of(link).store_nonce = 5;
  (void)node.hear(link, Goodbye{});
  CHECK(refused(node, link, errc::protocol_violation, "another opening of the store of 'b'"));
}

TEST_CASE("I4: nothing but a Hello is heard before the Hello") {
  Node node(single(), fresh(1));
  REQUIRE(node.lead());
  const auto link = node.open_link(address(5));
  node.header_of(link) = {.version = 1, .cluster = {}, .lineage = {}, .sender = member(5), .store_nonce = nonce(5)};
  for (const auto& message : std::vector<Message>{Attach{.applied = {}, .wants_image = true}, ReadIndex{.id = 1}, StatusRequest{}})
    (void)node.hear(link, message);
  node.run_for(1s);
  CHECK(node.sent<ImagePart>(link).empty());
  CHECK(node.sent<ReadIndexReply>(link).empty());
  CHECK(node.sent<StatusReply>(link).empty());
}

TEST_CASE("I5: what a voter said it has synced is remembered, and must be there when it comes back") {
  for (const auto& [restored, founding] : {std::pair{false, false}, {true, false}, {false, true}, {true, true}}) {
    CAPTURE(restored);
    CAPTURE(founding);  // its Hello is older than the cluster, and spoke of no vote
    Node node(options(1), belonging(1));
    const auto before = node.link(founding ? founder_hello(2) : voter_hello(2, genesis()));
    const paxos::Ballot ballot{.round = paxos::Round{5}, .member = member(3)};
    (void)node.hear(before, paxos::Message(paxos::Accepted{
                                .ballot = ballot, .incarnation = paxos::Incarnation{1}, .watermark = {}, .upto = Slot{7}, .gap = false}));
    (void)node.step(LinkClosed{.link = before});
    auto back = voter_hello(2, genesis());
    back.store_nonces = {77, nonce(2)};
    if (!restored) {
      back.promised = ballot;
      back.last_slot = Slot{7};
    }
    const auto after = node.link(back);
    CHECK(node.sent<Refusal>(after).size() == (restored ? 1 : 0));
  }
}

TEST_CASE("I4: a node that was refused dials again after a while, not at once") {
  Node node(founding(1), belonging(1));
  const auto dialled = node.link(voter_hello(2, genesis()), true);
  (void)node.hear(dialled, Refusal{.code = static_cast<std::uint16_t>(errc::not_supported), .detail = "no"});
  std::size_t dials = 0;
  const auto count = [&](const Effects& effects) { dials += std::ranges::count(effects.dial, address(2)); };
  count(node.step(LinkClosed{.link = dialled}));
  for (int i = 0; i < 400; ++i) {
    node.now += 1ms;
    count(node.tick());
  }
  CHECK(dials == 0);
  for (int i = 0; i < 1600; ++i) {
    node.now += 1ms;
    count(node.tick());
  }
  CHECK(dials == 1);
}

TEST_CASE("I9: a link over which no Hello came is closed after five seconds") {
  Node node(single(), fresh(1));
  REQUIRE(node.lead());
  const auto silent = node.open_link(address(5));
  const auto spoke = node.link(ephemeral_hello(6));
  node.run_for(4999ms);
  CHECK_FALSE(node.closed(silent));
  node.run_for(1ms);
  CHECK(refused(node, silent, errc::protocol_violation, "no Hello came over it"));
  node.run_for(20s);
  CHECK_FALSE(node.closed(spoke));
  CHECK(node.sent<Refusal>(silent).size() == 1);
}

TEST_CASE("I2: whoever joins says why nobody lets it in, and gives up only when all that it is to join are of another cluster") {
  auto joining = options(1);
  joining.join = {address(5), address(6)};
  Node node(joining, fresh(1));
  const auto says = [&](const std::string& words) { return node.waits_for().find(words) != std::string::npos; };
  const auto last = [&] { return *node.told<Progress>().back().waiting_for; };
  const auto paper = [](std::uint8_t number) {
    auto said = hello(number);
    said.cluster_name = "paper";
    return said;
  };
  const Error no_name(std::make_error_code(std::errc::host_unreachable), "cannot resolve node-5");
  (void)node.step(DialFailed{.address = address(5), .refused = false, .why = no_name});
  CHECK(says("one of the join addresses: " + no_name.message()));
  (void)node.link(paper(6), true);
  CHECK(says("cannot resolve node-5; "));
  CHECK(says("'f' at node-6:7400 belongs to the cluster called 'paper', 'a' to 'conclave'"));
  CHECK(last() == errc::not_ready);
  (void)node.link(paper(7));  // a stranger who came by himself
  CHECK_FALSE(says("node-7"));
  CHECK(node.engine.status(node.now).sentence.find("cannot resolve node-5") != std::string::npos);

  (void)node.link(paper(5), true);
  CHECK(last() == errc::wrong_cluster);
  CHECK_FALSE(says("cannot resolve"));
  const auto silent = node.open_link(address(6), true);
  (void)node.step(LinkClosed{.link = silent});
  CHECK(last() == errc::not_ready);
  CHECK(says("node-6:7400 closed the link before it said who it is"));
  (void)node.open_link(address(6), true);
  node.run_for(5s);
  CHECK(says("node-6:7400 does not say who it is"));
  const auto founder_to_be = node.link(founder_hello(6), true);
  CHECK(says("'f' is not part of a cluster yet, either"));
  (void)node.step(LinkClosed{.link = founder_to_be});
  (void)node.link(voter_hello(6, genesis()), true);
  CHECK_FALSE(says("node-6"));

  Node founder(founding(1), fresh(1));
  (void)founder.link(paper(7));
  CHECK(*founder.told<Progress>().back().waiting_for == errc::not_ready);
}

TEST_CASE("I9: the engine wakes up for it, and dials a silent founder again") {
  Node node(founding(1), fresh(1));
  const auto dialled = node.open_link(address(2), true);
  CHECK(node.engine.next_wakeup() <= node.now + 5s);
  node.run_for(5s);
  CHECK(node.closed(dialled));
  std::size_t dials = 0;
  for (const auto end = node.now + 5s; node.now < end && dials == 0; node.now = node.engine.next_wakeup())
    dials += static_cast<std::size_t>(std::ranges::count(node.tick().dial, address(2)));
  CHECK(dials == 1);
}

TEST_CASE("I4: this member's own link is closed without a word, a second life of its store is refused") {
  Node node(options(1), belonging(1));
  const auto own = node.link(voter_hello(1, genesis()));
  CHECK(node.closed(own));
  CHECK(node.sent<Refusal>(own).empty());
  auto copy = voter_hello(1, genesis());
  copy.store_nonces = {555, nonce(1)};
  CHECK(refused(node, node.link(copy), errc::data_dir_in_use, "its data folder was copied"));
}

TEST_CASE("I5: the store that is behind what was seen of it is told, and its votes are not heard") {
  auto recovered = belonging(1);
  recovered.peers = {{.member = member(2), .nonce = nonce(2), .promised = {paxos::Round{9}, member(2)}, .last_slot = Slot{40}}};
  auto honest = voter_hello(2, genesis());
  honest.store_nonces = {nonce(2) + 7, nonce(2)};
  honest.promised = {paxos::Round{9}, member(2)};
  honest.last_slot = Slot{40};
  const auto told = [&](const Hello& said) {
    Node node(options(1), recovered);
    const auto link = node.link(said);
    CHECK_FALSE(node.closed(link));  // it may still observe
    const auto refusals = node.sent<Refusal>(link);
    return !refusals.empty() && refusals.front().code == static_cast<std::uint16_t>(errc::vote_lost);
  };
  CHECK_FALSE(told(honest));
  auto odd = honest;
  odd.store_nonces = {nonce(2) + 7};
  CHECK(told(odd));
  odd = honest;
  odd.promised.round = paxos::Round{8};
  CHECK(told(odd));
  odd = honest;
  odd.last_slot = Slot{39};
  CHECK(told(odd));
}

TEST_CASE("I5: a Hello that was overtaken on another link costs no vote") {
  const paxos::Ballot ballot{.round = paxos::Round{5}, .member = member(3)};
  for (const bool dialled : {false, true}) {
    CAPTURE(dialled);
    Node node(founding(1), belonging(1));
    (void)node.tick();  // dials the founders
    const auto first = node.link(voter_hello(2, genesis()));
    // The second link is being made while the peer promises, and says so on the first one.
    const auto second = dialled ? LinkId{} : node.open_link(address(2));
    (void)node.hear(first, paxos::Message(paxos::Accepted{
                               .ballot = ballot, .incarnation = paxos::Incarnation{1}, .watermark = {}, .upto = Slot{7}, .gap = false}));
    const auto late = dialled ? node.open_link(address(2), true) : second;
    (void)node.hear(late, voter_hello(2, genesis()));
    CHECK(node.sent<Refusal>(late).empty());
    // A Hello on a link that was made after that must know of it.
    (void)node.step(LinkClosed{.link = first});
    (void)node.step(LinkClosed{.link = late});
    CHECK(node.sent<Refusal>(node.link(voter_hello(2, genesis()))).size() == 1);
  }
}

TEST_CASE("I5: a voter that is told so gives up its vote, synced, and only from a linked member") {
  Node node(options(1), belonging(1));
  const Refusal told{.code = static_cast<std::uint16_t>(errc::vote_lost), .detail = "older than what I saw"};
  const auto stranger = node.open_link(address(9));
  node.header_of(stranger) = {.version = 1, .cluster = {}, .lineage = {}, .sender = member(2), .store_nonce = nonce(2)};
  (void)node.hear(stranger, told);
  CHECK(node.engine.replica()->has_vote());
  const auto second = node.link(voter_hello(2, genesis()));
  (void)node.hear(second, told);
  CHECK_FALSE(node.engine.replica()->has_vote());
  CHECK(node.stored<VoteLostRecord>() == std::vector{VoteLostRecord{.reason = "older than what I saw"}});
}

TEST_CASE("I5: the status hides no vote that is known to be lost: this node's, one that says so, one that this node doubts") {
  Node node(options(1), belonging(1));
  const auto sentence = [&] { return node.engine.status(node.now).sentence; };
  const auto second = node.link(voter_hello(2, genesis()));
  const auto third = node.link(voter_hello(3, genesis()));
  CHECK(sentence().starts_with("3 voters, 3 alive: "));
  (void)node.hear(second, Refusal{.code = static_cast<std::uint16_t>(errc::vote_lost), .detail = "older than what I saw"});
  CHECK(sentence().starts_with("3 voters, 3 alive, lost its vote: a: "));
  (void)node.step(LinkClosed{.link = third});
  auto without = voter_hello(3, genesis());
  without.has_vote = false;
  (void)node.link(without);
  CHECK(sentence() == "3 voters, 3 alive, lost its vote: a, c: no majority with a vote, so nothing can be decided");

  auto recovered = belonging(1);
  recovered.peers = {{.member = member(2), .nonce = nonce(2), .promised = {paxos::Round{9}, member(2)}, .last_slot = Slot{40}}};
  Node doubting(options(1), recovered);
  (void)doubting.link(voter_hello(2, genesis()));
  CHECK(doubting.engine.status(doubting.now).sentence.find("lost its vote: b") != std::string::npos);
}

TEST_CASE("I7: of two links to one member both ends keep the one that the smaller member dialled") {
  Node smaller(options(1), belonging(1));
  const auto theirs = smaller.link(voter_hello(2, genesis()));
  const auto ours = smaller.link(voter_hello(2, genesis()), true);
  CHECK(smaller.closed(theirs));
  CHECK_FALSE(smaller.closed(ours));
  const auto late = smaller.link(voter_hello(2, genesis()));
  CHECK(smaller.closed(late));
  const auto newer = smaller.link(voter_hello(2, genesis()), true);
  CHECK(smaller.closed(ours));
  CHECK_FALSE(smaller.closed(newer));
  auto reborn = voter_hello(2, genesis());
  reborn.store_nonces = {nonce(2) + 1, nonce(2)};
  const auto next_life = smaller.link(reborn);
  CHECK(smaller.closed(newer));
  CHECK_FALSE(smaller.closed(next_life));
}

TEST_CASE("I8: an ephemeral member that says goodbye is forgotten at once") {
  Node node(single(), fresh(1));
  REQUIRE(node.lead());
  const auto guest = node.link(ephemeral_hello(5));
  (void)node.hear(guest, Attach{.applied = {}, .wants_image = false});
  CHECK(node.engine.status(node.now).members.size() == 2);
  (void)node.hear(guest, Goodbye{});
  CHECK(node.closed(guest));
  CHECK(node.engine.status(node.now).members.size() == 1);
  node.forget();
  node.run_for(1s);
  CHECK(node.sent<Freshness>(guest).empty());
}
