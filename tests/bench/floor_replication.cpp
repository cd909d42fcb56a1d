#include <numeric>

#include "bench/closed_loop.hpp"
#include "bench/floors.hpp"
#include "bench/process.hpp"
#include "bench/socket.hpp"

namespace conclave::bench {
namespace {

/// A bare leader and its two followers.
class FloorCluster {
 public:
  explicit FloorCluster(const std::filesystem::path& folder) {
    std::vector<std::string> leader{"floor-leader", make(folder, "0")};
    for (const auto* name : {"1", "2"}) {
      processes_.emplace_back(std::vector<std::string>{"floor-follower", make(folder, name)}, folder / name / "counts");
      leader.push_back(std::to_string(processes_.back().read().at("port").get<int>()));
    }
    processes_.emplace_back(leader, folder / "0" / "counts");
    port_ = processes_.back().read().at("port");
  }

  [[nodiscard]] Process& leader() { return processes_.back(); }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] Usage usage() const {
    Usage all;
    for (const auto& process : processes_) all += process.usage();
    return all;
  }

 private:
  static std::string make(const std::filesystem::path& folder, const std::string& name) {
    std::filesystem::create_directories(folder / name);
    return folder / name;
  }

  std::vector<Process> processes_;
  std::uint16_t port_{0};
};

/// Runs `once(period)`, which returns a report, first to warm up and then to measure.
template <class Once>
Row measure(const Options& options, const FloorCluster& cluster, const char* name, std::size_t in_flight, Once once) {
  once(options.warm_up());
  Run run{.processes = 3};
  const auto before = cluster.usage();
  ClosedLoop::add(run, once(options.period()));
  const auto used = cluster.usage() - before;
  run.cpu = used.cpu;
  run.flushes = used.flushes;
  return summarise(name, "floor", in_flight, std::move(run));
}

Row over_tcp(const Options& options, FloorCluster& cluster, std::size_t in_flight) {
  cluster.leader().write({{"do", "serve"}});
  const auto socket = Socket::connect(cluster.port());
  std::uint64_t done = 0;
  return measure(options, cluster, "floor.replication", in_flight, [&](std::chrono::milliseconds period) {
    ClosedLoop loop(in_flight, period, done);
    loop.run([&](const char* data, std::size_t size) { socket.send(data, size); },
             [&](std::uint64_t) {
               std::uint64_t total = 0;
               return socket.receive(&total, sizeof total) ? total : 0;
             });
    done = loop.completed();
    return loop.report();
  });
}

Row inside(const Options& options, FloorCluster& cluster, std::size_t in_flight) {
  return measure(options, cluster, "floor.replication.inside", in_flight, [&](std::chrono::milliseconds period) {
    return cluster.leader().ask({{"do", "run"}, {"in_flight", in_flight}, {"ms", period.count()}});
  });
}

}  // namespace

void measure_replication_floors(const Options& options, std::vector<Row>& rows) {
  for (const bool tcp : {true, false}) {
    const std::string name = tcp ? "floor.replication" : "floor.replication.inside";
    if (!options.wants(name)) continue;
    for (const std::size_t in_flight : {1, 64, 256}) {
      const auto folder = options.folder / (name + "." + std::to_string(in_flight));
      FloorCluster cluster(folder);
      rows.push_back(tcp ? over_tcp(options, cluster, in_flight) : inside(options, cluster, in_flight));
    }
  }
}

}  // namespace conclave::bench
