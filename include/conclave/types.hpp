/// \file
/// The quantities of Conclave: each has a type of its own, so that a slot cannot be added to a ballot.
#pragma once

#include <array>
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <conclave/export.hpp>

namespace conclave {

/// An owned run of bytes whose meaning belongs to somebody else (a user's command, a stored record).
using Bytes = std::vector<std::byte>;
/// A borrowed run of bytes; valid only as long as its owner says.
using BytesView = std::span<const std::byte>;

/// Copies the characters of `text` into bytes.
[[nodiscard]] inline Bytes to_bytes(std::string_view text) {
  const auto* first = reinterpret_cast<const std::byte*>(text.data());
  return {first, first + text.size()};
}

/// Reads `bytes` as characters; valid as long as `bytes` is.
[[nodiscard]] inline std::string_view to_text(BytesView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// An integer that mixes with no other: `Tag` makes the type, `Rep` is what it holds.
template <class Tag, class Rep = std::uint64_t>
struct Number {
  using rep = Rep;

  Rep value{};

  constexpr Number() = default;
  constexpr explicit Number(Rep number) : value(number) {}

  friend constexpr auto operator<=>(Number, Number) = default;

  /// The number that follows.
  [[nodiscard]] constexpr Number next() const { return Number{static_cast<Rep>(value + 1)}; }
  /// The number before; the caller has made sure that there is one.
  [[nodiscard]] constexpr Number previous() const { return Number{static_cast<Rep>(value - 1)}; }
  constexpr Number& operator++() {
    ++value;
    return *this;
  }
  /// `count` further.
  [[nodiscard]] friend constexpr Number operator+(Number number, Rep count) {
    return Number{static_cast<Rep>(number.value + count)};
  }
  /// How far `right` is behind `left`.
  [[nodiscard]] friend constexpr Rep operator-(Number left, Number right) {
    return static_cast<Rep>(left.value - right.value);
  }
};

/// A position of the replicated log; the first is 1, 0 stands before the log.
using Slot = Number<struct SlotTag>;
/// A fencing token: `lineage << 48 | n`; it only ever grows, and no two grants share one (coordination rule C3).
using Token = Number<struct TokenTag>;
/// A session: the slot of the entry that opened it, so an ended session never comes back.
using SessionId = Number<struct SessionTag>;
/// The number of a command within its session, from 1.
using Sequence = Number<struct SequenceTag>;

/// 128 random bits that name something for ever (RFC 9562, version 4).
struct CONCLAVE_API Uuid {
  std::array<std::uint8_t, 16> bytes{};

  /// Byte by byte, as memcmp would, but in two comparisons: maps by member are everywhere.
  friend constexpr bool operator==(const Uuid& left, const Uuid& right) {
    return left.word(0) == right.word(0) && left.word(8) == right.word(8);
  }
  friend constexpr std::strong_ordering operator<=>(const Uuid& left, const Uuid& right) {
    const auto order = left.word(0) <=> right.word(0);
    return order != 0 ? order : left.word(8) <=> right.word(8);
  }

  /// True for the all-zero value, which names nothing.
  [[nodiscard]] constexpr bool is_nil() const { return *this == Uuid{}; }
  /// `8-4-4-4-12` lower-case hexadecimal digits.
  [[nodiscard]] std::string to_string() const;
  /// Reads what `to_string` wrote; nothing else is accepted.
  [[nodiscard]] static std::optional<Uuid> parse(std::string_view text);

 private:
  /// The eight bytes from `first` on, as a big-endian number.
  [[nodiscard]] constexpr std::uint64_t word(std::size_t first) const {
    const auto byte = [&](std::size_t i) { return std::uint64_t{bytes[first + i]}; };
    return byte(0) << 56 | byte(1) << 48 | byte(2) << 40 | byte(3) << 32 | byte(4) << 24 | byte(5) << 16 | byte(6) << 8 |
           byte(7);
  }
};

/// A member: made once with its data folder, and never given to another.
struct MemberId : Uuid {
  friend constexpr auto operator<=>(const MemberId&, const MemberId&) = default;
};

/// A cluster: made at genesis from its founders' identities.
struct ClusterId : Uuid {
  friend constexpr auto operator<=>(const ClusterId&, const ClusterId&) = default;
};

/// The clock that leases trust: it counts while the machine is suspended (CLOCK_BOOTTIME on Linux), and only its rate
/// matters. It has no `now()`: whoever needs the time is handed it.
struct BootClock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<BootClock, duration>;
  static constexpr bool is_steady = true;
};

/// The longest time that a call waits, a hundred years: a longer `timeout` means this one, and no sum with it overflows.
inline constexpr std::chrono::milliseconds longest_wait = std::chrono::hours(24 * 365 * 100);

/// A point in time by `BootClock`.
using Instant = BootClock::time_point;

}  // namespace conclave

template <class Tag, class Rep>
struct std::hash<conclave::Number<Tag, Rep>> {
  std::size_t operator()(conclave::Number<Tag, Rep> number) const noexcept { return std::hash<Rep>{}(number.value); }
};
