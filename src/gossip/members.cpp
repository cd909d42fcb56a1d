#include "gossip/members.hpp"

#include <algorithm>
#include <bit>

#include "base/invariant.hpp"
#include "gossip/datagram.hpp"

namespace conclave::gossip {
namespace {

bool lives(State state) { return state == State::alive || state == State::suspect; }

Claim claim_of(const Rumour& rumour) { return {rumour.address, rumour.age.boot_epoch}; }

bool says_something_new(const Rumour& before, const Rumour& after) {
  return before.state != State::alive || before.age.boot_epoch != after.age.boot_epoch || before.role != after.role ||
         before.name != after.name;
}

}  // namespace

Members::Members(const Identity& self, const Tuning& tuning, Prng prng, Instant now)
    : self_(self.member), tuning_(tuning), ring_(prng) {
  Member member{.rumour = {.member = self.member,
                           .name = self.name,
                           .address = self.address,
                           .role = self.role,
                           .age = {self.boot_epoch, Incarnation{0}}},
                .since = now};
  CONCLAVE_INVARIANT(is_well_formed(member.rumour), self.member, self.name);
  table_.emplace(self_, std::move(member));
  news_.push(self_, true);
}

Outcome Members::merge(const Rumour& rumour, bool quiet, Instant now, Effects& effects) {
  if (!is_well_formed(rumour)) return Outcome::malformed;
  const auto found = table_.find(rumour.member);
  if (found == table_.end()) {
    const Outcome met = meet(rumour, now, effects);
    if (!quiet && is_live(rumour.member)) news_.push(rumour.member);
    return met;
  }
  Member& member = found->second;
  const bool same_boot = rumour.age.boot_epoch == member.rumour.age.boot_epoch;
  // G4: within one boot the address cannot change, and of this process there is no later boot.
  if (same_boot && rumour.address != member.rumour.address) return challenge(member, rumour, effects);
  if (rumour.member == self_) {
    return rumour.age.boot_epoch > member.rumour.age.boot_epoch ? challenge(member, rumour, effects)
                                                                 : merge_own(rumour);
  }
  if (rumour.age < member.rumour.age) return Outcome::stale;
  const Outcome outcome = rumour.age > member.rumour.age ? renew(member, rumour, now, effects)
                                                          : weigh(member, rumour, now, effects);
  if (outcome == Outcome::news && !quiet) news_.push(rumour.member);
  return outcome;
}

Outcome Members::merge_own(const Rumour& rumour) {
  Rumour& self = table_.at(self_).rumour;
  const bool current = rumour.age >= self.age;
  if (rumour.state == State::alive && !(rumour.age > self.age)) return Outcome::stale;
  // G3: the answer must be younger than the lie. Whoever repeats what was refuted has missed the answer: once more.
  if (current) self.age.incarnation = rumour.age.incarnation.next();
  news_.push(self_, true);
  return current ? Outcome::refuted : Outcome::stale;
}

Outcome Members::challenge(Member& member, const Rumour& rumour, Effects& effects) {
  const Claim other = claim_of(rumour);
  if (member.rival == other) return Outcome::stale;
  member.rival = other;
  effects.events.emplace_back(CloneSeen{rumour.member, claim_of(member.rumour), other});
  return Outcome::clone;
}

Outcome Members::meet(const Rumour& rumour, Instant now, Effects& effects) {
  if (table_.size() >= tuning_.members_max) make_room();
  if (table_.size() >= tuning_.members_max) return Outcome::stale;
  Member& member = table_.emplace(rumour.member, Member{.rumour = rumour, .since = now, .hearsay = !lives(rumour.state)}).first->second;
  if (!lives(rumour.state)) return Outcome::news;
  ring_.insert(rumour.member);
  effects.events.emplace_back(MemberAlive{rumour});
  if (rumour.state == State::suspect) suspect(member, rumour, now, effects);
  return Outcome::news;
}

Outcome Members::renew(Member& member, const Rumour& rumour, Instant now, Effects& effects) {
  const Rumour before = member.rumour;
  if (rumour.state == State::left) {
    member.rumour.age = rumour.age;
    depart(member, State::left, now, effects);
    return Outcome::news;
  }
  member.rumour = rumour;
  member.rumour.state = State::alive;
  member.since = now;
  member.hearsay = false;
  member.rival.reset();
  suspicions_.erase(rumour.member);
  if (!lives(before.state)) ring_.insert(rumour.member);
  if (before.address != rumour.address) {
    effects.events.emplace_back(AddressChanged{rumour.member, before.address, rumour.address});
  }
  if (says_something_new(before, member.rumour)) effects.events.emplace_back(MemberAlive{member.rumour});
  if (rumour.state != State::alive) suspect(member, rumour, now, effects);
  return Outcome::news;
}

Outcome Members::weigh(Member& member, const Rumour& rumour, Instant now, Effects& effects) {
  const State known = member.rumour.state;
  if (rumour.state == State::left && known != State::left) {
    depart(member, State::left, now, effects);
    return Outcome::news;
  }
  if (!lives(known)) return rumour.state == State::alive ? Outcome::lazarus : Outcome::stale;
  if (rumour.state == State::alive) return Outcome::stale;
  if (known == State::alive) {
    suspect(member, rumour, now, effects);
    return Outcome::news;
  }
  Suspicion& suspicion = suspicions_.at(rumour.member);
  if (rumour.state == State::dead) return suspicion.confirm_fully(now) ? Outcome::news : Outcome::stale;
  if (!suspicion.confirm(rumour.accuser, rumour.evidence, now)) return Outcome::stale;
  // The newest agreement is what others have not heard yet.
  member.rumour.accuser = rumour.accuser;
  member.rumour.evidence = rumour.evidence;
  return Outcome::news;
}

void Members::accuse(MemberId id, Evidence evidence, Instant now, Effects& effects) {
  const auto found = table_.find(id);
  if (id == self_ || found == table_.end() || !lives(found->second.rumour.state)) return;
  Rumour accusation = found->second.rumour;
  accusation.state = State::suspect;
  accusation.accuser = self_;
  accusation.evidence = evidence;
  if (weigh(found->second, accusation, now, effects) == Outcome::news) news_.push(id);
}

void Members::suspect(Member& member, const Rumour& accusation, Instant now, Effects& effects) {
  member.rumour.state = State::suspect;
  member.rumour.accuser = accusation.accuser;
  member.rumour.evidence = accusation.evidence;
  member.since = now;
  const MemberId id = member.rumour.member;
  Suspicion suspicion(tuning_, live(), now);
  suspicion.confirm(accusation.accuser, accusation.evidence, now);
  // G7: a verdict from afar is no verdict here. The member has the shortest time to refute, but it has it.
  if (accusation.state == State::dead) suspicion.confirm_fully(now);
  suspicions_.insert_or_assign(id, std::move(suspicion));
  effects.events.emplace_back(
      MemberSuspected{id, member.rumour.age, accusation.accuser, accusation.evidence});
}

void Members::depart(Member& member, State state, Instant now, Effects& effects) {
  const MemberId id = member.rumour.member;
  if (lives(member.rumour.state)) ring_.erase(id);
  suspicions_.erase(id);
  member.rumour.state = state;
  member.since = now;
  if (state == State::dead)
    effects.events.emplace_back(MemberDead{id, member.rumour.age});
  else
    effects.events.emplace_back(MemberLeft{id, member.rumour.age});
}

void Members::bury(Instant now, Effects& effects) {
  std::vector<MemberId> due;
  for (const auto& [id, suspicion] : suspicions_) {
    if (suspicion.deadline() <= now) due.push_back(id);
  }
  for (const MemberId id : due) {
    depart(table_.at(id), State::dead, now, effects);
    news_.push(id);
  }
}

void Members::postpone(BootClock::duration gap, Instant earliest) {
  for (auto& [id, suspicion] : suspicions_) suspicion.postpone(gap, earliest);
}

void Members::forget(Instant now) {
  for (auto it = table_.begin(); it != table_.end();) {
    const Member& member = it->second;
    const bool over = !lives(member.rumour.state) && now - member.since >= tuning_.forget_after;
    if (over) news_.drop(it->first);
    it = over ? table_.erase(it) : std::next(it);
  }
}

void Members::make_room() {
  auto oldest = table_.end();
  for (auto it = table_.begin(); it != table_.end(); ++it) {
    if (it->first == self_ || lives(it->second.rumour.state)) continue;
    if (oldest == table_.end() || it->second.since < oldest->second.since) oldest = it;
  }
  if (oldest == table_.end()) return;
  news_.drop(oldest->first);
  table_.erase(oldest);
}

void Members::leave(Instant now) {
  Member& self = table_.at(self_);
  self.rumour.state = State::left;
  ++self.rumour.age.incarnation;
  self.since = now;
  news_.push(self_, true);
}

const Rumour* Members::find(MemberId member) const {
  const auto found = table_.find(member);
  return found == table_.end() ? nullptr : &found->second.rumour;
}

bool Members::is_live(MemberId member) const {
  const Rumour* rumour = find(member);
  return rumour && member != self_ && lives(rumour->state);
}

bool Members::is_worth_telling(const Member& member, Instant now) const {
  return lives(member.rumour.state) || (!member.hearsay && now - member.since < BootClock::duration(tuning_.forget_after) / 2);
}

Instant Members::next_burial() const {
  Instant next = Instant::max();
  for (const auto& [id, suspicion] : suspicions_) next = std::min(next, suspicion.deadline());
  return next;
}

std::vector<Rumour> Members::tell(MemberId to, std::size_t room, bool introduce) {
  std::vector<Rumour> told;
  const auto fits = [&](MemberId id) {
    const Rumour& rumour = table_.at(id).rumour;
    if (std::ranges::find(told, id, &Rumour::member) != told.end()) return true;
    if (rumour_bytes(rumour) > room) return false;
    room -= rumour_bytes(rumour);
    told.push_back(rumour);
    return true;
  };
  if (introduce) fits(self_);
  const Rumour* receiver = find(to);
  if (receiver && receiver->state != State::alive) fits(to);
  // ceil(log10(live + 1)): a bit is worth 0.301.
  const auto digits = static_cast<unsigned>((std::bit_width(live()) * 301 + 999) / 1000);
  news_.take(tuning_.tell_factor * digits, fits, [&] { return room < rumour_bytes(Rumour{}); });
  return told;
}

}  // namespace conclave::gossip
