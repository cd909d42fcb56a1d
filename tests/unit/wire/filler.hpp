// Fills any message, record or command with values that a seed decides. A field's value depends on its place in its
// struct alone, so a field added at the end leaves the others of the golden vectors as they are; and a struct with a new
// field does not compile here until the field is named.
#pragma once

#include <chrono>
#include <concepts>
#include <deque>
#include <iterator>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/payload.hpp"
#include "base/prng.hpp"
#include "base/sha256.hpp"

namespace conclave::test {

class Filler {
 public:
  explicit Filler(Prng prng) : prng_(prng) {}

  /// Gives each of a struct's fields a filler of its own.
  template <class... Fields>
  void operator()(Fields&... fields) {
    std::uint64_t place = 0;
    (Filler(prng_.fork(++place)).value(fields), ...);
  }

  void value(bool& out) { out = prng_.chance(1, 2); }
  template <std::unsigned_integral T>
  void value(T& out) {
    out = static_cast<T>(prng_.next());
  }
  template <class Tag, class Rep>
  void value(Number<Tag, Rep>& out) {
    value(out.value);
  }
  void value(Uuid& out) {
    for (auto& byte : out.bytes) value(byte);
  }
  void value(MemberId& out) { value(static_cast<Uuid&>(out)); }
  void value(ClusterId& out) { value(static_cast<Uuid&>(out)); }
  void value(Sha256& out) {
    for (auto& byte : out) value(byte);
  }
  void value(std::string& out) {
    static constexpr const char* pieces[] = {"a", "b7", "-", "\u00f6", "\u20ac", "\U0001d11e"};
    out.clear();
    for (auto left = prng_.below(9); left > 0; --left) out += pieces[prng_.below(std::size(pieces))];
  }
  void value(Bytes& out) {
    out.resize(prng_.below(40));
    for (auto& byte : out) byte = static_cast<std::byte>(prng_.next());
  }
  void value(Payload& out) {
    Bytes bytes;
    value(bytes);
    out = Payload(std::move(bytes));
  }
  template <class T>
  void value(std::optional<T>& out) {
    out.reset();
    if (prng_.chance(3, 4)) value(out.emplace());
  }
  void value(std::chrono::milliseconds& out) {
    out = std::chrono::milliseconds(static_cast<std::int64_t>(prng_.next()));
  }
  template <class T>
    requires std::same_as<T, std::vector<typename T::value_type>> || std::same_as<T, std::deque<typename T::value_type>>
  void value(T& out) {
    out.resize(prng_.below(4));
    for (std::size_t i = 0; i < out.size(); ++i) Filler(prng_.fork(100 + i)).value(out[i]);
  }
  template <class... Ts>
  void value(std::variant<Ts...>& out) {
    arm(out, prng_.below(sizeof...(Ts)));
  }
  /// The arm number `which`, filled.
  template <class... Ts>
  void arm(std::variant<Ts...>& out, std::size_t which) {
    std::size_t i = 0;
    ((i++ == which ? value(out.template emplace<Ts>()) : void()), ...);
  }
  template <class T>
    requires std::is_enum_v<T>
  void value(T& out) { out = static_cast<T>(prng_.below(static_cast<std::uint64_t>(last_of(out)) + 1)); }
  template <class T>
    requires requires(Filler& filler, T& out) { fill(filler, out); }
  void value(T& out) { fill(*this, out); }

 private:
  Prng prng_;
};

}  // namespace conclave::test

/// Names all fields of a struct, in their order.
#define CONCLAVE_FIELDS(Type, ...)                                 \
  inline void fill(conclave::test::Filler& filler, Type& filled) { \
    auto& [__VA_ARGS__] = filled;                                  \
    filler(__VA_ARGS__);                                           \
  }
#define CONCLAVE_NO_FIELDS(Type) \
  inline void fill(conclave::test::Filler&, Type&) {}
