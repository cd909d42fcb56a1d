// Commands, locks and reads on a cluster that nothing disturbs, and what it costs when nothing happens.
#include <numeric>
#include <thread>

#include "bench/cases.hpp"
#include "bench/closed_loop.hpp"
#include "bench/cluster.hpp"

namespace conclave::bench {
namespace {

/// How many workers each node has; zero: none.
using Shares = std::vector<std::size_t>;

Shares only(std::size_t node, std::size_t many) {
  Shares shares(Cluster::size);
  shares[node] = many;
  return shares;
}

/// As even as it goes, beginning with the leader.
Shares spread(std::size_t leader, std::size_t many) {
  Shares shares(Cluster::size);
  for (std::size_t worker = 0; worker < many; ++worker) ++shares[(leader + worker) % Cluster::size];
  return shares;
}

Run run_once(Cluster& cluster, const char* what, const Shares& shares, std::chrono::milliseconds period) {
  Run run{.processes = Cluster::size};
  const auto before = cluster.usage();
  for (std::size_t at = 0; at < Cluster::size; ++at)
    if (shares[at] > 0) cluster[at].write({{"do", what}, {"in_flight", shares[at]}, {"ms", period.count()}});
  for (std::size_t at = 0; at < Cluster::size; ++at)
    if (shares[at] > 0) ClosedLoop::add(run, cluster[at].read());
  const auto used = cluster.usage() - before;
  run.cpu = used.cpu;
  run.flushes = used.flushes;
  return run;
}

void measure(Cluster& cluster, const Options& options, std::vector<Row>& rows, const char* name, const char* what,
             const Shares& shares) {
  if (!options.wants(name)) return;
  (void)run_once(cluster, what, shares, options.warm_up());
  const auto in_flight = std::accumulate(shares.begin(), shares.end(), std::size_t{0});
  rows.push_back(summarise(name, "conclave", in_flight, run_once(cluster, what, shares, options.period())));
}

void measure_idle(Cluster& cluster, const Options& options, std::vector<Row>& rows) {
  if (!options.wants("idle")) return;
  std::this_thread::sleep_for(options.warm_up());
  const auto begin = std::chrono::steady_clock::now();
  const auto before = cluster.usage();
  std::this_thread::sleep_for(2 * options.period());
  const auto used = cluster.usage() - before;
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
  double resident = 0;
  for (std::size_t at = 0; at < Cluster::size; ++at) resident += cluster[at].resident_mib();
  Row row{.name = "idle", .system = "conclave", .in_flight = 0};
  row.cpu_percent = 100 * std::chrono::duration<double>(used.cpu) / elapsed / Cluster::size;
  row.rss_mib = resident / Cluster::size;
  row.sent_bytes_s = static_cast<double>(used.sent_bytes) / elapsed.count() / Cluster::size;
  rows.push_back(row);
}

}  // namespace

void measure_work(const Options& options, std::vector<Row>& rows) {
  const auto names = {"idle", "command.leader", "command.follower", "lock.distinct", "lock.one_name", "read.linearizable"};
  if (std::ranges::none_of(names, [&](const char* name) { return options.wants(name); })) return;
  Cluster cluster(options.folder / "work");
  measure_idle(cluster, options, rows);
  const auto leader = cluster.leader();
  const auto follower = (leader + 1) % Cluster::size;
  for (const std::size_t many : {1, 64, 256})
    measure(cluster, options, rows, "command.leader", "commands", only(leader, many));
  for (const std::size_t many : {1, 64, 256})
    measure(cluster, options, rows, "command.follower", "commands", only(follower, many));
  for (const std::size_t many : {1, 16, 64})
    measure(cluster, options, rows, "lock.distinct", "locks", spread(leader, many));
  measure(cluster, options, rows, "lock.one_name", "one_name", spread(leader, 16));
  for (const std::size_t many : {1, 64})
    measure(cluster, options, rows, "read.linearizable", "reads", only(follower, many));
}

}  // namespace conclave::bench
