// What a callback was told, and how often.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include <conclave/result.hpp>

namespace conclave::client {

template <class T>
class Answer {
 public:
  /// The callback to hand over; it may be called after this object is gone.
  [[nodiscard]] std::function<void(Result<T>)> taker() const {
    return [told = told_](Result<T> result) {
      ++told->calls;
      told->result.emplace(std::move(result));
    };
  }

  [[nodiscard]] int calls() const { return told_->calls; }
  [[nodiscard]] bool came() const { return calls() > 0; }
  [[nodiscard]] bool ok() const { return came() && told_->result->has_value(); }
  /// The error; an empty one if there is none.
  [[nodiscard]] Error error() const { return came() && !ok() ? told_->result->error() : Error(); }
  [[nodiscard]] auto& operator*() const { return **told_->result; }
  [[nodiscard]] auto* operator->() const { return &**told_->result; }
  /// Destroys what was told, for example a lock.
  void drop() { told_->result.reset(); }

 private:
  struct Told {
    int calls = 0;
    std::optional<Result<T>> result;
  };
  std::shared_ptr<Told> told_ = std::make_shared<Told>();
};

}  // namespace conclave::client
