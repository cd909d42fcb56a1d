#include "engine/reads.hpp"

#include <utility>

namespace conclave::engine {

std::optional<ReadIndex> ReadAsker::flush(Instant now) {
  if (asked_at_ && now - *asked_at_ < ask_again_after_) return std::nullopt;
  if (asked_.empty() && waiting_.empty()) return std::nullopt;
  // An unanswered question is asked anew under a new number, and the new one covers all that wait.
  asked_.insert(asked_.end(), waiting_.begin(), waiting_.end());
  waiting_.clear();
  asked_at_ = now;
  return ReadIndex{.id = ++id_};
}

std::vector<std::uint64_t> ReadAsker::on_reply(const ReadIndexReply& reply) {
  if (reply.id != id_ || !asked_at_ || !reply.ok) return {};
  asked_at_.reset();
  return std::exchange(asked_, {});
}

std::optional<Instant> ReadAsker::next_wakeup() const {
  if (!asked_at_) return std::nullopt;
  return *asked_at_ + ask_again_after_;
}

std::vector<ReadAnswerer::Answer> ReadAnswerer::on_round(Instant sent, Instant term_start_at, Slot watermark) {
  std::vector<Answer> answers;
  if (sent < term_start_at) return answers;
  std::erase_if(questions_, [&](const Question& question) {
    if (question.arrived > sent) return false;
    answers.push_back({question.from, {.id = question.id, .ok = true, .slot = watermark}});
    return true;
  });
  return answers;
}

}  // namespace conclave::engine
