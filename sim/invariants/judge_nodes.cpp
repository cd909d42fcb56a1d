// What nodes do with what they believe.
#include "sim/invariants/judge.hpp"

namespace conclave::sim {
namespace {

std::string text(Slot slot) { return "slot " + std::to_string(slot.value); }

}  // namespace

void Judge::chose(const std::string& node, Slot slot, const paxos::Entry& entry, Instant now) {
  hear(node, now, model_.claim_value(slot, value_of(entry)));
}

void Judge::watermark_went_back(const std::string& node, Slot from, Slot to, Instant now) {
  findings_.add("applied-in-order", node, now,
                "its watermark went back from " + text(from) + " to " + text(to) + " (P10)");
}

void Judge::leads(const std::string& node, paxos::Ballot ballot, Instant now) {
  const auto& member = stores_[node].member;
  if (!member) return;
  const auto promised = model_.acceptor(*member).promised;
  if (promised > ballot)
    findings_.add("no-leading-below-a-promise", node, now,
                  "it leads in " + to_string(ballot) + " after it promised " + to_string(promised) + " (P7)");
}

// An echo counts only from a voter that has promised nothing higher, so at the time of the round's sending no majority had.
void Judge::confirmed(const std::string& node, paxos::Ballot ballot, Instant sent_at, Instant now) {
  const auto superseded = model_.superseded(ballot);
  if (superseded && *superseded < sent_at)
    findings_.add("one-leader-in-true-time", node, now,
                  "it proves that it led in " + to_string(ballot) +
                      " by a round that it sent when a majority had promised higher (L1)");
}

void Judge::unheard(const std::string& node, paxos::Ballot ballot, BootClock::duration unproven, Instant now) {
  findings_.add("no-leading-unheard", node, now,
                "it leads on in " + to_string(ballot) + ", and no round of it was confirmed for " +
                    std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(unproven).count()) + " ms (L2)");
}

void Judge::digest(const std::string& node, Slot slot, const Sha256& digest, Instant now) {
  if (digests_.try_emplace(slot, digest).first->second != digest)
    findings_.add("same-slot-same-digest", node, now,
                  "its state after " + text(slot) + " is another than that of a node before it (C1)");
}

void Judge::granted(const std::string& node, const coordination::Grant& grant, Instant now) {
  const auto [found, fresh] = grants_.try_emplace(grant.token, grant.slot, grant.request);
  if (found->second != std::pair(grant.slot, grant.request))
    return findings_.add("a-token-is-one-grant's", node, now,
                         "token " + std::to_string(grant.token.value) + " is granted twice (C3)");
  if (!fresh) return;
  const bool after_less = found == grants_.begin() || std::prev(found)->second.first <= grant.slot;
  const bool before_more = std::next(found) == grants_.end() || std::next(found)->second.first >= grant.slot;
  if (!after_less || !before_more)
    findings_.add("tokens-rise", node, now,
                  "token " + std::to_string(grant.token.value) + " at " + text(grant.slot) +
                      " is out of the order of the grants (C3)");
}

void Judge::granted_too_late(const std::string& node, const coordination::Grant& grant, Instant now) {
  findings_.add("no-grant-to-the-dead", node, now,
                "token " + std::to_string(grant.token.value) + " is granted to session " +
                    std::to_string(grant.request.session.value) + ", which has ended (C5)");
}

void Judge::ran(const std::string& node, const coordination::UserCommand& command, Instant now) {
  const auto [found, fresh] = runs_.try_emplace({command.session, command.sequence}, command.slot);
  if (!fresh && found->second != command.slot)
    findings_.add("runs-once", node, now,
                  "command " + std::to_string(command.sequence.value) + " of session " + std::to_string(command.session.value) +
                      " runs at " + text(command.slot) + ", and ran at " + text(found->second) + " (S6)");
}

void Judge::expired(const std::string& holder, SessionId session, Instant deadline, Instant now) {
  if (now < deadline)
    findings_.add(
        "no-end-before-the-deadline", holder, now,
        "its session " + std::to_string(session.value) + " is ended as expired while it may still trust it (S2)");
}

void Judge::stopped(const std::string& node, const Error& reason, Instant now) {
  if (reason == errc::internal) findings_.add(core_invariant, node, now, "stops: " + reason.message());
}

}  // namespace conclave::sim
