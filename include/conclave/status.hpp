/// \file
/// What a node knows of itself, its cluster, the locks and the elections, at one moment.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <conclave/types.hpp>

namespace conclave {

/// What a member may do. An observer follows the log and never votes.
enum class Role { observer, voter };

/// Whether gossip, or a link of this node's own, finds a member alive.
enum class Health { unknown, alive, suspect, dead, left };

struct MemberStatus {
  MemberId id;
  std::string name;
  std::string address;
  Role role{Role::observer};
  Health health{Health::unknown};
  bool leads{false};

  friend bool operator==(const MemberStatus&, const MemberStatus&) = default;
};

/// A lock or an election that is held or waited for.
struct ResourceStatus {
  std::string name;
  /// Who holds it; empty: nobody at this moment.
  std::string holder;
  Token token;
  std::uint64_t version{0};
  std::size_t waiters{0};
  /// The holder's note or campaign value.
  std::string note;

  friend bool operator==(const ResourceStatus&, const ResourceStatus&) = default;
};

struct Status {
  /// One sentence for a person: "3 voters, 2 alive, led by b: working".
  std::string sentence;
  std::string cluster_name;
  /// Empty until the node belongs to a cluster.
  std::optional<ClusterId> cluster;
  std::uint64_t lineage{0};
  MemberId self;
  std::string self_name;
  Role role{Role::observer};
  /// Why this store has no vote although its member is a voter; empty: it has.
  std::string vote_lost;
  std::optional<MemberId> leader;
  /// Why leadership last changed, in words.
  std::string leader_reason;
  Slot chosen;
  Slot applied;
  std::size_t sessions{0};
  std::vector<MemberStatus> members;
  std::vector<ResourceStatus> locks;
  std::vector<ResourceStatus> elections;

  friend bool operator==(const Status&, const Status&) = default;
};

}  // namespace conclave
