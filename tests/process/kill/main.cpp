// kill -9 at random: three real processes lock and propose; any of them is killed at any moment and started again from its
// disk. Afterwards all that they had seen is checked.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "process/kill/checks.hpp"
#include "process/kill/cluster.hpp"
#include "process/kill/member.hpp"
#include "process/support/eventually.hpp"
#include "process/support/temp_folder.hpp"
#include "sim/checkers/check.hpp"
#include "sim/checkers/contents.hpp"
#include "sim/checkers/json_lines.hpp"

namespace {

using namespace conclave::process;
namespace sim = conclave::sim;

struct Options {
  unsigned kills{50};
  unsigned seed{std::random_device{}()};
  /// Where the history goes; empty: nowhere.
  std::string history{};
};

std::optional<Options> parse(const std::vector<std::string>& words) {
  Options options;
  for (std::size_t at = 0; at + 1 < words.size(); at += 2) {
    const auto& value = words[at + 1];
    if (words[at] == "--kills")
      options.kills = static_cast<unsigned>(std::stoul(value));
    else if (words[at] == "--seed")
      options.seed = static_cast<unsigned>(std::stoul(value));
    else if (words[at] == "--history")
      options.history = value;
    else
      return std::nullopt;
  }
  return words.size() % 2 == 0 ? std::optional(options) : std::nullopt;
}

/// Draws the kills. When the next is due is a matter of what was seen, never of time.
class Killer {
 public:
  Killer(Cluster& cluster, unsigned seed) : cluster_(cluster), random_(seed) {}

  /// One process, at a moment when everybody had got somewhere, or while an earlier victim still comes back.
  void kill_one() {
    const auto victim = random_() % Cluster::size;
    cluster_.kill(victim);
    cluster_.start(victim);
    const bool everybody = random_() % 4 != 0;
    const std::size_t somebody = (victim + 1 + random_() % 2) % Cluster::size;
    for (std::size_t at = 0; at < Cluster::size; ++at)
      if (everybody || at == somebody) await_progress(at);
  }

  /// Power off: nobody is left to remember but the disks.
  void kill_all() {
    for (std::size_t at = 0; at < Cluster::size; ++at) cluster_.kill(at);
    for (std::size_t at = 0; at < Cluster::size; ++at) cluster_.start(at);
    await_everybody();
  }

  void await_everybody() {
    for (std::size_t at = 0; at < Cluster::size; ++at) await_progress(at);
  }

 private:
  void await_progress(std::size_t at) {
    const auto before = cluster_.progress(at);
    const auto more = 1 + random_() % 20;
    const bool done = eventually([&] {
      cluster_.look();
      const auto now = cluster_.progress(at);
      return now.held > before.held && now.acknowledged >= before.acknowledged + more;
    });
    if (!done) throw std::runtime_error(Cluster::name(at) + " got nowhere for a minute");
  }

  Cluster& cluster_;
  std::mt19937 random_;
};

/// The history is sound, and holds enough; that is not asked of a few kills.
void judge(const sim::History& history, bool enough, std::vector<std::string>& faults) {
  for (const auto& violation : sim::check(history)) faults.push_back(to_string(violation, history));
  const auto held = sim::contents(history);
  for (auto& sentence : enough ? sim::shortfalls(held, {}) : std::vector<std::string>()) faults.push_back("too little: " + std::move(sentence));
  std::printf("%zu operations, %zu grants, %zu leaders; worst: %s\n", held.operations, held.grants, held.leaders, sim::most_lost(held).c_str());
}

void keep(const sim::History& history, const std::string& path) {
  std::ofstream out(path);
  sim::write_history(out, history);
  if (!out.flush()) throw std::runtime_error(path + ": cannot be written");
}

int drive(const Options& options) {
  std::printf("replay: process_kill --kills %u --seed %u\n", options.kills, options.seed);
  std::fflush(stdout);
  const TempFolder folder;
  Cluster cluster(folder.path(), options.seed);
  Killer killer(cluster, options.seed);
  killer.await_everybody();
  for (unsigned done = 0; done < options.kills; ++done) {
    if (done == options.kills / 2) killer.kill_all();
    killer.kill_one();
  }
  killer.await_everybody();
  const auto evidence = cluster.finish();
  auto faults = check(evidence);
  const auto history = merge(folder.path(), cluster.deaths());
  if (!options.history.empty()) keep(history, options.history);
  judge(history, options.kills >= Options().kills, faults);
  for (const auto& fault : faults) std::printf("fault: %s\n", fault.c_str());
  std::printf("%zu grants, %zu commands acknowledged of %zu, %zu applied\n", evidence.holds.size(),
              evidence.acknowledged.size(), evidence.tried.size(), evidence.journals.begin()->second.size());
  return faults.empty() ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) try {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() > 6 && words[0] == "member")
    return run_member({.name = words[1],
                       .life = words[2],
                       .folder = words[3],
                       .founders = {words.begin() + 6, words.end()},
                       .listen = words[5],
                       .seed = static_cast<unsigned>(std::stoul(words[4]))});
  const auto options = parse(words);
  if (!options) {
    std::fprintf(stderr, "usage: process_kill [--kills N] [--seed N] [--history FILE]\n");
    return 64;
  }
  return drive(*options);
} catch (const std::exception& error) {
  std::printf("fault: %s\n", error.what());
  return EXIT_FAILURE;
}
