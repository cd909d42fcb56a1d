// What leaves a node, against what its disk holds at that moment and against the model.
#include "sim/invariants/judge.hpp"

namespace conclave::sim {
namespace {

std::string text(Slot slot) { return "slot " + std::to_string(slot.value); }

}  // namespace

void Judge::sent(const std::string& node, const engine::Frame& frame, Instant now) {
  const Speaker by{node, stores_[node], frame.header.sender, frame.header.store_nonce, now};
  if (by.store.nonce != by.nonce || by.store.member != by.member)
    findings_.add("no-word-before-the-opening", node, now,
                  "it speaks in an opening of its store that is not on the disk (I5)");
  for (const auto& message : frame.messages)
    if (const auto* consensus = std::get_if<paxos::Message>(&message))
      std::visit([&](const auto& what) { said(by, what); }, *consensus);
}

void Judge::votes(const Speaker& by, const char* how) {
  if (lost_.contains(by.member))
    findings_.add("wiped-never-votes", by.node, by.now,
                  std::string(how) + " under an identity whose disk is gone (P9, I1)");
  if (by.store.barred)
    findings_.add(*by.store.barred, by.node, by.now, std::string(how) + ", and its store has lost its vote (P8, P9)");
}

void Judge::said(const Speaker& by, const paxos::Prepare& message) {
  votes(by, "it stands");
  hear(by.node, by.now, model_.prepare(by.member, message.ballot, by.nonce, message.watermark));
  hear(by.node, by.now, model_.claim_chosen(message.watermark));
}

void Judge::said(const Speaker& by, const paxos::Promise& message) {
  votes(by, "it promises");
  auto& report = by.store.reports[message.ballot];
  if (message.part == 0) report.clear();
  for (const auto& reported : message.reported) {
    if (reported.chosen) hear(by.node, by.now, model_.claim_value(reported.slot, value_of(reported.entry)));
    if (!reported.chosen) report[reported.slot] = {reported.ballot, value_of(reported.entry)};
  }
  hear(by.node, by.now, model_.claim_chosen(message.watermark));
  if (message.part != message.last_part) return;
  hear(by.node, by.now, model_.promise(by.member, message.ballot, message.watermark, report));
  by.store.reports.erase(message.ballot);
}

void Judge::said(const Speaker& by, const paxos::Accept& message) {
  auto slot = message.first;
  for (const auto& entry : message.entries) {
    hear(by.node, by.now, model_.propose(by.member, message.ballot, slot, value_of(entry)));
    ++slot;
  }
  hear(by.node, by.now, model_.claim_chosen(message.chosen_upto));
}

void Judge::said(const Speaker& by, const paxos::Accepted& message) {
  votes(by, "it accepts");
  hear(by.node, by.now, model_.claim_chosen(message.watermark));
  const auto& acceptor = model_.acceptor(by.member);
  if (acceptor.promised < message.ballot)
    findings_.add("said-implies-stored", by.node, by.now,
                  "it accepts in " + to_string(message.ballot) + ", and its disk does not promise it (P2)");
  // Up to the watermark everything is chosen, so the last one stands for all; above, each vote counts.
  for (auto slot = std::max(message.watermark, Slot{1}); slot <= message.upto; ++slot) {
    const auto held = acceptor.accepted.find(slot);
    const bool vote = held != acceptor.accepted.end() && (slot <= message.watermark || slot <= acceptor.watermark ||
                                                          held->second.ballot >= message.ballot);
    if (!vote)
      return findings_.add("said-implies-stored", by.node, by.now,
                           "it says that it accepted " + text(slot) + " in " + to_string(message.ballot) +
                               ", and its disk does not (P2)");
  }
}

void Judge::said(const Speaker& by, const paxos::Chosen& message) {
  hear(by.node, by.now, model_.claim_chosen(message.upto));
}

void Judge::said(const Speaker& by, const paxos::Heartbeat& message) {
  const auto& acceptor = model_.acceptor(by.member);
  if (message.leading && message.leading->member != by.member)
    findings_.add("one-owner-per-ballot", by.node, by.now,
                  "it leads in " + to_string(*message.leading) + ", which is another's (P2)");
  if (message.leading && !model_.has_quorum(*message.leading))
    findings_.add("no-leader-without-a-quorum", by.node, by.now,
                  "it says that it leads, and no majority has promised it (P4)");
  if (acceptor.promised < message.promised || acceptor.watermark < message.watermark ||
      (message.last_accepted > Slot{} &&
       (acceptor.accepted.empty() || acceptor.accepted.rbegin()->first < message.last_accepted)))
    findings_.add("said-implies-stored", by.node, by.now, "its heartbeat says more than its disk holds (I5)");
  if (!message.echo) return;
  votes(by, "it echoes");
  if (acceptor.promised > message.echo->ballot)
    findings_.add("echoes-of-the-highest-promise", by.node, by.now,
                  "it echoes " + to_string(message.echo->ballot) + " after it promised " +
                      to_string(acceptor.promised) + " (L1)");
}

void Judge::said(const Speaker& by, const paxos::Learn& message) {
  auto slot = message.first;
  for (const auto& entry : message.entries) {
    hear(by.node, by.now, model_.claim_value(slot, value_of(entry)));
    ++slot;
  }
}

void Judge::said(const Speaker& by, const paxos::Go& message) {
  hear(by.node, by.now, model_.claim_chosen(message.watermark));
}

}  // namespace conclave::sim
