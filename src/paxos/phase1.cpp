// Collecting Promises.
#include "paxos/phase1.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace conclave::paxos {
namespace {

// What is chosen beats any ballot: it is the value of every higher one.
bool better(const Reported& left, const Reported& right) {
  return std::pair(left.chosen, left.ballot) > std::pair(right.chosen, right.ballot);
}

}  // namespace

std::vector<MemberId> Phase1::to_ask(const Configuration& configuration, const Core& core, Instant now) {
  if (now >= next_wakeup(core.tuning)) {
    asked_.clear();
    asked_at_ = now;
  }
  std::vector<MemberId> members;
  for (const auto& voter : configuration.voters)
    if (voter.member != core.self() && !heard(voter.member) && asked_.insert(voter.member).second)
      members.push_back(voter.member);
  return members;
}

// P4: no part of another copy has slipped in. What is above the acceptor's watermark is all there, one slot after the
// other; of what is chosen, the beginning.
bool Phase1::is_whole(const Report& report) const {
  const auto open = std::max({watermark_, report.watermark, report.first_held.previous()}).next();
  auto next = report.reported.empty() || !report.reported.front().chosen ? open : report.reported.front().slot;
  for (const auto& reported : report.reported) {
    if (!reported.chosen && next < open) next = open;
    if (reported.slot != next || reported.chosen != (next < open)) return false;
    ++next;
  }
  return true;
}

bool Phase1::add(MemberId from, Promise part) {
  if (part.ballot != ballot_ || heard(from) || part.part > part.last_part || part.first_held.value == 0) return false;
  auto& report = reports_[from];
  const bool same = !report.parts.empty() && report.watermark == part.watermark &&
                    report.first_held == part.first_held && report.last_part == part.last_part;
  // A second answer, after its sender learnt more, replaces the first.
  if (!same && !report.parts.empty() && part.watermark <= report.watermark) return false;
  if (!same) report = {part.watermark, part.first_held, part.last_part, {}, {}};
  report.parts.insert_or_assign(part.part, std::move(part.reported));
  if (report.parts.size() <= report.last_part) return false;
  for (auto& [number, reported] : report.parts) std::ranges::move(reported, std::back_inserter(report.reported));
  report.parts.clear();
  if (!is_whole(report)) {
    reports_.erase(from);
    return false;
  }
  complete_.insert_or_assign(from, part.incarnation);
  return true;
}

void Phase1::discard(const MemberId& member) {
  discarded_.insert(member);
  complete_.erase(member);
  reports_.erase(member);
}

bool Phase1::heard(const MemberId& member) const { return complete_.contains(member) || discarded_.contains(member); }

bool Phase1::has_majority_of(const Configuration& configuration) const {
  return has_majority(configuration, [this](const Voter& voter) {
    const auto found = complete_.find(voter.member);
    return found != complete_.end() && found->second == voter.incarnation;
  });
}

std::optional<Phase1::Holder> Phase1::furthest() const {
  std::optional<Holder> furthest;
  for (const auto& [member, report] : reports_)
    if (complete_.contains(member) && (!furthest || report.watermark > furthest->watermark))
      furthest = {member, report.watermark};
  return furthest;
}

std::optional<Slot> Phase1::watermark_of(const MemberId& member) const {
  const auto report = reports_.find(member);
  if (report == reports_.end() || !complete_.contains(member)) return std::nullopt;
  return report->second.watermark;
}

const Entry* Phase1::chosen_at(Slot slot) const {
  for (const auto& [member, report] : reports_) {
    if (!complete_.contains(member)) continue;
    const auto found = std::ranges::lower_bound(report.reported, slot, {}, &Reported::slot);
    if (found != report.reported.end() && found->slot == slot && found->chosen) return &found->entry;
  }
  return nullptr;
}

std::map<Slot, Reported> Phase1::values(const Log& log, Slot above) const {
  std::map<Slot, Reported> values;
  const auto consider = [&](const Reported& reported) {
    if (reported.slot <= above) return;
    const auto [found, added] = values.try_emplace(reported.slot, reported);
    if (!added && better(reported, found->second)) found->second = reported;
  };
  for (auto slot = above.next(); slot <= log.last(); ++slot)
    consider({slot, log.at(slot)->ballot, false, log.at(slot)->entry});
  for (const auto& [member, report] : reports_)
    if (complete_.contains(member))
      for (const auto& reported : report.reported) consider(reported);
  return values;
}

}  // namespace conclave::paxos
