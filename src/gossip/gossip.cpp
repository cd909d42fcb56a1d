#include "gossip/gossip.hpp"

#include <algorithm>

#include "base/invariant.hpp"

namespace conclave::gossip {
namespace {

/// What each part draws is independent of the others.
enum Purpose : std::uint64_t { probing = 1, exchanging = 2, choosing = 3 };

/// How many hear a goodbye directly; they tell the others.
constexpr std::size_t goodbye_fanout = 8;

template <class... Handlers>
struct Overload : Handlers... {
  using Handlers::operator()...;
};
template <class... Handlers>
Overload(Handlers...) -> Overload<Handlers...>;

}  // namespace

Gossip::Gossip(const Identity& self, std::vector<Address> seeds, const Tuning& tuning, Prng prng, Instant now)
    : tuning_(tuning),
      members_(self, tuning, prng.fork(choosing), now),
      detector_(tuning, prng.fork(probing), now),
      exchange_(tuning, std::move(seeds), prng.fork(exchanging), now),
      last_run_(now),
      told_at_(now) {}

void Gossip::on_message(const Address& from, MemberId sender, const Message& message, Instant now, Effects& effects) {
  if (left_) return;
  note_time(now);
  const Step step{tuning_, members_, now, effects};
  if (sender == self().member) {
    if (const auto* join = std::get_if<Join>(&message.body)) exchange_.on_own_join(sender, *join);
    return;
  }
  const bool quiet = exchange_.is_first_answer(message.body);
  bool news = false;
  for (const Rumour& rumour : message.rumours) news |= merge(step, rumour, quiet);
  std::visit(Overload{
                 [&](const Ping& ping) { detector_.on_ping(step, from, sender, ping); },
                 [&](const PingRequest& request) { detector_.on_ping_request(step, from, sender, request); },
                 [&](const Ack& ack) { detector_.on_ack(step, ack); },
                 [&](const Nack& nack) { detector_.on_nack(nack); },
                 [&](const Join& join) { exchange_.on_join(step, from, sender, join); },
                 [&](const JoinReply& reply) { exchange_.on_join_reply(step, sender, reply, message.rumours, news); },
                 [](const Tell&) {},
             },
             message.body);
  if (!members_.find(sender)) exchange_.on_stranger(step, from, sender);
  arm_tell(now);
}

void Gossip::on_tick(Instant now, Effects& effects) {
  if (left_) return;
  note_time(now);
  const Step step{tuning_, members_, now, effects};
  detector_.on_tick(step);
  members_.bury(now, effects);
  exchange_.on_tick(step);
  arm_tell(now);
  if (tell_at_ && now >= *tell_at_) tell(step);
  arm_tell(now);
}

void Gossip::on_refused(MemberId member, Instant now, Effects& effects) {
  if (left_) return;
  note_time(now);
  members_.accuse(member, Evidence::refused, now, effects);
  arm_tell(now);
}

void Gossip::leave(Instant now, Effects& effects) {
  if (left_) return;
  note_time(now);
  members_.leave(now);
  Step step{tuning_, members_, now, effects};
  for (const MemberId member : members_.ring().sample(goodbye_fanout)) {
    step.send(members_.find(member)->address, member, Tell{}, true);
  }
  left_ = true;
}

Instant Gossip::next_wakeup() const {
  if (left_) return Instant::max();
  Instant next = std::min({detector_.next_wakeup(), exchange_.next_wakeup(), members_.next_burial()});
  if (tell_at_) next = std::min(next, *tell_at_);
  // G6: while somebody is being judged, no pause may pass unseen between two timers.
  const bool judging = detector_.is_waiting() || members_.next_burial() != Instant::max();
  return judging ? std::min(next, last_run_ + tuning_.lag_max) : next;
}

bool Gossip::is_live(MemberId member) const {
  return member == self().member ? !left_ : members_.is_live(member);
}

void Gossip::note_time(Instant now) {
  CONCLAVE_INVARIANT(now >= last_run_, now, last_run_);
  const auto gap = now - std::exchange(last_run_, now);
  if (now - next_wakeup() <= tuning_.lag_max) return;
  // G6: refutations may wait unread, so nobody is judged by what was not heard.
  ++pauses_;
  detector_.on_pause(tuning_, now);
  members_.postpone(gap, now + detector_.patience(tuning_.period));
  // G11: as long as that, and others may have told and forgotten their news.
  if (gap > Suspicion::timeout_min(tuning_, members_.live())) exchange_.ask_soon(now);
}

bool Gossip::merge(Step step, const Rumour& rumour, bool quiet) {
  const Outcome outcome = members_.merge(rumour, quiet, step.now, step.effects);
  switch (outcome) {
    case Outcome::malformed:
      ++malformed_;
      break;
    case Outcome::refuted:
      detector_.on_accused(tuning_);
      break;
    case Outcome::lazarus:
      // G3: if it lives, it can refute what is believed here.
      step.send(rumour.address, rumour.member, Tell{});
      break;
    case Outcome::clone:
      introduce_clones(step, rumour);
      break;
    case Outcome::news:
    case Outcome::stale:
      break;
  }
  return outcome == Outcome::news;
}

void Gossip::introduce_clones(Step step, const Rumour& rumour) {
  // G4: each hears the other's claim; what they make of it is their hosts' business.
  const Rumour known = *members_.find(rumour.member);
  if (rumour.member != self().member) step.send_exactly(known.address, {Tell{}, {rumour}});
  step.send_exactly(rumour.address, {Tell{}, {known}});
}

void Gossip::tell(Step step) {
  for (const MemberId member : members_.ring().sample(tuning_.tell_fanout)) {
    if (members_.news().empty()) break;
    step.send(members_.find(member)->address, member, Tell{});
  }
  told_at_ = step.now;
  tell_at_.reset();
}

void Gossip::arm_tell(Instant now) {
  if (members_.news().empty() || members_.ring().empty())
    tell_at_.reset();
  else if (!tell_at_)
    tell_at_ = std::max(now, told_at_ + tuning_.tell_interval);
}

}  // namespace conclave::gossip
