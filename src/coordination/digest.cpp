#include "coordination/digest.hpp"

#include <concepts>
#include <string>

namespace conclave::coordination {
namespace {

/// Appends fields to bytes as the list in digest.hpp says.
class Writer {
 public:
  template <std::unsigned_integral T>
  void add(T value) {
    for (std::size_t i = 0; i < sizeof value; ++i) bytes_.push_back(static_cast<std::byte>(value >> (8 * i)));
  }
  template <class Tag>
  void add(Number<Tag, std::uint64_t> value) {
    add(value.value);
  }
  void add(bool value) { add(static_cast<std::uint8_t>(value)); }
  void add(ResourceKind value) { add(static_cast<std::uint8_t>(value)); }
  void add(Cause value) { add(static_cast<std::uint8_t>(value)); }
  void add(Status value) { add(static_cast<std::uint8_t>(value)); }
  void add(std::chrono::milliseconds value) { add(static_cast<std::uint64_t>(value.count())); }
  void add(const Uuid& value) {
    for (const auto byte : value.bytes) add(byte);
  }
  void add(BytesView value) {
    add_length(value.size());
    bytes_.insert(bytes_.end(), value.begin(), value.end());
  }
  void add(const Bytes& value) { add(BytesView(value)); }
  void add(const std::string& value) { add(std::as_bytes(std::span(value))); }

  void add(const ResourceName& value) { all(value.kind, value.name); }
  void add(const RequestId& value) { all(value.session, value.sequence); }
  void add(const Term& value) { all(value.round, value.member); }
  void add(const Answer& value) {
    add(value.from_user);
    if (value.from_user) return;
    all(value.outcome->status, value.outcome->token, value.outcome->version, value.outcome->result);
  }
  void add(const Session& value) {
    all(value.id, value.nonce, value.owner, value.owner_name, value.ttl, value.ephemeral, value.opened_at,
        value.next_sequence);
    list(value.answers);
  }
  void add(const Grant& value) {
    all(value.token, value.version, value.request, value.owner, value.owner_name, value.slot, value.time, value.value,
        value.max_hold, value.ending.has_value());
    if (value.ending) add(*value.ending);
  }
  void add(const Waiter& value) {
    all(value.place.priority, value.place.slot, value.request, value.owner, value.owner_name, value.since, value.value,
        value.max_hold);
  }
  void add(const Resources::value_type& value) {
    all(value.first, value.second.version, *value.second.holder);
    list(value.second.waiters);
  }
  void add(const std::pair<const ResourceName, Versions::Free>& value) {
    all(value.first, value.second.version, value.second.since);
  }
  void add(const Loss& value) {
    all(value.slot, value.time, value.resource, value.token, value.request, value.owner, value.owner_name, value.cause);
  }
  void add(const Sessions::value_type& value) { add(value.second); }

  template <class... Values>
  void all(const Values&... values) {
    (add(values), ...);
  }
  template <class Range>
  void list(const Range& range) {
    add_length(range.size());
    for (const auto& element : range) add(element);
  }

  [[nodiscard]] BytesView bytes() const { return bytes_; }

 private:
  void add_length(std::size_t length) { add(static_cast<std::uint32_t>(length)); }

  Bytes bytes_;
};

}  // namespace

Sha256 digest_of(const Tables& tables) {
  Writer writer;
  writer.all(tables.tokens.lineage, tables.tokens.issued, tables.applied, tables.now, tables.term);
  writer.list(tables.sessions);
  writer.list(tables.resources);
  writer.add(tables.versions.floor());
  writer.list(tables.versions.free());
  writer.list(tables.losses.losses());
  return sha256(writer.bytes());
}

}  // namespace conclave::coordination
