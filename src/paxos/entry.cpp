// The fixed encodings of term-start, configuration and configuration-done.
#include "paxos/entry.hpp"

#include <algorithm>
#include <concepts>
#include <functional>

namespace conclave::paxos {
namespace {

constexpr std::size_t voter_bytes = 16 + 4;

class Writer {
 public:
  template <std::unsigned_integral T>
  void put(T value) {
    for (std::size_t i = 0; i < sizeof value; ++i) bytes_.push_back(static_cast<std::byte>(value >> (8 * i)));
  }
  void put(const Uuid& uuid) {
    for (const auto byte : uuid.bytes) bytes_.push_back(static_cast<std::byte>(byte));
  }
  Payload finish() { return Payload(std::move(bytes_)); }

 private:
  Bytes bytes_;
};

// Reads past the end give zeros and are told by `complete`.
class Reader {
 public:
  explicit Reader(BytesView bytes) : rest_(bytes) {}

  template <std::unsigned_integral T>
  T number() {
    const auto bytes = take(sizeof(T));
    T value = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) value |= static_cast<T>(static_cast<T>(bytes[i]) << (8 * i));
    return value;
  }
  MemberId member() {
    MemberId member;
    const auto bytes = take(member.bytes.size());
    std::ranges::transform(bytes, member.bytes.begin(),
                           [](std::byte byte) { return std::to_integer<std::uint8_t>(byte); });
    return member;
  }
  [[nodiscard]] std::size_t left() const { return rest_.size(); }
  // Everything was there, and nothing is left.
  [[nodiscard]] bool complete() const { return !overrun_ && rest_.empty(); }

 private:
  BytesView take(std::size_t count) {
    if (rest_.size() < count) {
      overrun_ = true;
      return {};
    }
    const auto taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }

  BytesView rest_;
  bool overrun_ = false;
};

}  // namespace

std::string to_string(const Ballot& ballot) {
  if (ballot.is_none()) return "none";
  constexpr std::string_view digits = "0123456789abcdef";
  const auto last = ballot.member.bytes.back();
  return std::to_string(ballot.round.value) + "." + digits[last >> 4] + digits[last & 15];
}

Payload encode(const TermStart& value) {
  Writer out;
  out.put(value.ballot.round.value);
  out.put(value.ballot.member);
  return out.finish();
}

Payload encode(const ConfigurationDone& value) {
  Writer out;
  out.put(value.id.value);
  return out.finish();
}

Payload encode(const Configuration& value) {
  Writer out;
  out.put(value.id.value);
  out.put(value.replaces.value);
  out.put(static_cast<std::uint16_t>(value.voters.size()));
  for (const auto& voter : value.voters) {
    out.put(voter.member);
    out.put(voter.incarnation.value);
  }
  return out.finish();
}

std::optional<TermStart> decode_term_start(BytesView bytes) {
  Reader in(bytes);
  TermStart value;
  value.ballot.round = Round(in.number<std::uint64_t>());
  value.ballot.member = in.member();
  if (!in.complete() || value.ballot.is_none()) return std::nullopt;
  return value;
}

std::optional<ConfigurationDone> decode_configuration_done(BytesView bytes) {
  Reader in(bytes);
  ConfigurationDone value{ConfigurationId(in.number<std::uint64_t>())};
  if (!in.complete()) return std::nullopt;
  return value;
}

std::optional<Configuration> decode_configuration(BytesView bytes) {
  Reader in(bytes);
  Configuration value;
  value.id = ConfigurationId(in.number<std::uint64_t>());
  value.replaces = ConfigurationId(in.number<std::uint64_t>());
  const std::size_t count = in.number<std::uint16_t>();
  if (count == 0 || count > voters_max || in.left() != count * voter_bytes) return std::nullopt;
  value.voters.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto member = in.member();
    value.voters.push_back({member, Incarnation(in.number<std::uint32_t>())});
  }
  const auto unsorted = std::ranges::adjacent_find(value.voters, std::ranges::greater_equal(), &Voter::member);
  if (!in.complete() || unsorted != value.voters.end()) return std::nullopt;
  return value;
}

}  // namespace conclave::paxos
