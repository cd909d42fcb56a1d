// Pipelining entries to one follower.
#include "paxos/stream.hpp"

#include <algorithm>

namespace conclave::paxos {
namespace {

constexpr unsigned silences_max = 5;

}  // namespace

void Stream::go_on_from(Slot next, Instant now) {
  next_ = next;
  sent_bytes_ = 0;
  probing_ = asked_ = false;
  progress_ = now;
}

void Stream::restart(Instant now) {
  go_on_from(acknowledged_.next(), now);
  probing_ = true;
  rewound_to_ = Slot{0};
}

void Stream::set_linked(bool linked, Instant now) {
  linked_ = linked;
  if (!linked) return;
  silences_ = 0;
  restart(now);
}

void Stream::on_accepted(const Accepted& accepted, Slot proposed_upto, const Log& log, Instant now) {
  // A follower that knows more chosen than was proposed here follows a higher ballot by now: what is above counts nothing.
  const auto upto = std::min(std::max(accepted.upto, accepted.watermark), proposed_upto);
  const bool first = !incarnation_;
  incarnation_ = accepted.incarnation;
  silences_ = 0;
  if (upto > acknowledged_) {
    for (auto slot = std::max(acknowledged_.next(), log.first_held()); slot <= upto && slot < next_; ++slot)
      sent_bytes_ -= std::min(sent_bytes_, wire_bytes(log.at(slot)->entry));
    progress_ = now;
  }
  if (first || upto > acknowledged_) acknowledged_ = upto;
  if (probing_ || next_ <= acknowledged_.next()) return go_on_from(acknowledged_.next(), now);
  if (!accepted.gap || upto < acknowledged_ || acknowledged_.next() == rewound_to_) return;
  rewound_to_ = acknowledged_.next();
  go_on_from(rewound_to_, now);
}

Accept Stream::frame(Ballot ballot, Slot proposed_upto, const Core& core) {
  Accept accept{.ballot = ballot, .first = next_, .entries = {}, .chosen_upto = core.watermark()};
  std::size_t bytes = 0;
  for (; next_ <= proposed_upto && accept.entries.size() < core.tuning.frame_entries_max; ++next_) {
    const auto& entry = core.log.at(next_)->entry;
    const auto size = wire_bytes(entry);
    if (!accept.entries.empty() && bytes + size > core.tuning.frame_bytes_max) break;
    bytes += size;
    accept.entries.push_back(entry);
  }
  sent_bytes_ += bytes;
  told_chosen_ = accept.chosen_upto;
  return accept;
}

void Stream::pump(Ballot ballot, Slot proposed_upto, const Core& core, Instant now, std::vector<Message>& out) {
  if (!linked_) return;
  const auto& tuning = core.tuning;
  if (waiting() && now >= patience(tuning)) {
    silences_ = std::min(silences_ + 1, silences_max);
    restart(now);
  }
  if (probing_) {
    if (!asked_)
      out.push_back(Accept{.ballot = ballot, .first = next_, .entries = {}, .chosen_upto = core.watermark()});
    asked_ = true;
    return;
  }
  if (!waiting()) progress_ = now;
  const auto room = [&] {
    return next_ == acknowledged_.next() ||
           (sent_bytes_ < tuning.window_bytes_max && next_ - acknowledged_.next() < tuning.window_entries_max);
  };
  while (next_ <= proposed_upto && room()) out.push_back(frame(ballot, proposed_upto, core));
  if (told_chosen_ < core.watermark()) {
    told_chosen_ = core.watermark();
    out.push_back(Chosen{ballot, told_chosen_});
  }
}

std::optional<Instant> Stream::wakeup(const Tuning& tuning) const {
  if (!waiting()) return std::nullopt;
  return patience(tuning);
}

}  // namespace conclave::paxos
