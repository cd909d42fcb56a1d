// Observers (O1 to O4), both sides: what a member keeps for those that follow it, and how a node without a data folder
// takes the state as an image.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include <conclave/result.hpp>

#include "base/ids.hpp"
#include "base/sha256.hpp"
#include "engine/image.hpp"
#include "engine/message.hpp"

namespace conclave::engine {

/// An image that is being sent; all who take the same one share it.
class ImageSource {
 public:
  ImageSource(std::uint64_t id, std::shared_ptr<const SealedImage> image) : id_(id), image_(std::move(image)) {}

  [[nodiscard]] std::uint64_t id() const { return id_; }
  /// Part `number`, without a copy of its bytes; nothing when there is none of that number.
  [[nodiscard]] std::optional<ImagePart> part(std::uint32_t number) const;

  friend bool operator==(const ImageSource& left, const ImageSource& right) {
    return left.id_ == right.id_ && (left.image_ == right.image_ || *left.image_ == *right.image_);
  }
  template <class H>
  friend void hash_append(H& h, const ImageSource& source) {
    h(source.id_, *source.image_);
  }

 private:
  std::uint64_t id_;
  std::shared_ptr<const SealedImage> image_;
};

/// The member's side: who follows, and where the answers of the leader go.
class Observers {
 public:
  struct Follower {
    MemberId member;
    std::optional<ImageSource> image;
    /// It waits for an image that is being made.
    std::optional<ImageKind> awaits;

    friend bool operator==(const Follower&, const Follower&) = default;
    template <class H>
    friend void hash_append(H& h, const Follower& follower) {
      h(follower.member, follower.image, follower.awaits);
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
  Attachment(MemberId member, Instant now) : member_(member), heard_(now), asked_at_(now) {}

  [[nodiscard]] MemberId member() const { return member_; }
  /// The state is installed: the log follows.
  [[nodiscard]] bool following() const { return following_; }
  void follow() { following_ = true; }
  /// When the member said something last.
  [[nodiscard]] Instant heard() const { return heard_; }
  void hear(Instant now) { heard_ = now; }

  struct Taken {
    /// The parts to ask for next.
    std::vector<ImageRequest> ask;
    /// All parts are there; whether they fit their SHA-256 is still to be found out.
    std::optional<SealedImage> whole;
  };
  /// `errc::protocol_violation` when the parts make no sense: then attach anew.
  [[nodiscard]] Result<Taken> on_part(const ImagePart& part, Instant now);
  /// The image that came whole and is being opened.
  [[nodiscard]] const std::optional<Sha256>& opening() const { return opening_; }
  /// What is asked for again when nothing new came for `patience`: a full queue may have dropped the part, or its request.
  [[nodiscard]] std::optional<Message> ask_again(Instant now, BootClock::duration patience);

  friend bool operator==(const Attachment&, const Attachment&) = default;
  template <class H>
  friend void hash_append(H& h, const Attachment& attachment) {
    h(attachment.member_, attachment.heard_, attachment.following_, attachment.collecting_, attachment.opening_,
      attachment.asked_at_);
  }

 private:
  struct Collecting {
    std::uint64_t id{0};
    std::uint32_t parts{0};
    /// Parts below were asked for.
    std::uint32_t asked{1};
    SealedImage image;

    [[nodiscard]] std::uint32_t next() const { return static_cast<std::uint32_t>(image.parts.size()); }
    friend bool operator==(const Collecting&, const Collecting&) = default;
    template <class H>
    friend void hash_append(H& h, const Collecting& collecting) {
      h(collecting.id, collecting.parts, collecting.asked, collecting.image);
    }
  };

  MemberId member_;
  Instant heard_;
  bool following_{false};
  std::optional<Collecting> collecting_;
  std::optional<Sha256> opening_;
  /// When something new came, or was asked for again.
  Instant asked_at_;
};

}  // namespace conclave::engine
