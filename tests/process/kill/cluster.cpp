#include "process/kill/cluster.hpp"

#include <fstream>
#include <stdexcept>

#include "process/kill/log_line.hpp"
#include "process/support/eventually.hpp"

namespace conclave::process {

Cluster::Cluster(std::filesystem::path folder, unsigned seed) : folder_(std::move(folder)), seed_(seed) {
  for (std::size_t at = 0; at < size; ++at) start(at);
}

void Cluster::start(std::size_t at) {
  const auto life = std::to_string(++lives_);
  std::vector<std::string> arguments{"member", name(at), life, folder_.string(), std::to_string(seed_ + 100 * lives_)};
  arguments.push_back(ports_.address(static_cast<std::uint16_t>(at)));
  for (std::uint16_t founder = 0; founder < size; ++founder) arguments.push_back(ports_.address(founder));
  running_[at] = name(at) + "." + life;
  followers_[at] = std::make_unique<Follower>(folder_ / (running_[at] + ".history"));
  children_[at] = std::make_unique<Child>(
      Command{.program = own_program(), .arguments = std::move(arguments), .output = folder_ / (name(at) + ".output")});
}

void Cluster::kill(std::size_t at) {
  children_[at]->kill();
  deaths_[running_[at]] = true_now();
}

Cluster::Progress Cluster::progress(std::size_t at) {
  return {.acknowledged = followers_[at]->count("acknowledged"), .held = followers_[at]->count("held")};
}

void Cluster::look() {
  for (std::size_t at = 0; at < size; ++at) {
    if (const auto& trouble = followers_[at]->last("trouble"); !trouble.empty())
      throw std::runtime_error(name(at) + ": " + trouble);
    if (!children_[at]->runs()) throw std::runtime_error(name(at) + " has ended:\n" + children_[at]->said());
  }
}

bool Cluster::digests_agree() {
  std::array<std::string, size> digests;
  for (std::size_t at = 0; at < size; ++at) {
    const auto before = followers_[at]->count("dumped");
    children_[at]->tell("dump");
    if (!eventually([&] { return look(), followers_[at]->count("dumped") > before; })) return false;
    digests[at] = followers_[at]->last("dumped");
  }
  return digests[0] == digests[1] && digests[1] == digests[2];
}

Evidence Cluster::finish() {
  for (auto& child : children_) child->tell("stop");
  for (auto& follower : followers_)
    if (!eventually([&] { return look(), follower->count("stopped") > 0; })) throw std::runtime_error("a member does not stop");
  // What the killed had proposed last may still be on its way.
  if (!eventually([this] { return digests_agree(); })) throw std::runtime_error("the digests of the three never agree");
  Evidence evidence;
  for (const auto& file : std::filesystem::directory_iterator(folder_)) {
    if (file.path().extension() != ".history") continue;
    std::ifstream lines(file.path());
    read_history(lines, file.path().stem(), evidence);
  }
  for (std::size_t at = 0; at < size; ++at) {
    std::ifstream lines(folder_ / (name(at) + ".journal"));
    evidence.journals[name(at)] = read_journal(lines);
  }
  return evidence;
}

}  // namespace conclave::process
