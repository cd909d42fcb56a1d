// Elections: candidates, and who observes them.
#include <utility>

#include "sim/workload.hpp"

namespace conclave::sim {
namespace {

BeliefKeeper::Subject leading(const std::string& node, const Term& term) {
  return {node, term.election(), static_cast<std::int64_t>(term.token().value)};
}

}  // namespace

void Workload::campaign(const std::string& node, Arguments arguments) {
  const auto place = std::pair(node, arguments[0]);
  if (candidacies_.contains(place)) return;
  const auto id = begin(node);
  auto& candidacy = candidacies_[place];
  candidacy.id = id;
  // Promotion and demotion alternate, beginning with a promotion.
  const auto turned = [this, place, id](bool leads) {
    const auto found = candidacies_.find(place);
    if (found == candidacies_.end() || found->second.id != id) return;
    if (found->second.leads == leads)
      complaints_.push_back(place.first + ": told twice that it " + (leads ? "leads " : "leads no more ") + place.second);
    found->second.leads = leads;
  };
  auto campaign = world_.client(node).make_named_election(arguments[0]).campaign(
      {.value = node},
      {.on_elected =
           [this, node, turned](const Term& term) {
             turned(true);
             // What has ended before its callback ran is never believed.
             if (term.active()) recorder_.beliefs().begin(leading(node, term), {}, [term] { return term.deadline(); });
           },
       .on_revoked =
           [this, node, turned](const Term& term, const Error&) {
             turned(false);
             recorder_.beliefs().end(leading(node, term));
           }});
  if (!campaign) {
    candidacies_.erase(place);
    return finish(id);
  }
  candidacy.campaign = std::make_shared<Campaign>(std::move(*campaign));
  later(node, *parse_duration(arguments[1]), [this, node, election = arguments[0], id] { withdraw(node, election, id); });
}

void Workload::withdraw(const std::string& node, const std::string& election, std::uint64_t id) {
  const auto found = candidacies_.find({node, election});
  if (found == candidacies_.end() || found->second.id != id) return;
  found->second.campaign->cancel([this, place = found->first, id](const Result<void>&) {
    finish(id);
    const auto over = candidacies_.find(place);
    if (over != candidacies_.end() && over->second.id == id) candidacies_.erase(over);
  });
}

void Workload::resign(const std::string& node, Arguments arguments) {
  const auto found = candidacies_.find({node, arguments[0]});
  if (found == candidacies_.end()) return;
  const auto id = begin(node);
  found->second.campaign->resign([this, id](const Result<void>&) { finish(id); });
}

void Workload::hand_over(const std::string& node, Arguments arguments) {
  const auto found = candidacies_.find({node, arguments[0]});
  if (found == candidacies_.end()) return;
  const auto id = begin(node);
  found->second.campaign->hand_over(arguments[1], [this, id](const Result<void>&) { finish(id); });
}

void Workload::observe(const std::string& node, Arguments arguments) {
  const auto id = begin(node);
  const auto newest = std::make_shared<Token>();
  auto changed = [this, node, election = arguments[0], newest](const std::optional<Leader>& leader) {
    if (!leader) return;
    if (leader->token <= *newest)
      complaints_.push_back(node + ": observed an older leader of " + election + " after a newer one");
    *newest = leader->token;
  };
  auto observation = std::make_shared<Observation>(world_.client(node).make_named_election(arguments[0]).observe(std::move(changed)));
  later(node, *parse_duration(arguments[1]), [this, id, observation] {
    *observation = Observation();
    finish(id);
  });
}

}  // namespace conclave::sim
