// From the SIGKILL of the leader to the next grant, on a survivor, of a lock that the dead one did not hold.
#include <thread>

#include "bench/cases.hpp"
#include "bench/cluster.hpp"

namespace conclave::bench {
namespace {

// Long enough for a restarted node to be heard of by all, so that each kill meets a whole cluster.
constexpr std::chrono::milliseconds rest{300};

std::chrono::nanoseconds kill_once(Cluster& cluster, int number) {
  const auto leader = cluster.leader();
  // The two survivors in turn: one of them will lead, the other not.
  auto& survivor = cluster[(leader + 1 + static_cast<std::size_t>(number) % 2) % Cluster::size];
  const auto killed = std::chrono::steady_clock::now().time_since_epoch();
  cluster[leader].kill();
  const auto granted = survivor.ask({{"do", "grant"}, {"lock", "failover/" + std::to_string(number)}});
  cluster.restart(leader);
  std::this_thread::sleep_for(rest);
  return std::chrono::nanoseconds(granted.at("at_ns").get<std::int64_t>()) - killed;
}

}  // namespace

void measure_failover(const Options& options, std::vector<Row>& rows) {
  if (!options.wants("failover.sigkill")) return;
  Cluster cluster(options.folder / "failover");
  std::this_thread::sleep_for(rest);
  Run run;
  for (int number = 0; number < options.kills(); ++number) {
    run.latencies.push_back(kill_once(cluster, number));
    run.elapsed += run.latencies.back();
  }
  auto row = summarise("failover.sigkill", "conclave", 1, std::move(run));
  row.cpu_us_per_op = row.flushes_per_op = std::nullopt;
  rows.push_back(row);
}

}  // namespace conclave::bench
