// F1 to F7 at one founder: who agrees, who does not, and what is stored before what is said.
#include <doctest/doctest.h>

#include "node.hpp"

using namespace conclave;
using namespace conclave::engine;
using namespace conclave::engine::test;

namespace {

template <class M>
bool holds(const std::vector<Outgoing>& messages) {
  return std::ranges::any_of(messages, [](const auto& one) { return std::holds_alternative<M>(one.message); });
}

const GenesisRecord* genesis_of(const Effects& effects) {
  for (const auto& record : effects.persist)
    if (const auto* held = std::get_if<GenesisRecord>(&record)) return held;
  return nullptr;
}

LockIn lock_in() {
  auto record = genesis();
  return {.cluster = record.cluster, .founders = record.founders};
}

Commit commit() {
  auto record = genesis();
  return {.cluster = record.cluster, .founders = record.founders};
}

}  // namespace

TEST_CASE("F1: one founder short, nothing is stored and nobody is locked in") {
  Node node(founding(1), fresh(1));
  const auto second = node.link(founder_hello(2));
  CHECK(node.sent<LockIn>(second).empty());
  CHECK(node.stored<GenesisRecord>().empty());
  CHECK(node.waits_for().find("node-3:7400") != std::string::npos);
  const auto third = node.link(founder_hello(3));
  CHECK(node.sent<LockIn>(second) == std::vector{lock_in()});
  CHECK(node.sent<LockIn>(third) == std::vector{lock_in()});
  REQUIRE(node.stored<GenesisRecord>().size() == 1);
  CHECK_FALSE(node.stored<GenesisRecord>().front().committed);
}

TEST_CASE("F1: a founder that left before all were there is no longer counted") {
  Node node(founding(1), fresh(1));
  const auto second = node.link(founder_hello(2));
  (void)node.step(LinkClosed{.link = second});
  (void)node.link(founder_hello(3));
  CHECK(node.stored<GenesisRecord>().empty());
  (void)node.link(founder_hello(2));
  CHECK(node.stored<GenesisRecord>().size() == 1);
}

TEST_CASE("F1: another list of founders is told to both, and there is no cluster") {
  Node node(founding(1), fresh(1));
  auto odd = founder_hello(2);
  odd.founders.back() = address(9);
  const auto second = node.link(odd);
  const auto third = node.link(founder_hello(3));
  CHECK(node.waits_for().find("'b' names node-1:7400, node-2:7400, node-9:7400") != std::string::npos);
  CHECK(node.remarked("give all of them the same list"));
  CHECK(node.sent<LockIn>(second).empty());
  CHECK(node.sent<LockIn>(third).empty());
}

TEST_CASE("I4: a founder of another cluster name is refused") {
  Node node(founding(1), fresh(1));
  auto odd = founder_hello(2);
  odd.cluster_name = "other";
  const auto second = node.link(odd);
  REQUIRE(node.sent<Refusal>(second).size() == 1);
  CHECK(node.sent<Refusal>(second).front().code == static_cast<std::uint16_t>(errc::wrong_cluster));
  CHECK(node.sent<Refusal>(second).front().detail.find("called 'other'") != std::string::npos);
  CHECK(node.closed(second));
  CHECK(node.waits_for().find("called 'other'") != std::string::npos);
}

TEST_CASE("I4: founders with different state machines found nothing") {
  for (const char* theirs : {"queue", ""}) {
    auto chosen = founding(1);
    chosen.state_machine = "kv";
    Node node(chosen, fresh(1));
    auto odd = founder_hello(2);
    odd.state_machine = theirs;
    const auto second = node.link(odd);
    REQUIRE(node.sent<Refusal>(second).size() == 1);
    CHECK(node.sent<Refusal>(second).front().code == static_cast<std::uint16_t>(errc::incompatible));
    CHECK(node.waits_for().find("runs the state machine '" + std::string(theirs) + "'") != std::string::npos);
    auto same = founder_hello(3);
    same.state_machine = "kv";
    (void)node.link(same);
    CHECK(node.stored<GenesisRecord>().empty());
  }
}

