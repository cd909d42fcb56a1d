// Streams of events as no correct node makes them, told to the judge one by one.
#pragma once

#include <string>
#include <vector>

#include "sim/invariants/judge.hpp"

namespace doctored {

using namespace conclave;
using namespace conclave::sim;

inline MemberId member(std::uint8_t number) {
  MemberId id;
  id.bytes[15] = number;
  return id;
}
inline paxos::Ballot ballot(std::uint64_t round, std::uint8_t number) { return {paxos::Round{round}, member(number)}; }
/// In a file of its own: inlined, GCC 12 warns of what it makes up about its bytes.
paxos::Entry entry(const std::string& text);
inline std::string name(std::uint8_t number) { return std::to_string(number); }

/// Founders 1 to 3; a stranger, 4, 5 and 6 have stores as well. Each node's store nonce is its number.
class Stream {
 public:
  Stream() {
    for (std::uint8_t node = 1; node <= 6; ++node) open(node);
    engine::GenesisRecord genesis{.committed = true};
    for (std::uint8_t node = 1; node <= 3; ++node) genesis.founders.push_back({.member = member(node)});
    store(1, genesis);
  }

  void open(std::uint8_t node, const Reopening& reopening = {}) {
    judge.opened(name(node), reopening);
    store(node, engine::IdentityRecord{.member = member(node)});
    store(node, engine::GenerationRecord{.nonces = {node}});
  }
  void store(std::uint8_t node, const engine::Record& record) { judge.synced(name(node), std::vector{record}, now); }
  void promises(std::uint8_t node, paxos::Ballot promised) { store(node, engine::PromiseRecord{.promised = promised}); }
  void accepts(std::uint8_t node, std::uint64_t slot, paxos::Ballot in, const std::string& text) {
    store(node, engine::AcceptedRecord{Slot{slot}, in, entry(text)});
  }

  void say(std::uint8_t node, paxos::Message message, std::uint64_t nonce = 0) {
    judge.sent(name(node),
               {.header = {.sender = member(node), .store_nonce = nonce == 0 ? node : nonce},
                .messages = {std::move(message)}},
               now);
  }
  void prepare(std::uint8_t node, paxos::Ballot in) { say(node, paxos::Prepare{.ballot = in}); }
  void promise(std::uint8_t node, paxos::Ballot in, std::vector<paxos::Reported> reported = {}) {
    say(node, paxos::Promise{.ballot = in, .first_held = Slot{1}, .reported = std::move(reported)});
  }
  void propose(std::uint8_t node, std::uint64_t slot, paxos::Ballot in, const std::string& text) {
    say(node, paxos::Accept{.ballot = in, .first = Slot{slot}, .entries = {entry(text)}});
  }
  void accepted(std::uint8_t node, paxos::Ballot in, std::uint64_t upto) {
    say(node, paxos::Accepted{.ballot = in, .upto = Slot{upto}});
  }

  /// `node` owns `in` with its own promise and that of `helper`, which reports `reported`.
  void elect(std::uint8_t node, std::uint8_t helper, paxos::Ballot in, std::vector<paxos::Reported> reported = {}) {
    promises(node, in);
    prepare(node, in);
    promises(helper, in);
    promise(helper, in, std::move(reported));
  }
  /// 1 leads in ballot 1, and 1 and 2 have accepted "x" at slot 1.
  void choose_x() {
    elect(1, 2, ballot(1, 1));
    propose(1, 1, ballot(1, 1), "x");
    accepts(1, 1, ballot(1, 1), "x");
    accepts(2, 1, ballot(1, 1), "x");
  }

  /// The checks that fired, in their order.
  [[nodiscard]] std::vector<std::string> found() const {
    std::vector<std::string> names;
    for (const auto& violation : judge.violations()) names.emplace_back(violation.check);
    return names;
  }
  [[nodiscard]] bool found(const std::string& check) const { return found() == std::vector{check}; }

  Judge judge;
  Instant now{std::chrono::seconds(1)};
};

}  // namespace doctored
