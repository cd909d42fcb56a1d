#include "sim/checkers/json_lines.hpp"

#include <algorithm>
#include <concepts>
#include <istream>
#include <limits>
#include <nlohmann/json.hpp>
#include <ostream>

#include "sim/checkers/grammar.hpp"
#include "sim/checkers/words.hpp"

namespace conclave::sim {

namespace {

constexpr std::string_view format = "conclave-history/1";

template <class T, class Struct>
concept Is = std::same_as<std::remove_const_t<T>, Struct>;

// The keys of each line, once for both directions: `visit(key, member)`; an optional member may be left out.

void fields(Is<Meta> auto& meta, auto& visit) { visit("drift_ppm", meta.drift_ppm); }

void fields(Is<Call> auto& call, auto& visit) {
  visit("at", call.at);
  visit("id", call.id);
  visit("client", call.client);
  visit("obj", call.object);
  visit("op", call.op);
  visit("old", call.old);
  visit("value", call.value);
  visit("session", call.session);
  visit("token", call.token);
  visit("cmd", call.cmd);
}

void fields(Is<Return> auto& answer, auto& visit) {
  visit("at", answer.at);
  visit("id", answer.id);
  visit("status", answer.status);
  visit("value", answer.value);
  visit("token", answer.token);
  visit("n", answer.n);
}

template <class T>
  requires Is<T, Hold> || Is<T, Drop>
void fields(T& fact, auto& visit) {
  visit("at", fact.at);
  visit("node", fact.node);
  visit("session", fact.session);
  visit("res", fact.res);
  visit("token", fact.token);
  if constexpr (Is<T, Hold>) visit("until", fact.until);
}

template <class T>
  requires Is<T, Lead> || Is<T, Unlead>
void fields(T& fact, auto& visit) {
  visit("at", fact.at);
  visit("node", fact.node);
  visit("res", fact.res);
  visit("epoch", fact.epoch);
  if constexpr (Is<T, Lead>) visit("until", fact.until);
}

void fields(Is<Crash> auto& fact, auto& visit) {
  visit("at", fact.at);
  visit("node", fact.node);
}

template <class T>
  requires Is<T, Apply> || Is<T, Restore>
void fields(T& fact, auto& visit) {
  visit("at", fact.at);
  visit("node", fact.node);
  visit("life", fact.life);
  visit("slot", fact.slot);
  if constexpr (Is<T, Apply>) visit("hash", fact.hash);
  visit("digest", fact.digest);
}

void fields(Is<SessionFact> auto& fact, auto& visit) {
  visit("at", fact.at);
  visit("node", fact.node);
  visit("session", fact.session);
  visit("what", fact.what);
  visit("ttl", fact.ttl);
  visit("until", fact.until);
}

/// The types of lines, in the order of the alternatives of Event.
constexpr auto types = std::to_array<std::string_view>(
    {"call", "ret", "hold", "drop", "lead", "unlead", "crash", "apply", "restore", "session"});
static_assert(types.size() == std::variant_size_v<Event>);

class LineWriter {
 public:
  explicit LineWriter(std::string_view type) { line_["type"] = type; }

  template <class T>
  void operator()(const char* key, const T& value) {
    line_[key] = as_json(value);
  }
  template <class T>
  void operator()(const char* key, const std::optional<T>& value) {
    if (value) (*this)(key, *value);
  }

  [[nodiscard]] std::string text() const { return line_.dump(-1, ' ', false, Json::error_handler_t::replace); }

 private:
  using Json = nlohmann::ordered_json;

  template <class T>
  static Json as_json(const T& value) {
    if constexpr (std::is_enum_v<T>)
      return word(value);
    else if constexpr (std::same_as<T, TrueTime>)
      return value.count();
    else if constexpr (std::same_as<T, Object>)
      return to_string(value);
    else
      return value;
  }

  Json line_;
};

/// Fills the members of one line; keeps the first complaint.
class LineReader {
 public:
  explicit LineReader(const nlohmann::json& line) : line_(line) { known_.push_back("type"); }

  template <class T>
  void operator()(const char* key, T& value) {
    known_.push_back(key);
    const auto found = line_.find(key);
    if (found == line_.end()) return complain("missing key", key);
    if (!read(*found, value)) complain("bad value of key", key);
  }
  template <class T>
  void operator()(const char* key, std::optional<T>& value) {
    if (line_.contains(key))
      (*this)(key, value.emplace());
    else
      known_.push_back(key);
  }

  /// To be asked when all members were visited.
  [[nodiscard]] std::optional<std::string> complaint() {
    for (const auto& item : line_.items())
      if (std::ranges::find(known_, item.key()) == known_.end()) complain("unknown key", item.key());
    return complaint_;
  }

  static bool read(const nlohmann::json& from, std::string& to) {
    if (!from.is_string()) return false;
    to = from.get_ref<const std::string&>();
    return true;
  }

