#include "process/kill/checks.hpp"

#include <algorithm>
#include <map>
#include <optional>

namespace conclave::process {
namespace {

using Complaints = std::vector<std::string>;

std::string named(const std::string& lock, std::uint64_t token) { return "lock " + lock + ", token " + std::to_string(token); }

std::string named(const CommandId& id) { return "command " + std::to_string(id.number) + " of " + id.client; }

/// Grants of one lock in the order of their tokens follow each other in time: no two at once, and tokens only grow.
void check_holds(const Evidence& evidence, Complaints& found) {
  std::map<std::uint64_t, std::string> lock_of;
  std::optional<std::pair<std::string, std::uint64_t>> before;
  for (const auto& [key, hold] : evidence.holds) {
    const auto& [lock, token] = key;
    if (hold.holders.size() > 1) found.push_back(named(lock, token) + ": more than one process holds it");
    if (!lock_of.emplace(token, lock).second) found.push_back(named(lock, token) + ": another lock has that token");
    if (before && before->first == lock && evidence.holds.at(*before).last >= hold.first)
      found.push_back(named(lock, token) + ": seen valid " + std::to_string(evidence.holds.at(*before).last - hold.first) +
                      " ns before the last sight of token " + std::to_string(before->second));
    before = key;
  }
}

void check_journal(const Evidence& evidence, const std::string& node, const std::vector<Record>& journal, Complaints& found) {
  std::map<CommandId, std::uint64_t> place_of;
  std::map<std::string, std::uint64_t> newest;
  for (std::uint64_t place = 0; place < journal.size(); ++place) {
    const auto& record = journal[place];
    if (!place_of.emplace(record.id, place).second) found.push_back(node + ": " + named(record.id) + " is applied twice");
    if (!evidence.tried.contains(record.id)) found.push_back(node + ": nobody proposed " + named(record.id));
    if (evidence.refused.contains(record.id)) found.push_back(node + ": " + named(record.id) + " is applied, yet it was refused");
    auto& token = newest[record.lock];
    if (record.token < token)
      found.push_back(node + ": " + named(record.id) + " passed the guard of " + named(record.lock, record.token) +
                      " after one of token " + std::to_string(token));
    token = std::max(token, record.token);
  }
  for (const auto& [id, place] : evidence.acknowledged) {
    const auto applied = place_of.find(id);
    if (applied == place_of.end())
      found.push_back(node + ": " + named(id) + " was acknowledged and is lost");
    else if (applied->second != place)
      found.push_back(node + ": " + named(id) + " was acknowledged at place " + std::to_string(place) + " and is at " +
                      std::to_string(applied->second));
  }
}

}  // namespace

std::vector<std::string> check(const Evidence& evidence) {
  Complaints found;
  check_holds(evidence, found);
  for (const auto& [node, journal] : evidence.journals) {
    check_journal(evidence, node, journal, found);
    const auto& [first, expected] = *evidence.journals.begin();
    if (journal != expected) found.push_back("the journals of " + first + " and " + node + " differ");
  }
  return found;
}

}  // namespace conclave::process
