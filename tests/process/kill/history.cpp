#include "process/kill/history.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace conclave::process {
namespace {

std::string to_text(const CommandId& id) { return id.client + " " + std::to_string(id.number); }

[[noreturn]] void no_sense(const std::string& line) { throw std::runtime_error("this line makes no sense: " + line); }

}  // namespace

std::string to_text(const Record& record) {
  return to_text(record.id) + " " + record.lock + " " + std::to_string(record.token);
}

Record parse_record(const std::string& text) {
  std::istringstream words(text);
  Record record;
  if (!(words >> record.id.client >> record.id.number >> record.lock >> record.token)) no_sense(text);
  return record;
}

void History::held(const std::string& lock, std::uint64_t token, std::int64_t at) {
  file_.write("held " + lock + " " + std::to_string(token) + " " + std::to_string(at));
}

void History::tried(const CommandId& id) { file_.write("tried " + to_text(id)); }

void History::acknowledged(const CommandId& id, std::uint64_t place) {
  file_.write("acknowledged " + to_text(id) + " " + std::to_string(place));
}

void History::refused(const CommandId& id) { file_.write("refused " + to_text(id)); }

void Follower::read() {
  std::ifstream file(path_);
  file.seekg(static_cast<std::streamoff>(offset_));
  for (std::string line; next_line(file, line); offset_ += line.size() + 1) {
    auto& [count, last] = lines_[line.substr(0, line.find(' '))];
    ++count;
    last = line;
  }
}

std::size_t Follower::count(const std::string& word) {
  read();
  return lines_[word].first;
}

const std::string& Follower::last(const std::string& word) {
  read();
  return lines_[word].second;
}

void read_history(std::istream& lines, const std::string& name, Evidence& evidence) {
  for (std::string line; next_line(lines, line);) {
    std::istringstream words(line);
    std::string what;
    words >> what;
    if (what == "held") {
      std::string lock;
      std::uint64_t token = 0;
      std::int64_t at = 0;
      if (!(words >> lock >> token >> at)) no_sense(line);
      auto& hold = evidence.holds[{lock, token}];
      hold.first = hold.holders.empty() ? at : std::min(hold.first, at);
      hold.last = std::max(hold.last, at);
      hold.holders.insert(name);
    } else if (what == "tried" || what == "acknowledged" || what == "refused") {
      CommandId id;
      std::uint64_t place = 0;
      if (!(words >> id.client >> id.number)) no_sense(line);
      if (what == "tried") evidence.tried.insert(id);
      if (what == "refused") evidence.refused.insert(id);
      if (what != "acknowledged") continue;
      if (!(words >> place)) no_sense(line);
      evidence.acknowledged[id] = place;
    }
  }
}

std::vector<Record> read_journal(std::istream& lines) {
  std::vector<Record> journal;
  for (std::string line; next_line(lines, line);) journal.push_back(parse_record(line));
  return journal;
}

}  // namespace conclave::process
