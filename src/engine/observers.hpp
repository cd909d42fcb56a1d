// Observers (O1 to O4), both sides: what a member keeps for those that follow it, and how a node without a data folder
// takes the state as an image.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include <conclave/result.hpp>

#include "base/ids.hpp"
#include "base/sha256.hpp"
#include "engine/message.hpp"

namespace conclave::engine {

/// One part of an image, in bytes; a frame holds it with room to spare.
inline constexpr std::size_t image_part_bytes = std::size_t{256} << 10;
/// The largest image that is taken from a peer, in parts: 4 GiB.
inline constexpr std::uint32_t image_parts_max = std::uint32_t{1} << 14;

/// An image ready to be sent in parts.
class ImageSource {
 public:
  ImageSource(std::uint64_t id, Slot slot, Bytes whole);

  [[nodiscard]] std::uint64_t id() const { return id_; }
  [[nodiscard]] Slot slot() const { return slot_; }
  /// Part `number`; nothing when there is none of that number.
  [[nodiscard]] std::optional<ImagePart> part(std::uint32_t number) const;

  friend bool operator==(const ImageSource&, const ImageSource&) = default;
  template <class H>
  friend void hash_append(H& h, const ImageSource& source) {
    h(source.id_, source.slot_, source.whole_);
  }

 private:
  std::uint64_t id_;
  Slot slot_;
  Sha256 sha256_;
  Bytes whole_;
};

/// The member's side: who follows, and where the answers of the leader go.
class Observers {
 public:
  struct Follower {
    MemberId member;
    std::optional<ImageSource> image;
    /// Its image waits for a snapshot of the user's state machine.
    bool awaits_snapshot{false};

    friend bool operator==(const Follower&, const Follower&) = default;
    template <class H>
    friend void hash_append(H& h, const Follower& follower) {
      h(follower.member, follower.image, follower.awaits_snapshot);
    }
  };

  Follower& attach(LinkId link, MemberId member);
  /// The member that followed over this link, if it was one.
  std::optional<MemberId> detach(LinkId link);
  [[nodiscard]] std::map<LinkId, Follower>& followers() { return followers_; }
  [[nodiscard]] const std::map<LinkId, Follower>& followers() const { return followers_; }

  /// Answers about `session` go to `link` from now on.
  void route(SessionId session, LinkId link) { routes_[session] = link; }
  [[nodiscard]] std::optional<LinkId> route_of(SessionId session) const;
  void forget(SessionId session) { routes_.erase(session); }

  /// Commands of `link` were passed on.
  void passed(LinkId link) { passed_.insert(link); }
  /// The links whose commands were passed on since the last call: those may be lost.
  [[nodiscard]] std::set<LinkId> take_passed() { return std::exchange(passed_, {}); }

  /// A follower's read question, to be asked of the leader under a number of this node's own.
  [[nodiscard]] ReadIndex relay(LinkId link, const ReadIndex& question);
  struct RelayedReply {
    LinkId link;
    ReadIndexReply reply;
  };
  /// The follower's own number put back; nothing when the question was not relayed.
  [[nodiscard]] std::optional<RelayedReply> relayed(const ReadIndexReply& reply);

  friend bool operator==(const Observers&, const Observers&) = default;
  template <class H>
  friend void hash_append(H& h, const Observers& observers) {
    h(observers.followers_, observers.routes_, observers.passed_, observers.questions_, observers.next_question_);
  }

 private:
  struct Question {
    LinkId link;
    std::uint64_t id{0};

    friend bool operator==(const Question&, const Question&) = default;
    template <class H>
    friend void hash_append(H& h, const Question& question) {
      h(question.link, question.id);
    }
  };

  std::map<LinkId, Follower> followers_;
  std::map<SessionId, LinkId> routes_;
  std::set<LinkId> passed_;
  std::map<std::uint64_t, Question> questions_;
  /// Relayed questions have the high bit set: this node's own never do.
  std::uint64_t next_question_{std::uint64_t{1} << 63};
};

/// The following side: collects an image, whole or not at all.
class Attachment {
 public:
  Attachment(MemberId member, Instant now) : member_(member), heard_(now) {}

  [[nodiscard]] MemberId member() const { return member_; }
  /// The state is installed: the log follows.
  [[nodiscard]] bool following() const { return following_; }
  void follow() { following_ = true; }
  /// When the member said something last.
  [[nodiscard]] Instant heard() const { return heard_; }
  void hear(Instant now) { heard_ = now; }

  struct Taken {
    /// The part to ask for next.
    std::optional<ImageRequest> ask;
    /// The whole, once its SHA-256 fits.
    std::optional<Bytes> whole;
    Slot slot;
  };
  /// `errc::protocol_violation` when the parts make no sense: then attach anew.
  [[nodiscard]] Result<Taken> on_part(const ImagePart& part);

  friend bool operator==(const Attachment&, const Attachment&) = default;
  template <class H>
  friend void hash_append(H& h, const Attachment& attachment) {
    h(attachment.member_, attachment.heard_, attachment.following_, attachment.image_, attachment.next_part_, attachment.collected_);
  }

 private:
  MemberId member_;
  Instant heard_;
  bool following_{false};
  std::optional<std::uint64_t> image_;
  std::uint32_t next_part_{0};
  Bytes collected_;
};

}  // namespace conclave::engine
