#include "gossip/exchange.hpp"

#include <algorithm>
#include <bit>

namespace conclave::gossip {
namespace {

constexpr unsigned tries_max = 3;

bool is_live_at(const Members& members, const Address& address) {
  return std::ranges::any_of(members.ring().all(),
                             [&](MemberId id) { return members.find(id)->address == address; });
}

}  // namespace

Exchange::Exchange(const Tuning& tuning, std::vector<Address> seeds, Prng prng, Instant now)
    : prng_(prng), dial_at_(now), exchange_at_(now + about(tuning.exchange_period)) {
  for (Address& address : seeds) seeds_.push_back({std::move(address), std::nullopt});
}

void Exchange::on_join(Step step, const Address& from, MemberId sender, const Join& join) {
  const auto& table = step.members.table();
  auto next = join.after.is_nil() ? table.begin() : table.upper_bound(join.after);
  MemberId after = join.after;
  for (unsigned page = 0; page < join_pages_max; ++page) {
    Message message{JoinReply{join.number, after, false}, {}};
    std::size_t room = room_for_rumours(message.body);
    for (; next != table.end(); ++next) {
      const auto& [id, member] = *next;
      // G3: what is believed of the asker, it always hears.
      if (id != sender && !step.members.is_worth_telling(member, step.now)) continue;
      if (rumour_bytes(member.rumour) > room) break;
      room -= rumour_bytes(member.rumour);
      message.rumours.push_back(member.rumour);
      after = id;
    }
    const bool last = next == table.end();
    std::get<JoinReply>(message.body).last = last;
    step.send_exactly(from, std::move(message));
    if (last) break;
  }
  if (join.ask_back && !question_) ask(step, {from, sender, {}}, false);
}

void Exchange::on_join_reply(Step step, MemberId sender, const JoinReply& reply, const std::vector<Rumour>& rumours,
                             bool news) {
  if (!question_ || reply.number != question_->join.number) return;
  if (question_->seed) seeds_[*question_->seed].member = sender;
  question_->member = sender;
  question_->answered = true;
  question_->taught |= news;
  // A page that overtook a lost one was merged all the same, but the lost one is asked for again.
  if (reply.after != question_->join.after) return;
  const bool goes_on = !reply.last && !rumours.empty() && rumours.back().member > reply.after;
  if (!goes_on) return finish(step);
  question_->join.after = rumours.back().member;
  question_->tries = 0;
  question_->retry_at = step.now + step.tuning.join_timeout;
  if (--question_->pages_expected == 0) send(step);
}

void Exchange::on_own_join(MemberId self, const Join& join) {
  if (!question_ || join.number != question_->join.number) return;
  if (question_->seed) seeds_[*question_->seed].member = self;
  question_.reset();
}

void Exchange::on_stranger(Step step, const Address& from, MemberId sender) {
  if (!question_) ask(step, {from, sender, {}}, false);
}

void Exchange::on_tick(Step step) {
  if (question_ && step.now >= question_->retry_at) retry(step);
  if (step.now >= dial_at_) dial(step);
  if (step.now >= exchange_at_) compare(step);
}

bool Exchange::is_first_answer(const Body& body) const {
  const auto* reply = std::get_if<JoinReply>(&body);
  return reply && question_ && question_->first && reply->number == question_->join.number;
}

Instant Exchange::next_wakeup() const {
  const Instant next = std::min(dial_at_, exchange_at_);
  return question_ ? std::min(next, question_->retry_at) : next;
}

void Exchange::ask(Step& step, const Target& target, bool ask_back) {
  question_ = Question{.to = target.address,
                       .member = target.member,
                       .seed = target.seed,
                       .join = {.number = prng_.next(), .after = {}, .ask_back = ask_back},
                       .first = step.members.table().size() == 1};
  send(step);
}

void Exchange::send(Step& step) {
  question_->pages_expected = join_pages_max;
  question_->retry_at = step.now + step.tuning.join_timeout;
  step.send(question_->to, question_->member, question_->join, question_->join.after.is_nil());
}

void Exchange::retry(Step& step) {
  // Nobody there: another address is worth more than patience.
  if (!question_->answered || ++question_->tries == tries_max) return question_.reset();
  send(step);
}

void Exchange::dial(Step& step) {
  // Alone, every address is tried in quick turns; among others, one now and then (G10).
  const bool alone = step.members.ring().empty();
  dial_at_ = step.now + (alone || question_ ? BootClock::duration(step.tuning.join_timeout)
                                            : about(step.tuning.redial_period));
  if (question_) return;
  step.members.forget(step.now);
  const std::optional<Target> target = lost_address(step.members);
  if (target) return ask(step, *target, step.members.table().size() > 1);
  dial_at_ = step.now + about(step.tuning.redial_period);
}

void Exchange::compare(Step& step) {
  if (question_) {
    exchange_at_ = step.now + step.tuning.join_timeout;
    return;
  }
  exchange_at_ = step.now + stretched(step.members, step.tuning.exchange_period);
  for (const MemberId member : step.members.ring().sample(1)) {
    ask(step, {step.members.find(member)->address, member, {}}, true);
  }
}

void Exchange::finish(Step& step) {
  // Who has just learned something has probably missed more: a newcomer, for one, what was told before it was known.
  if (question_->taught) {
    exchange_at_ = std::min(exchange_at_, step.now + stretched(step.members, step.tuning.exchange_again));
  }
  question_.reset();
}

std::optional<Exchange::Target> Exchange::lost_address(const Members& members) {
  // A coin decides who comes first, so that many dead do not keep a seed waiting, nor a dead seed them.
  const bool seed_first = prng_.chance(1, 2);
  const std::optional<Target> first = seed_first ? lost_seed(members) : dead_member(members);
  if (first) return first;
  return seed_first ? dead_member(members) : lost_seed(members);
}

std::optional<Exchange::Target> Exchange::lost_seed(const Members& members) {
  const MemberId self = members.self().member;
  for (std::size_t tried = 0; tried < seeds_.size(); ++tried) {
    const std::size_t place = next_seed_++ % seeds_.size();
    const Seed& seed = seeds_[place];
    const bool is_self = seed.address == members.self().address || seed.member == self;
    const bool is_live = (seed.member && members.is_live(*seed.member)) || is_live_at(members, seed.address);
    if (!is_self && !is_live) return Target{seed.address, {}, place};
  }
  return std::nullopt;
}

std::optional<Exchange::Target> Exchange::dead_member(const Members& members) {
  const auto is_dead = [](const auto& entry) { return entry.second.rumour.state == State::dead; };
  const auto dead = static_cast<std::uint64_t>(std::ranges::count_if(members.table(), is_dead));
  if (dead == 0) return std::nullopt;
  std::uint64_t skip = prng_.below(dead);
  for (const auto& entry : members.table()) {
    if (is_dead(entry) && skip-- == 0) return Target{entry.second.rumour.address, entry.first, {}};
  }
  return std::nullopt;
}

BootClock::duration Exchange::stretched(const Members& members, BootClock::duration span) {
  const int doublings = std::max(0, static_cast<int>(std::bit_width(members.live() - 1)) - 5);
  return about(span) * (1 + doublings);
}

BootClock::duration Exchange::about(BootClock::duration span) {
  return span / 2 + BootClock::duration(prng_.below(static_cast<std::uint64_t>(span.count())));
}

}  // namespace conclave::gossip