TEST_CASE("F2: the answer to a lock-in waits for its sync") {
  Node node(founding(2), fresh(2));
  const auto first = node.link(founder_hello(1));
  const auto effects = node.hear(first, lock_in());
  REQUIRE(genesis_of(effects));
  CHECK_FALSE(genesis_of(effects)->committed);
  CHECK(holds<LockedIn>(effects.send_after));
  CHECK_FALSE(holds<LockedIn>(effects.send_now));
}

TEST_CASE("F2: only the smallest founder coordinates, and only with what this founder agrees to") {
  Node node(founding(2), fresh(2));
  const auto first = node.link(founder_hello(1));
  const auto third = node.link(founder_hello(3));
  (void)node.hear(third, lock_in());  // not from the coordinator
  auto other = lock_in();
  other.founders[1].nonce = uuid(77);  // an earlier life of this founder
  other.cluster = cluster_of("conclave", other.founders);
  (void)node.hear(first, other);
  other = lock_in();
  other.founders[2].address = address(9);  // not this founder's list
  other.cluster = cluster_of("conclave", other.founders);
  (void)node.hear(first, other);
  other = lock_in();
  other.cluster = {};  // not the hash of what it names
  (void)node.hear(first, other);
  CHECK(node.stored<GenesisRecord>().empty());
  CHECK(node.sent<LockedIn>(first).empty());
  (void)node.hear(first, lock_in());
  CHECK(node.sent<LockedIn>(first).size() == 1);
}

TEST_CASE("F3: a lock-in is never overwritten, the same one is answered again") {
  Node node(founding(2), fresh(2));
  const auto first = node.link(founder_hello(1));
  (void)node.hear(first, lock_in());
  (void)node.hear(first, lock_in());
  CHECK(node.sent<LockedIn>(first).size() == 2);
  auto other = lock_in();
  other.founders[2].nonce = uuid(77);  // the third was wiped in between
  other.cluster = cluster_of("conclave", other.founders);
  (void)node.hear(first, other);
  CHECK(node.sent<LockedIn>(first).size() == 2);
  CHECK(node.stored<GenesisRecord>().back().cluster == lock_in().cluster);
  CHECK(node.waits_for().find("one of them was wiped in between") != std::string::npos);
}

TEST_CASE("F4, F7: the commit waits for all, is synced before it is sent, and then there is a vote") {
  Node node(founding(1), fresh(1));
  const auto second = node.link(founder_hello(2));
  const auto third = node.link(founder_hello(3));
  auto effects = node.hear(second, LockedIn{.cluster = lock_in().cluster});
  CHECK_FALSE(genesis_of(effects));
  (void)node.hear(third, LockedIn{.cluster = {}});  // of another lock-in
  CHECK_FALSE(node.engine.replica());
  effects = node.hear(third, LockedIn{.cluster = lock_in().cluster});
  REQUIRE(genesis_of(effects));
  CHECK(genesis_of(effects)->committed);
  CHECK(holds<Commit>(effects.send_after));
  CHECK_FALSE(holds<Commit>(effects.send_now));
  CHECK(node.sent<Commit>(second) == std::vector{commit()});
  CHECK(node.sent<Commit>(third) == std::vector{commit()});
  REQUIRE(node.engine.replica());
  CHECK(node.engine.replica()->has_vote());
  // F7: the genesis configuration governs from slot 1.
  const auto& governing = node.engine.replica()->governing(Slot{1});
  CHECK(governing.slot == Slot{0});
  CHECK(governing.configuration.id == paxos::ConfigurationId{1});
  CHECK(governing.configuration.voters.size() == 3);
}

