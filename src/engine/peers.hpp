// Who is at the other end of each link (I3 to I5, I7, I9): judges Hellos, keeps one link per member, and decides which
// addresses to dial and when.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <conclave/error.hpp>

#include "base/ids.hpp"
#include "base/prng.hpp"
#include "engine/message.hpp"
#include "engine/record.hpp"

namespace conclave::engine {

struct LinkTuning {
  /// Waits between attempts to dial one address.
  std::chrono::nanoseconds first{std::chrono::milliseconds(20)};
  std::chrono::nanoseconds longest{std::chrono::seconds(2)};
  /// I9: a link without a Hello for so long is closed.
  std::chrono::nanoseconds hello_within{std::chrono::seconds(5)};

  friend bool operator==(const LinkTuning&, const LinkTuning&) = default;
};

class Peers {
 public:
  struct Peer {
    LinkId link;
    Hello hello;
    bool dialled{false};
    /// Its store is behind what this node saw of it: its votes do not count (I5).
    bool vote_doubted{false};

    friend bool operator==(const Peer&, const Peer&) = default;
    template <class H>
    friend void hash_append(H& h, const Peer& peer) {
      h(peer.link, peer.hello.member, peer.dialled, peer.vote_doubted);
    }
  };

  /// What became of a Hello.
  struct Judgement {
    /// Refused: tell the peer and close the link.
    std::optional<Error> refusal;
    /// Nothing wrong, but the link is of no use (our own, or a second one to the same member).
    bool close_quietly{false};
    /// A link to the same member that this one takes the place of.
    std::optional<LinkId> superseded;
    /// The link is up.
    bool accepted{false};
    /// What to remember of the peer's store (I5).
    std::optional<PeerRecord> remember;
    bool vote_doubted{false};
  };

  explicit Peers(Prng prng, LinkTuning tuning = {}) : prng_(prng), tuning_(tuning) {}

  // ---- Links ----
  void on_opened(LinkId link, const Address& remote, bool dialled, Instant now);
  /// `self` is what this node says of itself.
  [[nodiscard]] Judgement on_hello(LinkId link, const Hello& hello, const Hello& self);
  /// The member that was linked, if that link was its present one.
  std::optional<MemberId> on_closed(LinkId link, Instant now);
  /// One end has refused the other: when the link is closed, its address is not dialled again at once.
  void on_refused(LinkId link, const Error& why);
  /// I9: the links over which no Hello came in time; each is named once, and is to be closed.
  [[nodiscard]] std::vector<LinkId> silent(Instant now);

  [[nodiscard]] std::optional<LinkId> link_of(MemberId member) const;
  [[nodiscard]] std::optional<MemberId> member_of(LinkId link) const;
  [[nodiscard]] const Peer* find(MemberId member) const;
  [[nodiscard]] const std::map<MemberId, Peer>& linked() const { return linked_; }
  /// A link whose peer asks for the status only.
  [[nodiscard]] bool is_inquiry(LinkId link) const { return inquiries_.contains(link); }

  // ---- Stores seen (I5) ----
  void restore(const PeerRecord& record) { seen_[record.member] = record; }
  /// Synced values that `member`, a linked voter, spoke of; they only rise.
  void saw(MemberId member, paxos::Ballot promised, Slot last_slot);

  // ---- Dialling ----
  /// Keeps a link to `address` from now on; `member` when it is known who should be there.
  void want(const Address& address, std::optional<MemberId> member);
  void unwant(const Address& address);
  /// Dials `address` at once, whatever its waiting time: something may be gone.
  void hurry(const Address& address, Instant now);
  /// The addresses to dial now.
  [[nodiscard]] std::vector<Address> due(Instant now);
  /// A dial failed; the member that was expected there.
  std::optional<MemberId> on_dial_failed(const Address& address, const Error& why, Instant now);
  /// Why no member was met at the addresses to dial, for each whose last attempt came to nothing.
  [[nodiscard]] std::vector<Error> troubles() const;
  /// Whoever is to be dialled was met, and is of another cluster.
  [[nodiscard]] bool all_are_foreign() const;
  [[nodiscard]] std::optional<Instant> next_wakeup() const;

  friend bool operator==(const Peers&, const Peers&) = default;
  template <class H>
  friend void hash_append(H& h, const Peers& peers) {
    h(peers.prng_, peers.opened_, peers.linked_, peers.inquiries_, peers.seen_, peers.wanted_);
  }

 private:
  using Seen = std::map<MemberId, PeerRecord>;

  struct Opened {
    Address remote;
    bool dialled{false};
    /// What this node had seen of stores before the other end can have spoken on this link. Its Hello is judged by that (I5):
    /// what was seen later came over another link, and may have overtaken it.
    Seen seen;
    /// Nothing: its Hello came.
    std::optional<Instant> hello_due;
    bool refused{false};

    friend bool operator==(const Opened&, const Opened&) = default;
    template <class H>
    friend void hash_append(H& h, const Opened& opened) {
      h(opened.remote, opened.dialled, opened.seen, opened.hello_due, opened.refused);
    }
  };
  struct Wanted {
    std::optional<MemberId> member;
    Instant next_dial;
    unsigned failures{0};
    bool dialling{false};
    /// What had been seen of stores when it was dialled.
    Seen seen;
    /// The link that serves this address.
    std::optional<LinkId> link;
    /// Why the last attempt met no member; nothing: it did, or there was none.
    std::optional<Error> trouble;

    friend bool operator==(const Wanted&, const Wanted&) = default;
    template <class H>
    friend void hash_append(H& h, const Wanted& wanted) {
      h(wanted.member, wanted.next_dial, wanted.failures, wanted.dialling, wanted.seen, wanted.link, wanted.trouble);
    }
  };

  [[nodiscard]] std::optional<Error> refuse(const Hello& hello, const Hello& self) const;
  [[nodiscard]] bool keeps_old(const Peer& old, const Hello& hello, bool dialled, MemberId self) const;
  [[nodiscard]] static bool doubts(const Hello& hello, const Seen& seen);
  void plan_next(Wanted& wanted, Instant now);
  /// Of the address that `link` was dialled at, if any.
  void set_trouble(LinkId link, const Error& why);

  Prng prng_;
  LinkTuning tuning_;
  std::map<LinkId, Opened> opened_;
  std::map<LinkId, MemberId> members_;
  std::map<MemberId, Peer> linked_;
  std::map<LinkId, bool> inquiries_;
  Seen seen_;
  std::map<Address, Wanted> wanted_;
};

}  // namespace conclave::engine
