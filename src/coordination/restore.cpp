// The image as a state again. An image comes from a peer or a disk: whatever no state could have is refused, before any
// invariant could meet it.
#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "base/text.hpp"
#include "coordination/digest.hpp"
#include "coordination/limits.hpp"
#include "coordination/state.hpp"
#include "coordination/valid.hpp"

namespace conclave::coordination {
namespace {

/// Adds the parts of an image to empty tables, and stops at the first that is wrong.
class Restorer {
 public:
  explicit Restorer(const Image& image) : image_(image) {}

  [[nodiscard]] bool take_counters();
  [[nodiscard]] bool take_sessions();
  [[nodiscard]] bool take_resources();
  [[nodiscard]] bool take_free_names();
  [[nodiscard]] bool take_losses();

  Tables tables;
  std::string complaint;

 private:
  bool take(const Session& session);
  bool take(const ResourceImage& resource);
  bool take_request(const RequestId& request, Requests::Where where, const MemberId& owner,
                    const std::string& owner_name);
  bool check_grant(const ResourceImage& resource);
  /// True, or a complaint.
  template <class Value>
  bool require(bool fact, const char* text, const Value& value) {
    using conclave::to_string;
    if (!fact && complaint.empty()) complaint = std::string(text) + " " + to_string(value);
    return fact;
  }
  [[nodiscard]] bool is_past(Slot slot) const { return slot > Slot{0} && slot <= image_.applied; }

  const Image& image_;
  std::set<Token> tokens_;
};

bool Restorer::take_counters() {
  tables.applied = image_.applied;
  tables.now = image_.now;
  tables.term = image_.term;
  tables.tokens = {.lineage = image_.lineage, .issued = image_.grants};
  return require(image_.lineage < lineage_end, "lineage", image_.lineage) &&
         require(image_.grants >> token_counter_bits == 0, "number of grants", image_.grants);
}

bool Restorer::take_sessions() {
  return std::ranges::all_of(image_.sessions, [this](const auto& session) { return take(session); });
}

bool Restorer::take(const Session& session) {
  const auto is_whole = [](const Answer& answer) { return answer.from_user || answer.outcome; };
  const bool in_order = tables.sessions.empty() || tables.sessions.rbegin()->first < session.id;
  const auto ran = session.next_sequence.value - 1;
  if (!require(in_order && is_past(Slot{session.id.value}), "session out of order", session.id) ||
      !require(is_valid_opening(session.ttl, session.owner_name), "session", session.id) ||
      !require(session.next_sequence > Sequence{0} && session.answers.size() <= std::min(ran, unanswered_max) &&
                   std::ranges::all_of(session.answers, is_whole),
               "answers of session", session.id))
    return false;
  tables.sessions.emplace_hint(tables.sessions.end(), session.id, session);
  tables.requests.open(session.id);
  return true;
}

bool Restorer::take_resources() {
  return std::ranges::all_of(image_.resources, [this](const auto& resource) { return take(resource); });
}

bool Restorer::take(const ResourceImage& resource) {
  const auto& name = resource.name;
  const auto& holder = resource.holder;
  const bool in_order = tables.resources.empty() || tables.resources.rbegin()->first < name;
  if (!require(in_order && is_valid(name), "resource out of order", name) || !check_grant(resource) ||
      !take_request(holder.request, {.resource = name, .waiting = {}}, holder.owner, holder.owner_name))
    return false;
  Queue queue;
  for (const auto& waiter : resource.waiters) {
    const bool ranked = name.kind == ResourceKind::election || waiter.place.priority == 0;
    const bool behind = queue.empty() || QueueOrder::before(queue.rbegin()->place, waiter.place);
    if (!require(ranked && behind && is_past(waiter.place.slot) && waiter.since <= image_.now &&
                     is_valid_request(waiter.value, waiter.max_hold),
                 "queue of", name) ||
        !take_request(waiter.request, {.resource = name, .waiting = waiter.place}, waiter.owner, waiter.owner_name))
      return false;
    queue.insert(queue.end(), waiter);
  }
  if (holder.ending) tables.endings.add(name, holder);
  if (const auto due = hold_due(holder)) tables.timers.arm(*due, name, holder.token);
  tables.resources.emplace_hint(
      tables.resources.end(), name,
      Resource{.version = resource.version, .holder = holder, .waiters = std::move(queue)});
  return true;
}

bool Restorer::check_grant(const ResourceImage& resource) {
  const auto& grant = resource.holder;
  const auto number = grant.token.value & ((std::uint64_t{1} << token_counter_bits) - 1);
  const bool issued =
      number > 0 && number <= image_.grants && grant.token.value >> token_counter_bits <= image_.lineage;
  return require(issued && tokens_.insert(grant.token).second, "token", grant.token) &&
         require(grant.version == resource.version && is_past(grant.slot) && grant.time <= image_.now &&
                     is_valid_request(grant.value, grant.max_hold),
                 "grant of", resource.name);
}

bool Restorer::take_request(const RequestId& request, Requests::Where where, const MemberId& owner,
                            const std::string& owner_name) {
  const auto session = tables.sessions.find(request.session);
  if (!require(session != tables.sessions.end(), "request of no session", request)) return false;
  const auto& of = session->second;
  if (!require(request.sequence > Sequence{0} && request.sequence < of.next_sequence && owner == of.owner &&
                   owner_name == of.owner_name && !tables.requests.find(request) &&
                   tables.requests.count(of.id) < requests_per_session_max,
               "request", request))
    return false;
  tables.requests.add(request, std::move(where));
  return true;
}

bool Restorer::take_free_names() {
  std::map<ResourceName, Versions::Free> free;
  for (const auto& name : image_.free) {
    const bool in_order = free.empty() || free.rbegin()->first < name.name;
    if (!require(in_order && is_valid(name.name) && is_past(name.since) && !tables.resources.contains(name.name),
                 "free name", name.name))
      return false;
    free.emplace_hint(free.end(), name.name, Versions::Free{.version = name.version, .since = name.since});
  }
  if (!require(free.size() <= free_resources_max, "free names", free.size())) return false;
  tables.versions = Versions(image_.version_floor, std::move(free));
  return true;
}

bool Restorer::take_losses() {
  if (!require(image_.losses.size() <= losses_max && std::ranges::is_sorted(image_.losses, {}, &Loss::slot) &&
                   std::ranges::is_sorted(image_.losses, {}, &Loss::time),
               "flight record", image_.losses.size()))
    return false;
  for (const auto& loss : image_.losses) tables.losses.add(loss);
  return true;
}

}  // namespace

Result<State> State::from_image(const Image& image) {
  Restorer restorer(image);
  const bool whole = restorer.take_counters() && restorer.take_sessions() && restorer.take_resources() &&
                     restorer.take_free_names() && restorer.take_losses();
  if (!whole)
    return Error(errc::protocol_violation, "the image is no state of a cluster: " + restorer.complaint);
  if (digest_of(restorer.tables) != image.digest)
    return Error(errc::protocol_violation, "the image differs from the state that it was made from");
  return State(std::move(restorer.tables));
}

}  // namespace conclave::coordination