TEST_CASE("F5: a commit is adopted for one's own lock-in only, from whoever has it, and told to those that lack it") {
  Node node(founding(2), fresh(2));
  const auto first = node.link(founder_hello(1));
  const auto third = node.link(founder_hello(3));
  const auto joiner = node.link(hello(4));
  (void)node.hear(third, commit());  // not locked in: not its own
  CHECK_FALSE(node.engine.replica());
  (void)node.hear(first, lock_in());
  auto other = commit();
  other.founders[2].nonce = uuid(77);
  other.cluster = cluster_of("conclave", other.founders);
  (void)node.hear(third, other);
  CHECK_FALSE(node.engine.replica());
  const auto effects = node.hear(third, commit());
  REQUIRE(node.engine.replica());
  REQUIRE(genesis_of(effects));
  // The coordinator's own Commit may be lost with it: the others pass it on, also to nodes that were there before.
  CHECK(node.sent<Commit>(first) == std::vector{commit()});
  CHECK(node.sent<Commit>(joiner) == std::vector{commit()});
  CHECK(holds<Commit>(effects.send_after));
}

TEST_CASE("F5: a founder that restarts locked in asks, or answers, again") {
  auto locked = fresh(1);
  locked.genesis = genesis();
  locked.genesis->committed = false;
  Node coordinator(founding(1), locked);
  const auto second = coordinator.link(founder_hello(2));
  CHECK(coordinator.sent<LockIn>(second) == std::vector{lock_in()});
  CHECK(coordinator.sent<Commit>(second).empty());

  locked = fresh(2);
  locked.genesis = genesis();
  locked.genesis->committed = false;
  Node other(founding(2), locked);
  const auto first = other.link(voter_hello(1, genesis()));
  CHECK_FALSE(other.engine.replica());  // a Hello is no commit
  (void)other.hear(first, commit());
  CHECK(other.engine.replica());
}

TEST_CASE("F6: a pristine founder that hears of a cluster of its name founds nothing and says what to do") {
  Node node(founding(1), fresh(1));
  auto settled = genesis();
  settled.cluster.bytes[0] = 1;
  (void)node.link(voter_hello(2, settled));
  const auto third = node.link(founder_hello(3));
  CHECK(node.waits_for().find("start this node with --join instead of --founders") != std::string::npos);
  (void)node.link(founder_hello(2));
  CHECK(node.sent<LockIn>(third).empty());
  CHECK(node.stored<GenesisRecord>().empty());
  CHECK_FALSE(node.engine.replica());
}

TEST_CASE("F6: a single founder commits alone, and only by the explicit flag") {
  Node asked(single(), fresh(1));
  CHECK(asked.lead());
  CHECK(asked.stored<GenesisRecord>().size() == 1);

  auto chosen = founding(1, 1);  // a list of itself is not the flag
  Node listed(chosen, fresh(1));
  listed.run_for(20s);
  CHECK_FALSE(listed.engine.replica());

  Node neither(options(1), fresh(1));
  neither.run_for(20s);
  CHECK_FALSE(neither.engine.replica());
  CHECK(neither.waits_for().find("a member of the cluster at one of the join addresses") != std::string::npos);
}

TEST_CASE("F6: the founders' list in the config of a member is harmless, whatever it says") {
  auto chosen = founding(2, 2);  // not the list it was founded with
  Node node(chosen, belonging(2));
  REQUIRE(node.engine.replica());
  CHECK(node.engine.header().cluster == genesis().cluster);
  const auto first = node.link(voter_hello(1, genesis()));
  CHECK_FALSE(node.closed(first));
  CHECK(node.sent<LockIn>(first).empty());
  CHECK(node.stored<GenesisRecord>().empty());

  auto alone = belonging(2);
  Node flagged(single(2), alone);  // nor does the flag found a second one
  CHECK(flagged.engine.header().cluster == genesis().cluster);
  CHECK(flagged.stored<GenesisRecord>().empty());
}
