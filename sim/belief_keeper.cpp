#include "sim/belief_keeper.hpp"

#include <utility>

namespace conclave::sim {

void BeliefKeeper::begin(const Subject& subject, std::string session, Deadline deadline) {
  auto& belief = beliefs_[subject];
  belief = {.session = std::move(session), .deadline = std::move(deadline), .local = {}, .until = {}};
  belief.local = belief.deadline();
  write(subject, belief);
}

void BeliefKeeper::end(const Subject& subject) {
  const auto found = beliefs_.find(subject);
  if (found == beliefs_.end()) return;
  if (!found->second.lapsed) write_end(subject, found->second);
  beliefs_.erase(found);
}

void BeliefKeeper::review(const std::string& node) {
  for (auto place = beliefs_.lower_bound({.node = node, .res = {}}); place != beliefs_.end() && place->first.node == node; ++place) {
    auto& [subject, belief] = *place;
    const auto local = belief.deadline();
    const auto until = world_.machine(node).clock.when(local, world_.now());
    if (local == belief.local && until == belief.until) continue;
    belief.local = local;
    // What has run out and was not told yet, as in a stopped process, is believed no more.
    if (until > world_.now() && (until > belief.until || belief.lapsed)) {
      write(subject, belief);
    } else if (until < belief.until && !belief.lapsed) {
      // What is written only grows: the end is told when it has come.
      world_.timeline().at(until, [this, subject = subject, local] { lapse(subject, local); });
    }
  }
}

void BeliefKeeper::forget(const std::string& node) {
  std::erase_if(beliefs_, [&](const auto& entry) { return entry.first.node == node; });
}

void BeliefKeeper::write(const Subject& subject, Belief& belief) {
  belief.until = world_.machine(subject.node).clock.when(belief.local, world_.now());
  belief.lapsed = false;
  const auto at = world_.now().time_since_epoch();
  // A clock that stands still reaches no deadline.
  const auto until = belief.until == Instant::max() ? std::nullopt : std::optional(belief.until.time_since_epoch());
  if (belief.session.empty())
    history_.events.emplace_back(Lead{.at = at, .node = subject.node, .res = subject.res, .epoch = subject.number, .until = until});
  else
    history_.events.emplace_back(Hold{.at = at,
                                      .node = subject.node,
                                      .session = belief.session,
                                      .res = subject.res,
                                      .token = subject.number,
                                      .until = until});
}

void BeliefKeeper::write_end(const Subject& subject, const Belief& belief) {
  const auto at = world_.now().time_since_epoch();
  if (belief.session.empty())
    history_.events.emplace_back(Unlead{.at = at, .node = subject.node, .res = subject.res, .epoch = subject.number});
  else
    history_.events.emplace_back(
        Drop{.at = at, .node = subject.node, .session = belief.session, .res = subject.res, .token = subject.number});
}

void BeliefKeeper::lapse(const Subject& subject, Instant local) {
  const auto found = beliefs_.find(subject);
  if (found == beliefs_.end() || found->second.lapsed || found->second.deadline() != local) return;
  // It may have been changed once more.
  if (world_.machine(subject.node).clock.at(world_.now()) < local) return;
  write_end(subject, found->second);
  found->second.lapsed = true;
}

}  // namespace conclave::sim
