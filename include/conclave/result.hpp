/// \file
/// A value or an error: what every fallible call of the library returns. Nothing throws unless it is asked to.
#pragma once

#include <optional>
#include <stdexcept>
#include <utility>
#include <variant>

#include <conclave/error.hpp>
#include <conclave/export.hpp>

namespace conclave {

/// Thrown by `Result::value()` on a failure, and by nothing else in the library.
class CONCLAVE_API BadResult : public std::runtime_error {
 public:
  explicit BadResult(Error error) : std::runtime_error(error.message()), error_(std::move(error)) {}
  [[nodiscard]] const Error& error() const noexcept { return error_; }

 private:
  Error error_;
};

/// Either a `T` or an `Error`. Test it before you use it: `if (auto lock = ...) use(*lock); else report(lock.error());`
template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}
  Result(errc code) : Result(Error(code)) {}

  [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }
  [[nodiscard]] explicit operator bool() const noexcept { return has_value(); }

  /// The value; calling it on a failure is undefined, like `std::optional`.
  [[nodiscard]] T& operator*() & noexcept { return *std::get_if<0>(&state_); }
  [[nodiscard]] const T& operator*() const& noexcept { return *std::get_if<0>(&state_); }
  [[nodiscard]] T&& operator*() && noexcept { return std::move(*std::get_if<0>(&state_)); }
  [[nodiscard]] T* operator->() noexcept { return std::get_if<0>(&state_); }
  [[nodiscard]] const T* operator->() const noexcept { return std::get_if<0>(&state_); }

  /// The value; throws `BadResult` on a failure, for callers that prefer exceptions.
  [[nodiscard]] T& value() & {
    if (!has_value()) throw BadResult(error());
    return **this;
  }
  [[nodiscard]] T&& value() && {
    if (!has_value()) throw BadResult(error());
    return std::move(**this);
  }

  /// Why there is no value; calling it on a success is undefined.
  [[nodiscard]] const Error& error() const& noexcept { return *std::get_if<1>(&state_); }
  [[nodiscard]] Error&& error() && noexcept { return std::move(*std::get_if<1>(&state_)); }

  friend bool operator==(const Result&, const Result&) = default;

 private:
  std::variant<T, Error> state_;
};

/// Success without a value, or an `Error`.
template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() = default;
  Result(Error error) : error_(std::move(error)) {}
  Result(errc code) : Result(Error(code)) {}

  [[nodiscard]] bool has_value() const noexcept { return !error_; }
  [[nodiscard]] explicit operator bool() const noexcept { return has_value(); }
  /// Throws `BadResult` on a failure.
  void value() const {
    if (error_) throw BadResult(*error_);
  }
  [[nodiscard]] const Error& error() const& noexcept { return *error_; }

  friend bool operator==(const Result&, const Result&) = default;

 private:
  std::optional<Error> error_;
};

}  // namespace conclave
