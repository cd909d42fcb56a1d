#include "cli/print.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "cli/printable.hpp"

namespace conclave::cli {
namespace {

using Row = std::vector<std::string>;

void print_table(std::ostream& out, const std::vector<Row>& rows) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const auto& row : rows)
    for (std::size_t column = 0; column < row.size(); ++column) widths[column] = std::max(widths[column], row[column].size());
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t column = 0; column < row.size(); ++column) {
      line += row[column];
      line.append(widths[column] + 2 - row[column].size(), ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out << line << '\n';
  }
}

// Of the others, the sentence names whose vote is known to be lost.
std::string role_of(const MemberStatus& member, const Status& status) {
  if (member.leads) return "leader";
  if (member.role != Role::voter) return "observer";
  return member.id == status.self && !status.vote_lost.empty() ? "voter, has lost its vote" : "voter";
}

std::string health_of(Health health) {
  switch (health) {
    case Health::alive:
      return "alive";
    case Health::suspect:
      return "suspect";
    case Health::dead:
      return "dead";
    case Health::left:
      return "left";
    case Health::unknown:
      break;
  }
  return "unknown";
}

void print_resources(std::ostream& out, const char* title, const char* holder, const std::vector<ResourceStatus>& resources) {
  if (resources.empty()) return;
  out << '\n';
  std::vector<Row> rows{{title, holder, "token", "waiting", "note"}};
  for (const auto& resource : resources)
    rows.push_back({printable(resource.name), resource.holder.empty() ? "-" : printable(resource.holder),
                    resource.holder.empty() ? "-" : std::to_string(resource.token.value), std::to_string(resource.waiters),
                    printable(resource.note)});
  print_table(out, rows);
}

}  // namespace

void print(std::ostream& out, const Status& status) {
  out << "cluster '" << printable(status.cluster_name) << "': " << printable(status.sentence) << '\n';
  if (!status.vote_lost.empty()) out << "'" << printable(status.self_name) << "' has lost its vote: " << printable(status.vote_lost) << '\n';
  if (!status.leader_reason.empty())
    out << "last change of role at '" << printable(status.self_name) << "': " << printable(status.leader_reason) << '\n';
  out << "log: chosen up to " << status.chosen.value << ", applied up to " << status.applied.value << "; " << status.sessions
      << (status.sessions == 1 ? " session\n\n" : " sessions\n\n");
  std::vector<Row> rows{{"member", "role", "health", "address"}};
  for (const auto& member : status.members)
    rows.push_back({printable(member.name), role_of(member, status), health_of(member.health),
                    member.address.empty() ? "-" : printable(member.address)});
  print_table(out, rows);
  print_resources(out, "lock", "holder", status.locks);
  print_resources(out, "election", "leader", status.elections);
}

}  // namespace conclave::cli
