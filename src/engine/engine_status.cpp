// Engine: what this node knows, in numbers and in words.
#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "engine/engine.hpp"

namespace conclave::engine {
namespace {

Health health_of(gossip::State state) {
  switch (state) {
    case gossip::State::alive:
      return Health::alive;
    case gossip::State::suspect:
      return Health::suspect;
    case gossip::State::dead:
      return Health::dead;
    case gossip::State::left:
      return Health::left;
  }
  return Health::unknown;
}

std::string counted(std::size_t count, const char* one, const char* many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

bool lives(Health health) { return health == Health::alive || health == Health::suspect; }

std::string called_alike(const std::string& name, MemberId one, MemberId other) {
  return "two members are called '" + name + "': " + one.to_string() + " and " + other.to_string() +
         "; give one of them another name";
}

/// A sentence on the first two living members of one name; empty if there are none.
std::string namesakes_among(const std::vector<MemberStatus>& members) {
  std::map<std::string_view, MemberId> names;
  for (const auto& member : members) {
    if (!lives(member.health)) continue;
    const auto [first, is_first] = names.emplace(member.name, member.id);
    if (!is_first) return called_alike(member.name, first->second, member.id);
  }
  return {};
}

ResourceStatus described(const std::string& name, const coordination::Resource& resource) {
  ResourceStatus status;
  status.name = name;
  status.version = resource.version;
  status.waiters = resource.waiters.size();
  if (resource.holder) {
    status.holder = resource.holder->owner_name;
    status.token = resource.holder->token;
    status.note = std::string(to_text(resource.holder->value));
  }
  return status;
}

}  // namespace

std::vector<MemberStatus> Engine::members() const {
  std::map<MemberId, MemberStatus> members;
  if (genesis_.committed())
    for (const auto& founder : genesis_.record()->founders)
      members[founder.member] = {.id = founder.member,
                                 .name = founder.name,
                                 .address = founder.address.port == 0 ? std::string() : to_string(founder.address),
                                 .role = Role::voter};
  if (gossip_)
    for (const auto& [id, member] : gossip_->members()) {
      auto& status = members[id];
      status.id = id;
      status.name = member.rumour.name;
      status.address = to_string(member.rumour.address);
      status.health = health_of(member.rumour.state);
    }
  // A link of this node's own is better evidence than any rumour.
  for (const auto& [id, peer] : peers_.linked()) {
    auto& status = members[id];
    status.id = id;
    status.name = peer.hello.name;
    if (peer.hello.address) status.address = to_string(*peer.hello.address);
    status.health = Health::alive;
  }
  auto& mine = members[self()];
  mine.id = self();
  mine.name = options_.name;
  mine.health = Health::alive;
  if (options_.advertise) mine.address = to_string(*options_.advertise);
  std::vector<MemberStatus> listed;
  for (auto& [id, status] : members) {
    status.leads = path_.leader == id;
    listed.push_back(std::move(status));
  }
  return listed;
}

// A voter says in its Hello whether it has its vote; of one that loses it later, its links hear with the next Hello.
bool Engine::has_lost_vote(MemberId voter) const {
  if (voter == self()) return recovered_.vote_lost.has_value();
  const auto* peer = peers_.find(voter);
  return peer && (peer->vote_doubted || !votes(*peer));
}

std::string Engine::sentence(const std::vector<MemberStatus>& members) const {
  if (!genesis_.committed()) return "not part of a cluster yet: " + outside().detail;
  std::size_t voters = 0;
  std::size_t alive = 0;
  std::size_t able = 0;
  std::string leader;
  std::string without_vote;
  for (const auto& member : members) {
    if (member.leads) leader = member.name;
    if (member.role != Role::voter) continue;
    ++voters;
    if (member.health == Health::alive) ++alive;
    if (has_lost_vote(member.id))
      without_vote += (without_vote.empty() ? "" : ", ") + member.name;
    else if (member.health == Health::alive)
      ++able;
  }
  auto text = counted(voters, "voter", "voters") + ", " + std::to_string(alive) + " alive";
  if (!without_vote.empty()) text += ", lost its vote: " + without_vote;
  if (members.size() > voters) text += ", " + counted(members.size() - voters, "observer", "observers");
  // Alone with its links, it cannot tell who is alive.
  if (const auto missing = missing_state()) return text + ": " + missing->detail;
  if (!leader.empty()) return text + ", led by " + leader + ": working";
  if (alive * 2 <= voters) return text + ": no majority, so nothing can be decided; start the missing voters";
  if (able * 2 <= voters) return text + ": no majority with a vote, so nothing can be decided";
  return text + ": electing a leader";
}

Status Engine::status(Instant) const {
  Status status;
  status.members = members();
  status.sentence = sentence(status.members);
  if (disk_full_) status.sentence += "; this node's disk is full, and it takes no new commands until there is room";
  if (const auto alike = namesakes_among(status.members); !alike.empty()) status.sentence += "; " + alike;
  status.cluster_name = options_.cluster_name;
  if (genesis_.committed()) {
    status.cluster = genesis_.record()->cluster;
    status.lineage = genesis_.record()->lineage.number;
  }
  status.self = self();
  status.self_name = options_.name;
  status.role = replica_ && replica_->role() != paxos::Role::observer ? Role::voter : Role::observer;
  status.vote_lost = recovered_.vote_lost.value_or("");
  status.leader = path_.leader;
  status.leader_reason = leader_reason_;
  status.chosen = replica_ ? replica_->watermark() : Slot{};
  status.applied = state_.applied();
  status.sessions = state_.sessions().size();
  for (const auto& [name, resource] : state_.resources())
    (name.kind == coordination::ResourceKind::lock ? status.locks : status.elections).push_back(described(name.name, resource));
  return status;
}

// A name is for people, the id identifies: the second of a name is no error, often it is the successor of one whose folder was
// lost. Who looks for one of them by name has to know that there are two.
void Engine::warn_of_namesake(MemberId member, const std::string& name) {
  const auto other = namesake(member, name);
  if (!other || !namesakes_told_.insert(member).second) return;
  remark(LogLevel::warning, called_alike(name, *other, member));
}

std::optional<MemberId> Engine::namesake(MemberId member, const std::string& name) const {
  if (member != self() && name == options_.name) return self();
  for (const auto& [id, peer] : peers_.linked())
    if (id != member && peer.hello.name == name) return id;
  if (!gossip_) return std::nullopt;
  for (const auto& [id, other] : gossip_->members())
    if (id != member && lives(health_of(other.rumour.state)) && other.rumour.name == name) return id;
  return std::nullopt;
}

Error Engine::outside() const {
  Error why(errc::not_ready, "waiting for " + genesis_.waiting_for());
  const bool joins = !options_.join.empty();
  if (!joins && problem_) {
    // A stranger who dials a founder is no reason to give up.
    if (*problem_ == errc::wrong_cluster) return {errc::not_ready, problem_->detail};
    return *problem_;
  }
  std::string separator = ": ";
  for (const auto& trouble : peers_.troubles()) why.detail += std::exchange(separator, "; ") + trouble.message();
  for (const auto& [member, peer] : peers_.linked())
    if (joins && peer.hello.cluster.is_nil())
      why.detail += std::exchange(separator, "; ") + "'" + peer.hello.name + "' is not part of a cluster yet, either";
  if (joins && peers_.all_are_foreign()) why.code = make_error_code(errc::wrong_cluster);
  return why;
}

std::optional<Error> Engine::missing_state() const {
  if (!options_.ephemeral || state_.applied() > Slot{0}) return std::nullopt;
  return problem_.value_or(Error(errc::not_ready, "waiting for the state from a member"));
}

void Engine::report_progress() {
  std::optional<Error> waiting;
  if (!genesis_.committed())
    waiting = outside();
  else if (auto missing = missing_state())
    waiting = std::move(missing);
  else if (!path_.leader)
    waiting = Error(errc::not_ready, sentence(members()));
  else if (!path_.here && !path_.link)
    waiting = Error(errc::not_ready, "there is no link to the leader");
  if (waiting == told_progress_) return;
  told_progress_ = waiting;
  effects_.notices.push_back(Progress{.waiting_for = waiting});
}

}  // namespace conclave::engine
