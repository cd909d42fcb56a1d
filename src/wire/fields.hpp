// Plain values <-> the fields that every message shares. Private to src/wire.
//
// All `put` and `take` live in the namespace of the generated types, so that argument-dependent lookup finds them from
// the templates here.
//
// `put` fills a builder, `take` makes a value of a reader and throws `Malformed` for what no correct peer writes. `field`
// names the field in the error.
#pragma once

#include <capnp/blob.h>
#include <capnp/list.h>

#include <concepts>
#include <string>
#include <vector>

#include "base/payload.hpp"
#include "base/sha256.hpp"
#include "conclave.capnp.h"
#include "wire/segment.hpp"

namespace conclave::schema {

/// Thrown for an enum value, or the arm of a union within a message, that a newer version may have added: the message is
/// dropped like one of an unknown arm.
struct UnknownValue {};

/// The size of a list or a blob as Cap'n Proto counts.
template <class Range>
[[nodiscard]] unsigned count(const Range& range) {
  return static_cast<unsigned>(range.size());
}

[[nodiscard]] std::uint64_t high_half(const conclave::Uuid& value);
[[nodiscard]] std::uint64_t low_half(const conclave::Uuid& value);
[[nodiscard]] conclave::Uuid join_halves(std::uint64_t high, std::uint64_t low);

/// A uuid, as a struct of its own or a group of another.
template <class Out>
  requires requires(Out out) { out.setHigh(0), out.setLow(0); }
void put(Out out, const conclave::Uuid& value) {
  out.setHigh(high_half(value));
  out.setLow(low_half(value));
}
template <class In>
  requires requires(In in) { in.getHigh(), in.getLow(); }
[[nodiscard]] conclave::Uuid take(In in) { return join_halves(in.getHigh(), in.getLow()); }
template <class In>
[[nodiscard]] MemberId take_member(In in) {
  return MemberId{take(in)};
}
template <class In>
[[nodiscard]] ClusterId take_cluster(In in) {
  return ClusterId{take(in)};
}

/// Text is UTF-8 without NUL, at most `bytes_max` bytes.
[[nodiscard]] inline capnp::Text::Reader text(const std::string& value) { return {value.c_str(), value.size()}; }
/// What a person reads: cut at `detail_bytes_max`, and made UTF-8 if it is not (it may name a file), so that it never costs
/// the message it stands in.
[[nodiscard]] std::string sentence(const std::string& value);
[[nodiscard]] std::string take_text(capnp::Text::Reader in, std::size_t bytes_max, const char* field);

[[nodiscard]] inline capnp::Data::Reader blob(BytesView value) {
  return {reinterpret_cast<const kj::byte*>(value.data()), value.size()};
}
[[nodiscard]] inline capnp::Data::Reader blob(const Payload& value) { return blob(value.view()); }
[[nodiscard]] inline capnp::Data::Reader blob(const Sha256& value) { return {value.data(), value.size()}; }
[[nodiscard]] inline capnp::Data::Reader blob(const std::string& value) {
  return {reinterpret_cast<const kj::byte*>(value.data()), value.size()};
}
[[nodiscard]] Bytes take_bytes(capnp::Data::Reader in, std::size_t bytes_max, const char* field);
[[nodiscard]] std::string take_string(capnp::Data::Reader in, std::size_t bytes_max, const char* field);
[[nodiscard]] Sha256 take_sha256(capnp::Data::Reader in, const char* field);
[[nodiscard]] inline Payload take_payload(capnp::Data::Reader in, std::size_t bytes_max, const char* field) {
  return Payload(take_bytes(in, bytes_max, field));
}

[[noreturn]] void too_long(std::size_t found, std::size_t most, const char* field);
[[noreturn]] void too_many(std::size_t found, std::size_t most, const char* field);

/// Fills a list of structs, one `put` each.
template <class Out, class Range>
void put_list(Out out, const Range& values) {
  unsigned i = 0;
  for (const auto& value : values) put(out[i++], value);
}

/// Reads a list of structs or numbers with `take_one`.
template <class In, class TakeOne>
[[nodiscard]] auto take_list(In in, std::size_t most, const char* field, TakeOne take_one) {
  if (in.size() > most) too_many(in.size(), most, field);
  std::vector<decltype(take_one(in[0]))> values;
  values.reserve(in.size());
  for (const auto element : in) values.push_back(take_one(element));
  return values;
}

/// The same with the `take` that overload resolution finds.
template <class In>
[[nodiscard]] auto take_list(In in, std::size_t most, const char* field) {
  return take_list(in, most, field, [](auto element) { return take(element); });
}

/// Lists of 64-bit numbers: plain ones, slots, tokens.
template <class Out, class T>
void put_numbers(Out out, const std::vector<T>& values) {
  for (unsigned i = 0; i < count(values); ++i)
    if constexpr (std::integral<T>)
      out.set(i, values[i]);
    else
      out.set(i, values[i].value);
}
template <class T = std::uint64_t>
[[nodiscard]] std::vector<T> take_numbers(capnp::List<std::uint64_t>::Reader in, std::size_t most, const char* field) {
  return take_list(in, most, field, [](std::uint64_t number) { return T(number); });
}

/// `in` as an enum whose values are the schema's.
template <class Enum, class In>
[[nodiscard]] Enum take_enum(In in, Enum last) {
  if (static_cast<unsigned>(in) > static_cast<unsigned>(last)) throw UnknownValue{};
  return static_cast<Enum>(in);
}

}  // namespace conclave::schema
