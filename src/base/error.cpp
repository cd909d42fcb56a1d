// The phrases of the one error enum and the answers to its two questions.
#include <conclave/error.hpp>

namespace conclave {
namespace {

struct Phrase {
  errc code;
  const char* text;
};

constexpr Phrase phrases[] = {
    {errc::invalid_argument, "an argument is outside its limits"},
    {errc::would_deadlock, "the blocking call would wait for itself"},
    {errc::not_found, "what was named was not found"},
    {errc::not_owner, "the caller does not hold it"},
    {errc::not_supported, "that is not supported here"},
    {errc::not_acquired, "the lock is taken"},
    {errc::timeout, "the deadline passed"},
    {errc::cancelled, "the request was cancelled"},
    {errc::guard_failed, "a guard's token is no longer current"},
    {errc::session_ended, "the session has ended"},
    {errc::lock_lost, "the lock or leadership was lost"},
    {errc::pruned, "the answer to this old command is no longer kept"},
    {errc::overloaded, "a queue is full"},
    {errc::not_ready, "no leader is known yet, or this node has not caught up"},
    {errc::outcome_unknown, "the outcome is unknown: the command may have taken effect"},
    {errc::closed, "the node is closed"},
    {errc::stopped, "the node has stopped"},
    {errc::data_dir_in_use, "the data folder is in use"},
    {errc::data_dir_unusable, "the data folder is not usable"},
    {errc::data_damaged, "a stored record is damaged"},
    {errc::disk_full, "the disk is full"},
    {errc::disk_failed, "the disk failed, so this store has lost its vote"},
    {errc::address_in_use, "the address is in use"},
    {errc::address_unusable, "the address is not usable"},
    {errc::wrong_cluster, "the peer belongs to another cluster or lineage"},
    {errc::founders_disagree, "the founders' lists differ"},
    {errc::incompatible, "versions or state machines do not fit together"},
    {errc::vote_lost, "the store may have forgotten a promise, so it only observes"},
    {errc::protocol_violation, "a peer broke the protocol"},
    {errc::internal, "an invariant of the library is broken"},
};

class Category final : public std::error_category {
 public:
  const char* name() const noexcept override { return "conclave"; }

  std::string message(int value) const override {
    for (const auto& phrase : phrases)
      if (static_cast<int>(phrase.code) == value) return phrase.text;
    return "unknown error " + std::to_string(value);
  }
};

}  // namespace

const std::error_category& error_category() noexcept {
  static const Category category;
  return category;
}

std::string Error::message() const {
  if (detail.empty()) return code.message();
  return code.message() + ": " + detail;
}

bool is_retryable(std::error_code code) noexcept {
  return code == errc::overloaded || code == errc::not_ready || code == errc::not_acquired ||
         code == errc::timeout || code == errc::session_ended || code == errc::disk_full;
}

bool is_outcome_unknown(std::error_code code) noexcept { return code == errc::outcome_unknown; }

}  // namespace conclave
