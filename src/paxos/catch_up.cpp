// Fetching, and serving those who fetch.
#include "paxos/catch_up.hpp"

#include <algorithm>
#include <utility>

#include "paxos/learner.hpp"

namespace conclave::paxos {

void Fetcher::start(const MemberId& holder, Slot upto, BootClock::duration patience, const Core& core, Instant now,
                    Effects& effects) {
  holder_ = holder;
  upto_ = upto;
  patience_ = patience;
  ask(core, now, effects);
}

void Fetcher::ask(const Core& core, Instant now, Effects& effects) {
  asked_from_ = core.watermark().next();
  deadline_ = now + patience_;
  effects.send_now.push_back({*holder_, Fetch{asked_from_, upto_}});
}

bool Fetcher::on_learnt(const MemberId& from, const Core& core, Instant now, Effects& effects) {
  if (!holder_ || core.watermark() < asked_from_) return false;
  if (core.watermark() >= upto_)
    stop();
  else if (from == *holder_)
    ask(core, now, effects);
  return true;
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
