#include "election_world.hpp"

#include <algorithm>

namespace conclave::paxos::test {

MemberId member(int n) {
  MemberId id;
  id.bytes.back() = static_cast<std::uint8_t>(n);
  return id;
}

int number(const MemberId& id) { return id.bytes.back(); }

namespace {

Prepare prepare(const Ballot& ballot) {
  Prepare message;
  message.ballot = ballot;
  return message;
}

Promise promise(const Ballot& ballot) {
  Promise message;
  message.ballot = ballot;
  message.incarnation = Incarnation(1);
  return message;
}

}  // namespace

// ---- One voter ----

Voting::Voting(int self, int voters, const Tuning& tuning, Instant now)
    : tuning_(tuning), prng_(static_cast<std::uint64_t>(self)), following_(now) {
  facts_.self = member(self);
  facts_.incarnation = Incarnation(1);
  facts_.has_vote = true;
  configuration_.configuration.id = ConfigurationId(1);
  for (int n = 1; n <= voters; ++n) configuration_.configuration.voters.push_back({member(n), Incarnation(1)});
}

void Voting::wake(Instant now) {
  const auto pause = pauses_.woke(tuning_, now);
  if (!pause) return;
  peers_.forgive(*pause);
  following_.forgive(*pause);
  if (leadership_) leadership_->on_pause(*pause);
}

void Voting::on_link(const MemberId& peer, LinkState link, Instant now) {
  if (link == LinkState::up) {
    peers_.on_link_up(peer, now);
    speak_to_.insert(peer);
    return;
  }
  spoken_.erase(peer);
  if (link == LinkState::refused) return peers_.on_link_refused(peer, now);
  peers_.on_link_down(peer, now);
  dial_.insert(peer);
}

void Voting::on_message(const MemberId& from, const Message& message, Instant now, Sent& sent) {
  peers_.on_heard(from, now);
  std::visit([&](const auto& held) { on(from, held, now, sent); }, message);
}

void Voting::on(const MemberId& from, const PreVote& m, Instant, Sent&) { election_.on_pre_vote(from, m); }

void Voting::on(const MemberId& from, const PreVoteReply& m, Instant now, Sent&) {
  election_.on_pre_vote_reply(around(now), from, m);
}

void Voting::on(const MemberId& from, const Prepare& m, Instant now, Sent& sent) {
  if (m.ballot < facts_.promised) {
    sent.messages.emplace_back(from, Refused{m.ballot, facts_.promised, std::nullopt});
    return;
  }
  facts_.promised = m.ballot;
  if (leadership_) step_down("a higher ballot", false, now, sent);
  election_.on_promised(around(now), following_, m.ballot);
  sent.after_sync.emplace_back(from, promise(m.ballot));
}

void Voting::on(const MemberId& from, const Promise& m, Instant now, Sent& sent) {
  if (m.ballot != facts_.promised || !election_.standing()) return;
  promises_.insert(from);
  election_.on_progress(around(now), following_);
  if (promises_.size() < majority_of(configuration_.configuration.voters.size())) return;
  sent.events.emplace_back("leads");
  leadership_.emplace(m.ballot, round_, now);
  following_.on_elected(m.ballot, now);
  election_.on_decided();
  next_round_ = now;
  for (const auto& voter : configuration_.configuration.voters)
    if (voter.member != facts_.self) sent.messages.emplace_back(voter.member, Accept{m.ballot, Slot(1), {}, Slot()});
}

void Voting::on(const MemberId&, const Refused& m, Instant now, Sent& sent) {
  if (m.promised <= facts_.promised) return;
  if (leadership_) step_down("a higher ballot", true, now, sent);
  election_.on_preempted(around(now), following_, m.promised);
}

void Voting::heard_leader(const Ballot& ballot, Instant now) {
  if (following_.on_heard(around(now), ballot)) election_.on_decided();
}

void Voting::on(const MemberId& from, const Accept& m, Instant now, Sent& sent) {
  if (m.ballot < facts_.promised) {
    sent.messages.emplace_back(from, Refused{m.ballot, facts_.promised, std::nullopt});
    return;
  }
  facts_.promised = m.ballot;
  if (leadership_) step_down("a higher ballot", false, now, sent);
  heard_leader(m.ballot, now);
}

void Voting::on(const MemberId& from, const Heartbeat& m, Instant now, Sent& sent) {
  peers_.on_heartbeat(from, m, now);
  if (m.leading && *m.leading < facts_.promised)
    sent.messages.emplace_back(from, Refused{*m.leading, facts_.promised, std::nullopt});
  if (m.leading && *m.leading >= facts_.promised) {
    // A replica's Accept does this.
    facts_.promised = *m.leading;
    if (leadership_) step_down("a higher ballot", false, now, sent);
    heard_leader(*m.leading, now);
    speak_to_.insert(from);
  }
  following_.on_heartbeat(around(now), from, m);
  if (!leadership_) return;
  if (const auto round_trip = leadership_->on_heartbeat(around(now), from, m)) peers_.on_round_trip(from, *round_trip);
}

void Voting::on(const MemberId&, const Go& m, Instant now, Sent&) { election_.on_go(around(now), m); }

void Voting::step_down(const std::string& why, bool say_so, Instant now, Sent& sent) {
  sent.events.push_back("steps down: " + why);
  leadership_.reset();
  handover_.reset();
  if (say_so)
    for (const auto& [peer, when] : spoken_) speak_to_.insert(peer);
  following_.on_stepped_down(now);
  election_.on_stepped_down(around(now), following_);
}

void Voting::end_step(Instant now, Sent& sent) {
  facts_.promised_synced = facts_.promised;
  if (leadership_) lead(now, sent);
  following_.assess(around(now));
  elect(now, sent);
  speak(now, sent);
  sent.dial.assign(dial_.begin(), dial_.end());
  dial_.clear();
  pauses_.expect(next_wakeup(now));
}

void Voting::lead(Instant now, Sent& sent) {
  const auto s = around(now);
  static_cast<void>(leadership_->count(s));
  if (leadership_->lost_quorum(s)) return step_down("no quorum", true, now, sent);
  if (handover_ && now >= *handover_) handover_.reset();
  if ((!leadership_->unwanted(s) && facts_.disk_healthy) || handover_) return;
  if (const auto successor = leadership_->successor(s)) {
    handover_ = now + tuning_.handover_timeout;
    sent.events.push_back("hands over to " + std::to_string(number(*successor)));
    sent.messages.emplace_back(*successor, Go{leadership_->ballot(), *successor, facts_.watermark});
  }
}

void Voting::elect(Instant now, Sent& sent) {
  ElectionOutput out;
  election_.update(around(now), following_, prng_, out);
  for (const auto& [to, question] : out.ask) {
    sent.events.push_back("asks " + std::to_string(number(to)));
    sent.messages.emplace_back(to, question);
  }
  for (const auto& [to, answer] : out.answer) sent.messages.emplace_back(to, answer);
  if (out.abandon) sent.events.emplace_back("gives up");
  if (!out.stand) return;
  sent.events.push_back("stands: " + (out.stand->loss ? to_string(*out.stand->loss) : std::string("told to")));
  facts_.promised = out.stand->ballot;
  promises_.clear();
  // Its own promise comes back to itself like anybody's, once synced; so does the leave of its Prepare.
  sent.after_sync.emplace_back(facts_.self, promise(facts_.promised));
  for (const auto& voter : configuration_.configuration.voters)
    if (voter.member != facts_.self) sent.after_sync.emplace_back(voter.member, prepare(facts_.promised));
}

void Voting::speak(Instant now, Sent& sent) {
  const auto asked = std::exchange(speak_to_, {});
  if (leadership_) {
    if (!leadership_->due() && asked.empty() && now < next_round_) return;
    round_ = leadership_->send(now);
    next_round_ = now + tuning_.heartbeat;
  }
  bool numbered = leadership_.has_value();
  for (const auto& voter : configuration_.configuration.voters) {
    if (!peers_.up(voter.member)) continue;
    const auto spoken = spoken_.find(voter.member);
    const bool due = spoken == spoken_.end() || now - spoken->second >= tuning_.heartbeat;
    if (!leadership_ && !due && !asked.contains(voter.member)) continue;
    if (!std::exchange(numbered, true)) ++round_;
    sent.messages.emplace_back(voter.member, heartbeat(voter.member, now));
    spoken_[voter.member] = now;
  }
  if (leadership_) static_cast<void>(leadership_->count(around(now)));
}

Heartbeat Voting::heartbeat(const MemberId& to, Instant now) const {
  Heartbeat beat;
  beat.round = round_;
  beat.incarnation = facts_.incarnation;
  beat.promised = facts_.promised_synced;
  beat.last_accepted = facts_.last_accepted;
  beat.configuration = configuration_.ref();
  beat.content = leadership_ || following_.content(around(now));
  beat.disk_healthy = facts_.disk_healthy;
  beat.priority = facts_.priority;
  const auto& heard = peers_[to].heartbeat;
  if (leadership_) {
    beat.leading = leadership_->ballot();
    if (heard) beat.echo = Echo{leadership_->ballot(), heard->round};
  } else if (facts_.has_vote && heard && heard->leading == facts_.promised) {
    beat.echo = Echo{facts_.promised, heard->round};
  }
  return beat;
}

int Voting::leader() const {
  if (leadership_) return number(facts_.self);
  return following_.leader() && !following_.lost() ? number(following_.leader()->member) : 0;
}

Instant Voting::next_wakeup(Instant now) const {
  const auto s = around(now);
  auto next = Instant::max();
  const auto consider = [&](std::optional<Instant> when) {
    if (when) next = std::min(next, *when);
  };
  consider(following_.next_wakeup(s));
  consider(election_.next_wakeup(s, following_));
  if (leadership_) {
    consider(next_round_);
    consider(leadership_->next_wakeup(s));
    consider(handover_);
  } else {
    for (const auto& [peer, when] : spoken_) consider(when + tuning_.heartbeat);
  }
  return next;
}

// ---- The world ----

World::World(int voters, int favoured) : count_(voters) {
  for (int n = 1; n <= voters; ++n) {
    voters_.emplace(n, Voting(n, voters, tuning_, now));
    voters_.at(n).facts_.priority = n == favoured ? 200 : 100;
  }
  for (int a = 1; a <= voters; ++a)
    for (int b = 1; b <= voters; ++b)
      if (a != b) voters_.at(a).on_link(member(b), LinkState::up, now);
  for (auto& [n, voter] : voters_) {
    Sent sent;
    voter.end_step(now, sent);
    finish(n, sent);
  }
}

void World::note(int n, const std::string& what) {
  using std::chrono::duration_cast, std::chrono::microseconds;
  const auto us = duration_cast<microseconds>(now.time_since_epoch()).count();
  events.push_back("t=" + std::to_string(us) + "us " + std::to_string(n) + " " + what);
}

void World::cut_both(int a, int b) {
  cut(a, b);
  cut(b, a);
}

void World::keep_only(const std::vector<std::pair<int, int>>& links) {
  for (int a = 1; a <= count_; ++a)
    for (int b = a + 1; b <= count_; ++b)
      if (std::ranges::find(links, std::pair(a, b)) == links.end() && std::ranges::find(links, std::pair(b, a)) == links.end())
        cut_both(a, b);
}

void World::reset(int a, int b) {
  closed_.insert({a, b});
  closed_.insert({b, a});
  flights_.emplace(now + latency, Flight{b, a, std::nullopt, LinkState::down});
  flights_.emplace(now + latency, Flight{a, b, std::nullopt, LinkState::down});
}

void World::kill(int n) {
  note(n, "is killed");
  dead_.insert(n);
  stored_[n] = voters_.at(n).promised();
  for (int peer = 1; peer <= count_; ++peer) {
    if (peer == n || dead_.contains(peer)) continue;
    closed_.insert({n, peer});
    closed_.insert({peer, n});
    if (!cut_.contains({n, peer})) flights_.emplace(now + latency, Flight{n, peer, std::nullopt, LinkState::down});
  }
}

void World::restart(int n) {
  note(n, "restarts");
  dead_.erase(n);
  voters_.insert_or_assign(n, Voting(n, count_, tuning_, now));
  voters_.at(n).facts_.promised = stored_[n];
  for (int peer = 1; peer <= count_; ++peer)
    if (peer != n) dial(n, peer);
}

void World::resume(int n) {
  paused_.erase(n);
  for (auto& flight : std::exchange(held_[n], {})) flights_.emplace(now, std::move(flight));
}

void World::say_goodbye(int n) {
  Sent sent;
  for (int peer = 1; peer <= count_; ++peer) {
    if (peer == n) continue;
    auto& voter = voters_.at(peer);
    voter.wake(now);
    voter.on_goodbye(member(n), now);
    voter.end_step(now, sent);
    finish(peer, sent);
    sent = {};
  }
  kill(n);
}

// Connecting: refused by a living machine without the process, unanswered where either direction is cut.
void World::dial(int from, int to) {
  if (cut_.contains({from, to}) || cut_.contains({to, from}) || paused_.contains(to)) return;
  const auto link = dead_.contains(to) ? LinkState::refused : LinkState::up;
  flights_.emplace(now + 2 * latency, Flight{to, from, std::nullopt, link});
  if (link == LinkState::up) flights_.emplace(now + latency, Flight{from, to, std::nullopt, link});
}

void World::run(Duration duration) {
  const auto end = now + duration;
  while (next_event() <= end) step();
  now = end;
}

Instant World::next_event() const {
  auto next = flights_.empty() ? Instant::max() : flights_.begin()->first;
  for (const auto& [n, voter] : voters_)
    if (!dead_.contains(n) && !paused_.contains(n)) next = std::min(next, std::max(now, voter.next_wakeup(now)));
  return next;
}

void World::step() {
  now = next_event();
  if (!flights_.empty() && flights_.begin()->first <= now) {
    const auto flight = flights_.extract(flights_.begin()).mapped();
    return deliver(flight);
  }
  for (auto& [n, voter] : voters_) {
    if (dead_.contains(n) || paused_.contains(n) || voter.next_wakeup(now) > now) continue;
    Sent sent;
    voter.wake(now);
    voter.end_step(now, sent);
    return finish(n, sent);
  }
}

void World::deliver(const Flight& flight) {
  if (dead_.contains(flight.to)) return;
  if (paused_.contains(flight.to)) return held_[flight.to].push_back(flight);
  const std::pair way(flight.from, flight.to);
  if (flight.message && flight.from != flight.to && (cut_.contains(way) || closed_.contains(way))) return;
  auto& voter = voters_.at(flight.to);
  Sent sent;
  voter.wake(now);
  if (flight.message) {
    voter.on_message(member(flight.from), *flight.message, now, sent);
  } else {
    if (flight.link == LinkState::up) closed_.erase(way);
    voter.on_link(member(flight.from), flight.link, now);
  }
  voter.end_step(now, sent);
  finish(flight.to, sent);
}

void World::finish(int n, Sent& sent) {
  for (const auto& event : sent.events) note(n, event);
  for (auto& [to, message] : sent.messages) flights_.emplace(now + latency, Flight{n, number(to), std::move(message)});
  for (auto& [to, message] : sent.after_sync) {
    const auto way = number(to) == n ? Duration::zero() : latency;
    flights_.emplace(now + sync + way, Flight{n, number(to), std::move(message)});
  }
  for (const auto& to : sent.dial) dial(n, number(to));
}

int World::leader() const {
  int leader = 0;
  for (const auto& [n, voter] : voters_) {
    if (dead_.contains(n) || paused_.contains(n) || !voter.proven()) continue;
    if (leader != 0) return 0;
    leader = n;
  }
  for (const auto& [n, voter] : voters_) {
    if (leader == 0 || n == leader || dead_.contains(n) || paused_.contains(n)) continue;
    if (!cut_.contains({n, leader}) && !cut_.contains({leader, n}) && voter.leader() != leader) return 0;
  }
  return leader;
}

int World::count(const std::string& text) const {
  return static_cast<int>(std::ranges::count_if(events, [&](const auto& event) { return event.find(text) != event.npos; }));
}

std::string World::log() const {
  std::string all;
  for (const auto& event : events) all += event + "\n";
  return all;
}

}  // namespace conclave::paxos::test
