// Linearizable reads (R1) without a log write: the leader notes its watermark, proves with an echoed round begun after that
// that it still leads, and names the slot; the asking node answers from its own state once it has applied so far.
// (D. Ongaro, "Consensus: bridging theory and practice", 2014, section 6.4.)
#pragma once

#include <map>
#include <optional>
#include <vector>

#include <conclave/types.hpp>

#include "base/ids.hpp"
#include "engine/message.hpp"

namespace conclave::engine {

/// The asking side: batches this node's reads, one question to the leader at a time.
class ReadAsker {
 public:
  explicit ReadAsker(std::chrono::nanoseconds ask_again_after) : ask_again_after_(ask_again_after) {}

  void ask(std::uint64_t read) { waiting_.push_back(read); }
  /// The leader, or the way to it, is another: asks again.
  void on_path_changed() { asked_at_.reset(); }
  /// The question to send now, if any.
  [[nodiscard]] std::optional<ReadIndex> flush(Instant now);
  /// The reads that may be answered at `reply.slot`.
  [[nodiscard]] std::vector<std::uint64_t> on_reply(const ReadIndexReply& reply);
  [[nodiscard]] std::optional<Instant> next_wakeup() const;

  friend bool operator==(const ReadAsker&, const ReadAsker&) = default;
  template <class H>
  friend void hash_append(H& h, const ReadAsker& asker) {
    h(asker.waiting_, asker.asked_, asker.id_, asker.asked_at_);
  }

 private:
  std::chrono::nanoseconds ask_again_after_;
  /// Came after the present question was asked: it does not cover them.
  std::vector<std::uint64_t> waiting_;
  std::vector<std::uint64_t> asked_;
  std::uint64_t id_{0};
  std::optional<Instant> asked_at_;
};

/// The leader's side: questions that wait for a round.
class ReadAnswerer {
 public:
  /// Where an answer goes: a link, or nothing for this process itself.
  using Source = std::optional<LinkId>;
  struct Answer {
    Source to;
    ReadIndexReply reply;
  };

  void ask(Source from, ReadIndex question, Instant now) { questions_.push_back({from, question.id, now}); }
  void clear() { questions_.clear(); }
  [[nodiscard]] bool wants_round() const { return !questions_.empty(); }
  /// A round sent at `sent` is confirmed, the term-start is applied since `term_start_at`, and everything up to
  /// `watermark` is known chosen now: that is at or above the watermark at each question's arrival.
  [[nodiscard]] std::vector<Answer> on_round(Instant sent, Instant term_start_at, Slot watermark);

  friend bool operator==(const ReadAnswerer&, const ReadAnswerer&) = default;
  template <class H>
  friend void hash_append(H& h, const ReadAnswerer& answerer) {
    h(answerer.questions_);
  }

 private:
  struct Question {
    Source from;
    std::uint64_t id{0};
    Instant arrived;

    friend bool operator==(const Question&, const Question&) = default;
    template <class H>
    friend void hash_append(H& h, const Question& question) {
      h(question.from, question.id, question.arrived);
    }
  };
  std::vector<Question> questions_;
};

}  // namespace conclave::engine
