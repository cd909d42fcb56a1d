// Collecting Promises.
#include "paxos/phase1.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace conclave::paxos {
namespace {

bool in_order(const std::vector<Reported>& earlier, const std::vector<Reported>& part) {
  auto last = earlier.empty() ? Slot{0} : earlier.back().slot;
  for (const auto& reported : part) {
    if (reported.slot <= last) return false;
    last = reported.slot;
  }
  return true;
}

// What is chosen beats any ballot: it is the value of every higher one.
bool better(const Reported& left, const Reported& right) {
  return std::pair(left.chosen, left.ballot) > std::pair(right.chosen, right.ballot);
}

}  // namespace

bool Phase1::add(MemberId from, Promise part) {
  if (part.ballot != ballot_ || heard(from)) return false;
  auto& report = reports_[from];
  if (part.part == 0) report = {part.watermark, part.first_held, 0, part.last_part, {}};
  // P4: parts of one and the same report only. For one ballot and one watermark an acceptor's report is always the same,
  // so parts of two copies fit exactly if these do.
  const bool same = report.watermark == part.watermark && report.first_held == part.first_held && report.last_part == part.last_part;
  if (!same || part.part != report.next_part || !in_order(report.reported, part.reported)) return false;
  std::ranges::move(part.reported, std::back_inserter(report.reported));
  ++report.next_part;
  if (!report.complete()) return false;
  complete_.insert_or_assign(from, part.incarnation);
  return true;
}

void Phase1::discard(const MemberId& member) {
  discarded_.insert_or_assign(member, Incarnation{});
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
  for (auto slot = above.next(); slot <= log.last(); ++slot) consider({slot, log.at(slot)->ballot, false, log.at(slot)->entry});
  for (const auto& [member, report] : reports_)
    if (complete_.contains(member))
      for (const auto& reported : report.reported) consider(reported);
  return values;
}

}  // namespace conclave::paxos
