// How a cluster comes to be (F1 to F6): by unanimity of its founders, in two phases, each synced before it is spoken of.
//
//   F1  A founder with an empty store founds only together with all founders of its own list, each reachable, pristine,
//       and naming the same list of addresses and the same cluster name.
//   F2  The founder with the smallest member uuid coordinates: it sends LockIn with all founders' members and nonces. The
//       cluster uuid is a hash of them. A founder that agrees syncs the lock-in, then answers LockedIn.
//   F3  A lock-in is never overwritten by another; asked again for the same one, a founder answers again.
//   F4  With all LockedIn, the coordinator syncs the commit, then sends Commit; each founder syncs it and votes from then on.
//   F5  A locked-in founder adopts a Commit of its lock-in's cluster from whoever has it. Members that know the commit send
//       it to whoever says, or has said, Hello without a cluster and is named in it, or joins.
//   F6  A pristine node founds nothing once it has heard, from any peer, of a cluster of its name. A single founder (by an
//       explicit flag) commits at once.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <conclave/result.hpp>

#include "engine/message.hpp"
#include "engine/record.hpp"

namespace conclave::engine {

class Genesis {
 public:
  struct Plan {
    MemberId self;
    Uuid founding_nonce;
    std::string name;
    std::optional<Address> address;
    std::string cluster_name;
    /// Empty: this node founds nothing and joins. Its own address is among them otherwise.
    std::vector<Address> founders;
    bool single{false};

    friend bool operator==(const Plan&, const Plan&) = default;
  };

  /// What has to be stored (and synced before `send` leaves), sent, and told.
  struct Output {
    std::optional<GenesisRecord> persist;
    std::vector<std::pair<MemberId, Message>> send;
    /// The founding cannot go on until somebody changes something.
    std::optional<Error> problem;
  };

  Genesis(Plan plan, std::optional<GenesisRecord> stored);

  /// Begins: a single founder commits.
  void start(Output& out);
  /// `hello` came over a link to `hello.member`. Once committed, give it the Hellos of all present links again: that is
  /// how they are told.
  void on_hello(const Hello& hello, Output& out);
  void on_lock_in(MemberId from, const LockIn& message, Output& out);
  void on_locked_in(MemberId from, const LockedIn& message, Output& out);
  void on_commit(const Commit& message, Output& out);
  void on_link_closed(MemberId member);

  /// The cluster, once it is committed; the caller waits for its sync before it votes.
  [[nodiscard]] const std::optional<GenesisRecord>& record() const { return record_; }
  [[nodiscard]] bool committed() const { return record_ && record_->committed; }
  /// What a Hello says of it.
  [[nodiscard]] const Plan& plan() const { return plan_; }
  /// What founding waits for, in words; for `not_ready`.
  [[nodiscard]] std::string waiting_for() const;

  friend bool operator==(const Genesis&, const Genesis&) = default;

  template <class H>
  friend void hash_append(H& h, const Genesis& genesis) {
    h(genesis.record_, genesis.known_, genesis.locked_in_, genesis.cluster_exists_);
  }

 private:
  void try_lock_in(Output& out);
  void commit(Output& out);
  [[nodiscard]] std::optional<Error> disagreement(const Hello& hello) const;
  [[nodiscard]] bool agrees(const LockIn& message) const;

  Plan plan_;
  std::optional<GenesisRecord> record_;
  /// Founders that are linked, pristine and agree, by member; this node included.
  std::map<MemberId, Founder> known_;
  /// Who has answered the lock-in.
  std::set<MemberId> locked_in_;
  /// Another cluster of this name was heard of (F6).
  bool cluster_exists_{false};
};

/// F2: the first 16 bytes of the SHA-256 over cluster name, members and nonces in order, marked as a version 8 uuid.
[[nodiscard]] ClusterId cluster_of(const std::string& cluster_name, const std::vector<Founder>& founders);

}  // namespace conclave::engine
