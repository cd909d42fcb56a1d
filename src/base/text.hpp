// Values as text, for traces, invariants and messages to a person. A type of ours joins in with a free `to_string` found
// by argument-dependent lookup.
#pragma once

#include <concepts>
#include <optional>
#include <string>
#include <vector>

#include <conclave/types.hpp>

namespace conclave {

template <std::integral T>
[[nodiscard]] std::string to_string(T value) {
  if constexpr (std::same_as<T, bool>)
    return value ? "yes" : "no";
  else
    return std::to_string(value);
}

[[nodiscard]] inline std::string to_string(const std::string& text) { return text; }
[[nodiscard]] inline std::string to_string(const Uuid& uuid) { return uuid.to_string(); }

template <class Tag, class Rep>
[[nodiscard]] std::string to_string(Number<Tag, Rep> number) {
  return std::to_string(number.value);
}

template <class Rep, class Period>
[[nodiscard]] std::string to_string(std::chrono::duration<Rep, Period> duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(duration).count()) + "us";
}

[[nodiscard]] inline std::string to_string(Instant instant) { return to_string(instant.time_since_epoch()); }

template <class T>
[[nodiscard]] std::string to_string(const std::optional<T>& value) {
  return value ? to_string(*value) : std::string("none");
}

}  // namespace conclave
