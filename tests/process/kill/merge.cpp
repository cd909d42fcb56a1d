#include "process/kill/merge.hpp"

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <stdexcept>
#include <variant>
#include <vector>

#include "process/kill/line_file.hpp"
#include "process/kill/log_line.hpp"
#include "sim/checkers/json_lines.hpp"
#include "sim/recording/log_keeper.hpp"

namespace conclave::process {
namespace {

/// Beyond those of every process.
constexpr std::uint64_t first_id_of_the_log = 1'000'000'000'000;

using Line = std::variant<sim::Event, LogLine>;

sim::TrueTime time_of(const Line& line) {
  const auto* event = std::get_if<sim::Event>(&line);
  return event ? sim::at(*event) : std::get<LogLine>(line).at;
}

Line parse(const std::string& text) {
  if (auto seen = parse_log_line(text)) return *std::move(seen);
  auto line = sim::parse_line(text);
  if (!line || !std::holds_alternative<sim::Event>(*line)) throw std::runtime_error("this line makes no sense: " + text);
  return std::get<sim::Event>(*std::move(line));
}

/// Adds the lines of one life, and how it ended.
void read(const std::filesystem::path& file, const Deaths& deaths, std::vector<Line>& all) {
  std::ifstream in(file);
  std::set<std::uint64_t> open;
  for (std::string text; next_line(in, text);) {
    all.push_back(parse(text));
    const auto* event = std::get_if<sim::Event>(&all.back());
    if (!event) continue;
    if (const auto* call = std::get_if<sim::Call>(event)) open.insert(call->id);
    if (const auto* answer = std::get_if<sim::Return>(event)) open.erase(answer->id);
  }
  const auto life = file.stem().string();
  const auto death = deaths.find(life);
  if (death == deaths.end()) return;
  all.emplace_back(sim::Event(sim::Crash{.at = death->second, .node = life.substr(0, life.find('.'))}));
  for (const auto id : open) all.emplace_back(sim::Event(sim::Return{.at = death->second, .id = id, .status = sim::Status::lost}));
}

class Merging {
 public:
  void take(const Line& line) {
    if (const auto* seen = std::get_if<LogLine>(&line)) return take(*seen);
    const auto& event = std::get<sim::Event>(line);
    if (const auto* call = std::get_if<sim::Call>(&event)) calls_[call->id] = history_.events.size();
    history_.events.push_back(event);
    log_.see(event);
    // Only the grant says in which session it was asked for last.
    const auto* answer = std::get_if<sim::Return>(&event);
    if (!answer || !answer->token) return;
    if (auto session = log_.session_of(*answer->token)) call(answer->id).session = *std::move(session);
  }

  sim::History finish() {
    log_.finish();
    sim::put_in_order(history_);
    return std::move(history_);
  }

 private:
  void take(const LogLine& seen) {
    switch (seen.what) {
      case LogLine::What::granted:
        return log_.granted(seen.at, seen.lock, seen.session, seen.token);
      case LogLine::What::ungranted:
        return log_.ungranted(seen.at, seen.token, seen.flag);
      case LogLine::What::ended:
        return log_.ended(seen.at, seen.session, seen.flag);
      case LogLine::What::left:
        break;
    }
    auto former = call(static_cast<std::uint64_t>(seen.token));
    former.session = seen.session;
    log_.left_behind(std::move(former), seen.at);
  }
  sim::Call& call(std::uint64_t id) { return std::get<sim::Call>(history_.events.at(calls_.at(id))); }

  sim::History history_;
  std::uint64_t ids_{first_id_of_the_log};
  sim::LogKeeper log_{[this](sim::Event event) { history_.events.push_back(std::move(event)); }, [this] { return ++ids_; }};
  std::map<std::uint64_t, std::size_t> calls_;
};

}  // namespace

std::string to_text(const LogLine& line) {
  return "log " + std::to_string(line.at.count()) + ' ' + std::to_string(static_cast<int>(line.what)) + ' ' + line.lock + ' ' +
         line.session + ' ' + std::to_string(line.token) + ' ' + (line.flag ? '1' : '0');
}

std::optional<LogLine> parse_log_line(const std::string& text) {
  std::istringstream words(text);
  std::string log;
  std::int64_t at = 0;
  int what = 0;
  LogLine line;
  if (!(words >> log >> at >> what >> line.lock >> line.session >> line.token >> line.flag) || log != "log") return std::nullopt;
  line.at = sim::TrueTime(at);
  line.what = static_cast<LogLine::What>(what);
  return line;
}

sim::History merge(const std::filesystem::path& folder, const Deaths& deaths) {
  std::vector<Line> all;
  for (const auto& file : std::filesystem::directory_iterator(folder))
    if (file.path().extension() == ".jsonl") read(file.path(), deaths, all);
  std::ranges::stable_sort(all, {}, &time_of);
  Merging merging;
  for (const auto& line : all) merging.take(line);
  return merging.finish();
}

}  // namespace conclave::process
