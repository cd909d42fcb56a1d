// One hash over a whole value, for comparing states of replicas and runs (XXH3, 64 bits). Never for integrity on disk or
// wire: that is CRC32C, and SHA-256 for images.
//
// A struct joins in with `template <class H> friend void hash_append(H& h, const T& t) { h(t.a, t.b); }`.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <conclave/error.hpp>
#include <conclave/types.hpp>

namespace conclave {

/// Of one run of bytes; another `seed` makes it another hash.
[[nodiscard]] std::uint64_t hash_bytes(BytesView bytes, std::uint64_t seed);

class StateHasher {
 public:
  StateHasher();
  StateHasher(const StateHasher&) = delete;
  StateHasher& operator=(const StateHasher&) = delete;

  template <class... Values>
  void operator()(const Values&... values) {
    (add(values), ...);
  }

  [[nodiscard]] std::uint64_t finish() const;

 private:
  void add_raw(const void* data, std::size_t size);

  template <class T>
    requires std::is_arithmetic_v<T> || std::is_enum_v<T>
  void add(T value) {
    add_raw(&value, sizeof value);
  }
  void add(const std::string& text) {
    add(text.size());
    add_raw(text.data(), text.size());
  }
  void add(const Error& error) {
    add(error.code.value());
    add(error.detail);
  }
  void add(const Uuid& uuid) { add_raw(uuid.bytes.data(), uuid.bytes.size()); }
  template <class Tag, class Rep>
  void add(Number<Tag, Rep> number) {
    add(number.value);
  }
  template <class Rep, class Period>
  void add(std::chrono::duration<Rep, Period> duration) {
    add(duration.count());
  }
  void add(Instant instant) { add(instant.time_since_epoch()); }
  template <class T>
  void add(const std::optional<T>& value) {
    add(value.has_value());
    if (value) add(*value);
  }
  template <class... Ts>
  void add(const std::variant<Ts...>& value) {
    add(value.index());
    std::visit([this](const auto& held) { this->add(held); }, value);
  }
  template <class A, class B>
  void add(const std::pair<A, B>& pair) {
    add(pair.first);
    add(pair.second);
  }
  void add(const Bytes& bytes) { add(BytesView(bytes)); }
  void add(BytesView bytes) {
    add(bytes.size());
    add_raw(bytes.data(), bytes.size());
  }
  template <class Range>
    requires requires(const Range& range) {
      range.begin();
      range.size();
      typename Range::value_type;
    }
  void add(const Range& range) {
    add(range.size());
    for (const auto& element : range) add(element);
  }
  template <class T>
    requires requires(StateHasher& hasher, const T& value) { hash_append(hasher, value); }
  void add(const T& value) {
    hash_append(*this, value);
  }

  /// XXH3's own.
  alignas(64) std::array<std::byte, 576> state_;
};

template <class T>
[[nodiscard]] std::uint64_t state_hash(const T& value) {
  StateHasher hasher;
  hasher(value);
  return hasher.finish();
}

}  // namespace conclave
