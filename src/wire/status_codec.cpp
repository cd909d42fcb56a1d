// The status, as one node tells it to an inquirer.
#include <algorithm>
#include <span>

#include "wire/limits.hpp"
#include "wire/role.hpp"
#include "wire/session_codec.hpp"

namespace conclave::schema {

Health to_schema(conclave::Health health) {
  switch (health) {
    case conclave::Health::alive:
      return Health::ALIVE;
    case conclave::Health::suspect:
      return Health::SUSPECT;
    case conclave::Health::dead:
      return Health::DEAD;
    case conclave::Health::left:
      return Health::LEFT;
    case conclave::Health::unknown:
      break;
  }
  return Health::UNKNOWN;
}

conclave::Health from_schema(Health health) {
  switch (health) {
    case Health::ALIVE:
      return conclave::Health::alive;
    case Health::SUSPECT:
      return conclave::Health::suspect;
    case Health::DEAD:
      return conclave::Health::dead;
    case Health::LEFT:
      return conclave::Health::left;
    case Health::UNKNOWN:
      break;
  }
  return conclave::Health::unknown;
}

static void put(MemberStatus::Builder out, const conclave::MemberStatus& value) {
  put(out.initId(), value.id);
  out.setName(text(value.name));
  out.setAddress(text(value.address));
  out.setRole(to_schema(value.role));
  out.setHealth(to_schema(value.health));
  out.setLeads(value.leads);
}

static conclave::MemberStatus take(MemberStatus::Reader in) {
  return {.id = take_member(in.getId()),
          .name = take_text(in.getName(), member_name_bytes_max, "MemberStatus.name"),
          .address = take_text(in.getAddress(), wire::detail_bytes_max, "MemberStatus.address"),
          .role = from_schema(in.getRole()),
          .health = from_schema(in.getHealth()),
          .leads = in.getLeads()};
}

static void put(ResourceStatus::Builder out, const conclave::ResourceStatus& value) {
  out.setName(blob(value.name));
  out.setHolder(blob(value.holder));
  out.setToken(value.token.value);
  out.setVersion(value.version);
  out.setWaiters(value.waiters);
  out.setNote(blob(value.note));
}

static conclave::ResourceStatus take(ResourceStatus::Reader in) {
  return {.name = take_string(in.getName(), resource_name_bytes_max, "ResourceStatus.name"),
          .holder = take_string(in.getHolder(), wire::detail_bytes_max, "ResourceStatus.holder"),
          .token = Token(in.getToken()),
          .version = in.getVersion(),
          .waiters = in.getWaiters(),
          .note = take_string(in.getNote(), value_bytes_max, "ResourceStatus.note")};
}

// More than a person reads is left out, not refused at the other end.
template <class T>
static std::span<const T> first(const std::vector<T>& values, std::size_t most) {
  return std::span(values).first(std::min(values.size(), most));
}

void put(StatusRequest::Builder, const engine::StatusRequest&) {}

engine::StatusRequest take(StatusRequest::Reader) { return {}; }

void put(StatusReply::Builder out, const engine::StatusReply& reply) {
  const auto& value = reply.status;
  out.setSentence(text(sentence(value.sentence)));
  out.setClusterName(text(value.cluster_name));
  if (value.cluster) put(out.initCluster(), *value.cluster);
  out.setLineage(value.lineage);
  put(out.initSelf(), value.self);
  out.setSelfName(text(value.self_name));
  out.setRole(to_schema(value.role));
  out.setVoteLost(text(sentence(value.vote_lost)));
  if (value.leader) put(out.initLeader(), *value.leader);
  out.setLeaderReason(text(sentence(value.leader_reason)));
  out.setChosen(value.chosen.value);
  out.setApplied(value.applied.value);
  out.setSessions(value.sessions);
  const auto members = first(value.members, wire::status_members_max);
  const auto locks = first(value.locks, wire::status_resources_max);
  const auto elections = first(value.elections, wire::status_resources_max);
  put_list(out.initMembers(count(members)), members);
  put_list(out.initLocks(count(locks)), locks);
  put_list(out.initElections(count(elections)), elections);
}

engine::StatusReply take(StatusReply::Reader in) {
  conclave::Status value;
  value.sentence = take_text(in.getSentence(), wire::detail_bytes_max, "StatusReply.sentence");
  value.cluster_name = take_text(in.getClusterName(), cluster_name_bytes_max, "StatusReply.clusterName");
  if (in.hasCluster()) value.cluster = take_cluster(in.getCluster());
  value.lineage = in.getLineage();
  value.self = take_member(in.getSelf());
  value.self_name = take_text(in.getSelfName(), member_name_bytes_max, "StatusReply.selfName");
  value.role = from_schema(in.getRole());
  value.vote_lost = take_text(in.getVoteLost(), wire::detail_bytes_max, "StatusReply.voteLost");
  if (in.hasLeader()) value.leader = take_member(in.getLeader());
  value.leader_reason = take_text(in.getLeaderReason(), wire::detail_bytes_max, "StatusReply.leaderReason");
  value.chosen = Slot(in.getChosen());
  value.applied = Slot(in.getApplied());
  value.sessions = in.getSessions();
  value.members = take_list(in.getMembers(), wire::status_members_max, "StatusReply.members");
  value.locks = take_list(in.getLocks(), wire::status_resources_max, "StatusReply.locks");
  value.elections = take_list(in.getElections(), wire::status_resources_max, "StatusReply.elections");
  return {std::move(value)};
}

}  // namespace conclave::schema
