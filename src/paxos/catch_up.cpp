// Fetching, and serving those who fetch.
#include "paxos/catch_up.hpp"

#include <algorithm>
#include <utility>

#include "paxos/learner.hpp"

namespace conclave::paxos {

void Fetcher::start(const MemberId& holder, Slot upto, const Core& core, Instant now, Effects& effects) {
  holder_ = holder;
  upto_ = upto;
  ask(core, now, effects);
}

void Fetcher::ask(const Core& core, Instant now, Effects& effects) {
  asked_from_ = core.watermark().next();
  deadline_ = now + core.tuning.fetch_timeout;
  effects.send_now.push_back({*holder_, Fetch{asked_from_, upto_}});
}

void Fetcher::on_learnt(const MemberId& from, const Core& core, Instant now, Effects& effects) {
  if (!holder_) return;
  if (core.watermark() >= upto_) return stop();
  if (from == *holder_ && core.watermark() >= asked_from_) ask(core, now, effects);
}

void Learners::on_fetch(const MemberId& from, const Fetch& fetch, const Core& core, Effects& effects) {
  auto learn = lesson(core, fetch.from, fetch.upto);
  if (const auto found = learners_.find(from); found != learners_.end()) {
    found->second.next = learn.first + learn.entries.size();
    found->second.behind = found->second.next <= core.watermark();
  }
  effects.send_now.push_back({from, std::move(learn)});
}

void Learners::pump(const Core& core, Effects& effects) {
  for (auto& [member, learner] : learners_) {
    if (learner.behind || learner.next > core.watermark()) continue;
    auto learn = lesson(core, learner.next, core.watermark());
    learner.next = learn.first + learn.entries.size();
    learner.behind = learner.next <= core.watermark();
    effects.send_now.push_back({member, std::move(learn)});
  }
}

}  // namespace conclave::paxos