 private:
  void complain(std::string_view what, std::string_view key) {
    if (!complaint_) complaint_ = std::string(what) + " \"" + std::string(key) + "\"";
  }

  static bool read(const nlohmann::json& from, std::int64_t& to) {
    // A number beyond the signed range is parsed as unsigned.
    constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (!from.is_number_integer() || (from.is_number_unsigned() && from.get<std::uint64_t>() > most)) return false;
    to = from.get<std::int64_t>();
    return true;
  }
  static bool read(const nlohmann::json& from, std::uint64_t& to) {
    if (!from.is_number_unsigned()) return false;
    to = from.get<std::uint64_t>();
    return true;
  }
  static bool read(const nlohmann::json& from, TrueTime& to) {
    std::int64_t count = 0;
    if (!read(from, count)) return false;
    to = TrueTime(count);
    return true;
  }
  static bool read(const nlohmann::json& from, Object& to) {
    std::string name;
    if (!read(from, name)) return false;
    const auto colon = name.find(':');
    const auto kind = from_word<Kind>(std::string_view(name).substr(0, colon));
    if (colon == std::string::npos || !kind) return false;
    to = {*kind, name.substr(colon + 1)};
    return true;
  }
  template <class Enum>
    requires std::is_enum_v<Enum>
  static bool read(const nlohmann::json& from, Enum& to) {
    std::string text;
    if (!read(from, text)) return false;
    const auto value = from_word<Enum>(text);
    if (value) to = *value;
    return value.has_value();
  }

  const nlohmann::json& line_;
  std::vector<std::string_view> known_;
  std::optional<std::string> complaint_;
};

Error bad(std::string why) { return {errc::invalid_argument, std::move(why)}; }

using Line = std::variant<Meta, Event>;

Result<Line> parse_meta(const nlohmann::json& line) {
  std::string name;
  if (const auto found = line.find("format"); found != line.end()) LineReader::read(*found, name);
  if (name != format) return bad("the format is not " + std::string(format));
  auto without_format = line;
  without_format.erase("format");
  LineReader reader(without_format);
  Meta meta;
  fields(meta, reader);
  if (auto complaint = reader.complaint()) return bad(*complaint);
  return Line(meta);
}

template <class Fact>
Result<Line> parse_as(const nlohmann::json& line) {
  LineReader reader(line);
  Fact fact;
  fields(fact, reader);
  if (auto complaint = reader.complaint()) return bad(*complaint);
  return Line(Event(std::move(fact)));
}

/// `index` is a line's place in `types`.
template <std::size_t... I>
Result<Line> parse_event(const nlohmann::json& line, std::size_t index, std::index_sequence<I...>) {
  using Parse = Result<Line> (*)(const nlohmann::json&);
  constexpr std::array<Parse, sizeof...(I)> parse = {parse_as<std::variant_alternative_t<I, Event>>...};
  return parse[index](line);
}

}  // namespace

std::string to_line(const Meta& meta) {
  LineWriter writer("meta");
  writer("format", format);
  fields(meta, writer);
  return writer.text();
}

std::string to_line(const Event& event) {
  LineWriter writer(types[event.index()]);
  std::visit([&](const auto& any) { fields(any, writer); }, event);
  return writer.text();
}

Result<Line> parse_line(std::string_view text) {
  const auto line = nlohmann::json::parse(text, nullptr, false);
  if (!line.is_object()) return bad("not a JSON object");
  std::string type;
  if (const auto found = line.find("type"); found == line.end() || !LineReader::read(*found, type))
    return bad("missing key \"type\"");
  if (type == "meta") return parse_meta(line);
  const auto known = std::ranges::find(types, type);
  if (known == types.end()) return bad("unknown type \"" + type + "\"");
  return parse_event(line, static_cast<std::size_t>(known - types.begin()),
                     std::make_index_sequence<std::variant_size_v<Event>>());
}

void write_history(std::ostream& out, History history) {
  put_in_order(history);
  out << to_line(history.meta) << '\n';
  for (const auto& event : history.events) out << to_line(event) << '\n';
}

Result<History> read_history(std::istream& in) {
  History history;
  Grammar grammar;
  std::size_t number = 0;
  const auto refuse = [&](const std::string& why) { return bad("line " + std::to_string(number) + ": " + why); };
  for (std::string text; std::getline(in, text);) {
    const bool is_first = ++number == 1;
    auto line = parse_line(text);
    if (!line) return refuse(line.error().detail);
    const auto* meta = std::get_if<Meta>(&*line);
    if (is_first != (meta != nullptr)) return refuse(is_first ? "the first line is not meta" : "a second meta");
    if (meta) {
      history.meta = *meta;
      continue;
    }
    auto& event = std::get<Event>(*line);
    if (const auto reason = grammar.admit(event)) return refuse(*reason);
    history.events.push_back(std::move(event));
  }
  if (number == 0) return bad("line 1: the file is empty");
  return history;
}

}  // namespace conclave::sim
