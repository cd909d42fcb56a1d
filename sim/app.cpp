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

Bytes to_bytes(const App::Answer& answer) {
  if (!answer.done) return pack({"n"});
  return answer.n > 0 ? pack({"y", std::to_string(answer.n)}) : pack({"y"});
}

constexpr App::Answer refused{};
constexpr App::Answer done{.done = true};

}  // namespace

Bytes App::write(std::string_view key, std::string_view value) { return pack({"w", key, value}); }

Bytes App::cas(std::string_view key, const std::optional<std::string>& old, std::string_view value) {
  return old ? pack({"c", key, value, *old}) : pack({"c", key, value});
}

Bytes App::count(std::string_view key) { return pack({"o", key}); }

Bytes App::guarded_write(std::string_view key, Token token, std::string_view value) {
  return pack({"g", key, value, std::to_string(token.value)});
}

Bytes App::once(std::string_view id, std::string_view attempt, const Bytes& command) {
  auto bytes = pack({"i", id, attempt});
  bytes.insert(bytes.end(), command.begin(), command.end());
  return bytes;
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
  return to_bytes(!fields.empty() && fields[0] == "i" ? apply_once(fields) : apply(fields));
}

App::Answer App::apply_once(Fields fields) {
  if (fields.size() < 4) return refused;
  const auto& [id, attempt] = std::tie(fields[1], fields[2]);
  const auto before = done_.find(id);
  if (before != done_.end() && before->second.attempt != attempt && remembers_commands()) return before->second.answer;
  const auto answer = apply(fields.subspan(3));
  done_[id] = {.attempt = attempt, .answer = answer};
  return answer;
}

App::Answer App::apply(Fields fields) {
  if (fields.size() < 2) return refused;
  const auto& [kind, key] = std::tie(fields[0], fields[1]);
  if (kind == "o") return {.done = true, .n = ++counters_[key]};
  if (fields.size() < 3) return refused;
  const auto& value = fields[2];
  if (kind == "w") {
    registers_[key] = value;
    return done;
  }
  if (kind == "c") {
    if (this->value(key) != (fields.size() > 3 ? std::optional(fields[3]) : std::nullopt)) return refused;
    registers_[key] = value;
    return done;
  }
  const auto token = kind == "g" && fields.size() > 3 ? number<std::uint64_t>(fields[3]) : std::nullopt;
  if (!token) return refused;
  auto& guard = guards_[key];
  if (heeds_tokens() && *token < guard.newest) return refused;
  guard = {.newest = *token, .value = value};
  return done;
}

void App::snapshot(const std::function<void(BytesView)>& write) const {
  for (const auto& [key, value] : registers_) write(pack({"w", key, value}));
  for (const auto& [key, n] : counters_) write(pack({"o", key, std::to_string(n)}));
  for (const auto& [key, guard] : guards_) write(pack({"g", key, std::to_string(guard.newest), guard.value.value_or("")}));
  for (const auto& [id, was] : done_)
    write(pack({"i", id, std::to_string(was.answer.n), was.answer.done ? "y" : "n", was.attempt}));
}

Result<void> App::restore(const std::function<BytesView()>& read) {
  registers_.clear();
  counters_.clear();
  guards_.clear();
  done_.clear();
  for (auto chunk = read(); !chunk.empty(); chunk = read())
    if (!restore(unpack(chunk))) return Error(errc::invalid_argument, "a line of the snapshot makes no sense");
  return {};
}

bool App::restore(Fields fields) {
  if (fields.size() < 3) return false;
  const auto& [kind, key, value] = std::tie(fields[0], fields[1], fields[2]);
  if (kind == "w") {
    registers_[key] = value;
    return true;
  }
  const auto count = number<std::int64_t>(value);
  if (!count) return false;
  if (kind == "o")
    counters_[key] = *count;
  else if (kind == "g" && fields.size() > 3)
    guards_[key] = {.newest = static_cast<std::uint64_t>(*count), .value = fields[3]};
  else if (kind == "i" && fields.size() > 4)
    done_[key] = {.attempt = fields[4], .answer = {.done = fields[3] == "y", .n = *count}};
  else
    return false;
  return true;
}

std::uint64_t App::digest() const {
  StateHasher hasher;
  hasher(registers_);
  hasher(counters_);
  for (const auto& [key, guard] : guards_) hasher(key, guard.newest, guard.value);
  for (const auto& [id, was] : done_) hasher(id, was.attempt, was.answer.done, was.answer.n);
  return hasher.finish();
}

}  // namespace conclave::sim
