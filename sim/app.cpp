#include "sim/app.hpp"

#include <array>
#include <charconv>
#include <initializer_list>
#include <vector>

#include "base/hash.hpp"

namespace conclave::sim {
namespace {

/// A command, an answer or a line of a snapshot: fields, each ended by a zero byte. The first is one letter, the kind.
Bytes pack(std::initializer_list<std::string_view> fields) {
  Bytes bytes;
  for (const auto field : fields) {
    for (const auto character : field) bytes.push_back(static_cast<std::byte>(character));
    bytes.push_back(std::byte{0});
  }
  return bytes;
}

std::vector<std::string> unpack(BytesView bytes) {
  std::vector<std::string> fields;
  for (auto text = to_text(bytes); !text.empty();) {
    const auto end = text.find('\0');
    if (end == std::string_view::npos) return {};
    fields.emplace_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return fields;
}

template <class Integer>
std::optional<Integer> number(std::string_view text) {
  Integer value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

const Bytes& refused() {
  static const Bytes answer = pack({"n"});
  return answer;
}
const Bytes& done() {
  static const Bytes answer = pack({"y"});
  return answer;
}

}  // namespace

Bytes App::write(std::string_view key, std::string_view value) { return pack({"w", key, value}); }

Bytes App::cas(std::string_view key, const std::optional<std::string>& old, std::string_view value) {
  return old ? pack({"c", key, value, *old}) : pack({"c", key, value});
}

Bytes App::count(std::string_view key, std::string_view cmd) { return pack({"o", key, cmd}); }

Bytes App::guarded_write(std::string_view key, Token token, std::string_view value) {
  return pack({"g", key, value, std::to_string(token.value)});
}

std::optional<App::Answer> App::parse(BytesView answer) {
  const auto fields = unpack(answer);
  if (fields.size() == 1 && (fields[0] == "y" || fields[0] == "n")) return Answer{.done = fields[0] == "y"};
  if (fields.size() != 2 || fields[0] != "y") return std::nullopt;
  const auto n = number<std::int64_t>(fields[1]);
  return n ? std::optional(Answer{.done = true, .n = *n}) : std::nullopt;
}

std::optional<std::string> App::value(const std::string& key) const {
  const auto found = registers_.find(key);
  return found == registers_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::string> App::guarded_value(const std::string& key) const {
  const auto found = guards_.find(key);
  return found == guards_.end() ? std::nullopt : found->second.value;
}

Bytes App::apply(const Applied&, BytesView command) {
  const auto fields = unpack(command);
  if (fields.size() < 3) return refused();
  const auto& [kind, key, value] = std::tie(fields[0], fields[1], fields[2]);
  if (kind == "w") {
    registers_[key] = value;
    return done();
  }
  if (kind == "c") {
    if (this->value(key) != (fields.size() > 3 ? std::optional(fields[3]) : std::nullopt)) return refused();
    registers_[key] = value;
    return done();
  }
  if (kind == "o") {
    auto& counter = counters_[key];
    const auto [place, is_new] = counter.counted.try_emplace(value, counter.n + 1);
    if (is_new || !remembers_commands()) place->second = ++counter.n;
    return pack({"y", std::to_string(place->second)});
  }
  const auto token = kind == "g" && fields.size() > 3 ? number<std::uint64_t>(fields[3]) : std::nullopt;
  if (!token) return refused();
  auto& guard = guards_[key];
  if (heeds_tokens() && *token < guard.newest) return refused();
  guard = {.newest = *token, .value = value};
  return done();
}

void App::snapshot(const std::function<void(BytesView)>& write) const {
  for (const auto& [key, value] : registers_) write(pack({"w", key, value}));
  for (const auto& [key, counter] : counters_)
    for (const auto& [cmd, n] : counter.counted) write(pack({"o", key, cmd, std::to_string(n)}));
  for (const auto& [key, guard] : guards_) write(pack({"g", key, guard.value.value_or(""), std::to_string(guard.newest)}));
}

Result<void> App::restore(const std::function<BytesView()>& read) {
  registers_.clear();
  counters_.clear();
  guards_.clear();
  for (auto chunk = read(); !chunk.empty(); chunk = read()) {
    const auto fields = unpack(chunk);
    if (fields.size() < 3) return Error(errc::invalid_argument, "a line of the snapshot makes no sense");
    if (fields[0] == "w") {
      registers_[fields[1]] = fields[2];
      continue;
    }
    const auto count = fields.size() > 3 ? number<std::int64_t>(fields[3]) : std::nullopt;
    if (!count) return Error(errc::invalid_argument, "a line of the snapshot makes no sense");
    if (fields[0] == "o") {
      auto& counter = counters_[fields[1]];
      counter.counted[fields[2]] = *count;
      counter.n = std::max(counter.n, *count);
    } else {
      guards_[fields[1]] = {.newest = static_cast<std::uint64_t>(*count), .value = fields[2]};
    }
  }
  return {};
}

std::uint64_t App::digest() const {
  StateHasher hasher;
  hasher(registers_);
  for (const auto& [key, counter] : counters_) hasher(key, counter.n, counter.counted);
  for (const auto& [key, guard] : guards_) hasher(key, guard.newest, guard.value);
  return hasher.finish();
}

}  // namespace conclave::sim
