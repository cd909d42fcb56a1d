// Promising and accepting.
#include "paxos/acceptor.hpp"

#include <algorithm>
#include <utility>

#include "base/invariant.hpp"

namespace conclave::paxos {
namespace {

// Cuts a report into frames; an empty one is still one part.
class Parts {
 public:
  Parts(Promise head, const Tuning& tuning) : head_(std::move(head)), tuning_(tuning) { parts_.push_back(head_); }

  void add(Reported reported) {
    const auto size = wire_bytes(reported.entry);
    const auto& last = parts_.back().reported;
    if (!last.empty() && (bytes_ + size > tuning_.frame_bytes_max || last.size() >= tuning_.frame_entries_max)) {
      parts_.push_back(head_);
      bytes_ = 0;
    }
    bytes_ += size;
    parts_.back().reported.push_back(std::move(reported));
  }

  std::vector<Promise> finish() {
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      parts_[i].part = static_cast<std::uint32_t>(i);
      parts_[i].last_part = static_cast<std::uint32_t>(parts_.size() - 1);
    }
    return std::move(parts_);
  }

 private:
  Promise head_;
  const Tuning& tuning_;
  std::vector<Promise> parts_;
  std::size_t bytes_ = 0;
};

// P4: all that is held above the *candidate's* watermark. Chosen entries only as far as one report should go: a candidate
// fetches up to the watermark before it proposes, so those left out reach it, and what is above is always all there.
std::vector<Promise> report(const Prepare& prepare, Ballot promised, const Core& core) {
  const auto& log = core.log;
  Parts parts({.ballot = promised,
               .incarnation = core.identity.incarnation,
               .watermark = log.watermark(),
               .first_held = log.first_held(),
               .reported = {},
               .boot_nonce = prepare.boot_nonce},
              core.tuning);
  std::size_t bytes = 0;
  auto slot = std::max(prepare.watermark.next(), log.first_held());
  for (; slot <= log.watermark() && bytes < core.tuning.report_chosen_bytes_max; ++slot) {
    const auto& held = *log.at(slot);
    bytes += wire_bytes(held.entry);
    parts.add({slot, held.ballot, true, held.entry});
  }
  slot = std::max({prepare.watermark.next(), log.watermark().next(), log.first_held()});
  for (; slot <= log.last(); ++slot) parts.add({slot, log.at(slot)->ballot, false, log.at(slot)->entry});
  return parts.finish();
}

}  // namespace

Acceptor::Acceptor(Ballot promised, const Log& log)
    : promised_(promised), accepted_in_(promised), accepted_upto_(log.watermark()) {
  while (true) {
    const auto* held = log.at(accepted_upto_.next());
    if (held == nullptr || held->ballot != promised) break;
    ++accepted_upto_;
  }
}

Slot Acceptor::accepted_upto(Ballot ballot, const Log& log) const {
  return ballot == accepted_in_ ? std::max(log.watermark(), accepted_upto_) : log.watermark();
}

Stored Acceptor::stored(const Core& core) const {
  return {.promised = promised_,
          .watermark = core.durable.issued_watermark(),
          .last = core.log.last(),
          .accepted_in = accepted_in_,
          .accepted_upto = accepted_upto_};
}

void Acceptor::promise(Ballot ballot, Core& core, Effects& effects) {
  CONCLAVE_INVARIANT(ballot >= promised_, ballot, promised_);
  if (ballot == promised_) return;
  promised_ = ballot;
  core.durable.persist(PromisedRecord{ballot}, effects);
}

std::vector<Promise> Acceptor::on_prepare(const Prepare& prepare, Core& core, Effects& effects) {
  promise(prepare.ballot, core, effects);
  return report(prepare, promised_, core);
}

void Acceptor::enter(Ballot ballot, Core& core, Effects& effects) {
  promise(ballot, core, effects);
  if (ballot == accepted_in_) return;
  accepted_in_ = ballot;
  accepted_upto_ = core.watermark();
}

std::variant<Accepted, Malformed> Acceptor::on_accept(Accept& accept, Core& core, Effects& effects) {
  CONCLAVE_INVARIANT(accept.ballot >= promised_, accept.ballot, promised_);
  const auto end = accept.first + accept.entries.size();
  if (accept.first.value == 0 || end < accept.first) return Malformed{"an Accept of impossible slots"};
  // One value per ballot and slot, also when a frame comes twice.
  for (auto slot = std::max(accept.first, core.watermark().next());
       slot < end && slot <= accepted_upto(accept.ballot, core.log); ++slot)
    if (core.log.at(slot)->entry != accept.entries[slot - accept.first])
      return Malformed{"two values in one ballot and slot"};

  enter(accept.ballot, core, effects);
  const auto upto = accepted_upto(accept.ballot, core.log);
  const bool gap = accept.first > upto.next();
  if (!gap)
    for (auto slot = upto.next(); slot < end; ++slot)
      this->accept(accept.ballot, slot, std::move(accept.entries[slot - accept.first]), core, effects);
  return Accepted{.ballot = accept.ballot,
                  .incarnation = core.identity.incarnation,
                  .watermark = core.watermark(),
                  .upto = accepted_upto(accept.ballot, core.log),
                  .gap = gap};
}

void Acceptor::accept(Ballot ballot, Slot slot, Entry entry, Core& core, Effects& effects) {
  enter(ballot, core, effects);
  CONCLAVE_INVARIANT(ballot == promised_, ballot, promised_);
  CONCLAVE_INVARIANT(slot == accepted_upto(ballot, core.log).next(), slot, accepted_upto(ballot, core.log));
  core.durable.persist(AcceptedRecord{slot, ballot, entry}, effects);
  core.log.put(slot, ballot, std::move(entry));
  accepted_upto_ = slot;
}

}  // namespace conclave::paxos
