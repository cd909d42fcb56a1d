/// \file
/// The simulator, for code of your own: your state machine, your callbacks and what you do while you hold a lock run on every
/// node of a simulated cluster, under partitions, crashes, disk faults, pauses and drifting clocks. Time, randomness and the
/// executor come from the simulation, so the same seed gives the same run. Link `conclave::sim`, which brings the library with
/// it; nothing of a production program needs this header.
///
///     class Jobs final : public conclave::sim::Application {
///       std::shared_ptr<void> start(conclave::Node& node, conclave::sim::Environment& environment) override {
///         return std::make_shared<Worker>(node, environment);  // your code, with the node that it also gets in production
///       }
///       void check(conclave::sim::Cluster& cluster) override { cluster.require(lost_ == 0, "an update was lost"); }
///     };
///     const auto summary = conclave::sim::run({.seeds = 300}, [] { return std::make_unique<Jobs>(); });
///
/// What the code may use: every class and call of the library in its callback form, through the `Node` that it is given, with
/// the handles that it has in production (`NamedLock`, `Lock`, `Campaign`, `Term`, ...), and `Environment`. Blocking forms answer
/// `errc::would_deadlock`: there is one thread, and it has to go on. `NamedLock::run` is one of them. A body of
/// `NamedElection::run` runs within one instant: it may begin things, and has no time pass; use `campaign` and its callbacks.
///
/// Determinism, your side of it: no clock but `Environment::now` (`boot_time()` is the real one), no random source but
/// `Environment::random`, no thread, no sleep, no file or socket that another run could find changed, no order that comes from an
/// address or an unordered container, no variable that outlives a run (static, thread_local). One seed in `Options::again_every`
/// runs twice, and a difference is reported as a failure, `determinism`.
///
/// Threads: everything of a run happens on the thread that calls `run`. Runs on several threads at once are independent of each
/// other. All pointers and references handed out here belong to that thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <conclave/config.hpp>
#include <conclave/export.hpp>
#include <conclave/node.hpp>
#include <conclave/result.hpp>
#include <conclave/state_machine.hpp>
#include <conclave/types.hpp>

namespace conclave::sim {

class Embedding;
class Tenant;

/// Which faults strike, and how often. Each seed leaves whole kinds of them out: what is never interrupted goes deeper. Disks fail,
/// tear, rot and are wiped, on fewer than half of the nodes; none forgets silently what it acknowledged, which Paxos assumes (a
/// plan by hand can: `lose-sync`, `restore`).
enum class Profile {
  /// 3 nodes, crashes above all.
  small,
  /// 5 nodes, all kinds of faults.
  standard,
  /// 2 to 9 nodes, everything at once.
  wild,
};

/// What to run, and for how long. All durations are simulated time.
struct Options {
  /// Seeds `first_seed` to `first_seed + seeds - 1`, one run each. A seed stands for all that is drawn: delays, ids, faults.
  std::uint64_t first_seed{1};
  /// At least 1.
  std::uint64_t seeds{100};
  Profile profile{Profile::small};
  /// How many nodes found the cluster, 2 to 9; empty: as the profile has it.
  std::optional<std::size_t> nodes{};
  /// The first phase, in which faults strike, 1 second to 1 hour. The first second of it is quiet.
  std::chrono::milliseconds faults_for{std::chrono::seconds(15)};
  /// The second phase, 1 second to 1 hour: everything is mended and every node is started; within so long the cluster works
  /// again and `Application::settled` is true. It ends as soon as that is so.
  std::chrono::milliseconds settle_for{std::chrono::seconds(15)};
  /// Of every node. Simulated links take 0.1 ms, unless a fault makes them slower.
  Timing timing{};
  /// The simulator's own calls beside yours: one about so often takes, tries or gives back locks and leaderships of its own, of
  /// names that begin with "sim:", and their history is judged. Zero: none.
  std::chrono::milliseconds load_every{500};
  /// Ends after so many seeds that failed; at least 1.
  std::size_t failures_max{1};
  /// One seed in so many runs twice, beginning with the first, and both runs must be the same to the packet. 0: none.
  std::uint64_t again_every{20};
  /// How many runs to spend, for each failure, on the search for a smaller plan that fails by the same check. 0: none.
  std::size_t shrink_tries{200};
  /// Hears what nodes log, what faults do and what `Environment::say` says, one line each, with the true time. For a single seed.
  LogSink log{};
};

/// What one life of one node has of the world, beside its `Node`. It lasts as long as that life.
class CONCLAVE_API Environment {
 public:
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;
  ~Environment();

  /// The node's name: "1", "2", and so on.
  [[nodiscard]] const std::string& name() const;
  /// Counts the lives of this node, from 1: after a crash it is one more.
  [[nodiscard]] std::uint64_t life() const;
  /// This node's own clock, by which deadlines are said. It drifts, within `Timing::clock_drift_ppm`.
  [[nodiscard]] Instant now() const;
  /// Runs `task` once on the callback executor when `wait` has passed by this node's clock; later if the process is paused or slow
  /// then. Never within this call, and not at all once this life has ended. Zero or less: soon. Tasks of the same time run in the
  /// order of the calls.
  void after(std::chrono::nanoseconds wait, std::function<void()> task);
  /// A number in [0, below), `below` at least 1: the n-th draw for `purpose` of this node's life, whatever is drawn for others.
  [[nodiscard]] std::uint64_t random(std::string_view purpose, std::uint64_t below);
  /// Ends this life in good order, in the background, as `Node::close` does; a fault, or the second phase, begins the next.
  void close();

  /// Reports a failure of this run, as check `application`, with node and time; the run ends after the present event. The first of
  /// a run counts. Returns: what cannot go on says so itself.
  void fail(std::string sentence);
  /// `fail` unless `fact`.
  void require(bool fact, std::string sentence) {
    if (!fact) fail(std::move(sentence));
  }
  /// A line for `Options::log`.
  void say(std::string_view line);

 private:
  friend class Embedding;
  friend class Tenant;
  explicit Environment(Tenant& tenant);

  Tenant* tenant_;
};

/// All nodes, as nobody in the cluster can see them: for checks.
class CONCLAVE_API Cluster {
 public:
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;
  ~Cluster();

  /// True time since the run's begin.
  [[nodiscard]] std::chrono::nanoseconds now() const;
  /// The names of all nodes, in order.
  [[nodiscard]] std::vector<std::string> nodes() const;
  /// What `Application::start` returned for the present life of `node`; null: it does not run.
  [[nodiscard]] std::shared_ptr<void> running(std::string_view node) const;
  template <class T>
  [[nodiscard]] std::shared_ptr<T> running_as(std::string_view node) const {
    return std::static_pointer_cast<T>(running(node));
  }
  /// The state machine of the present life of `node`; null: it does not run, or has none.
  [[nodiscard]] std::shared_ptr<StateMachine> state_machine(std::string_view node) const;

  /// As those of `Environment`.
  void fail(std::string sentence);
  void require(bool fact, std::string sentence) {
    if (!fact) fail(std::move(sentence));
  }

 private:
  friend class Embedding;
  explicit Cluster(Embedding& embedding);

  Embedding* embedding_;
};

/// Your program, as the simulator runs it: one object for each run, made anew for every seed. Its members are what all nodes share
/// in that run: a database outside the cluster, what the checks remember. An exception out of any of these, out of a callback or out
/// of a timer is reported as a failure, with what it says; out of the state machine too.
class CONCLAVE_API Application {
 public:
  virtual ~Application();

  /// A node's state machine, empty; asked once for each life, before `start`. Null: none. All nodes need the same
  /// (`StateMachine::name`). Beside all else the simulator compares `StateMachine::digest` at the same slot between nodes and
  /// lives, and reports a difference as check `state-machine-digest`.
  virtual std::shared_ptr<StateMachine> make_state_machine();

  /// A life of a node begins: its process was started, or started again. Runs on its callback executor, before every other
  /// callback of that life. What it returns is the memory of that process: kept until the life ends, and then destroyed without a
  /// call, as by SIGKILL or a loss of power; a destructor may not count on anything. `node` and `environment` last a little longer.
  /// The node is not ready yet (`Node::ready`). One whose disk fails stops itself, as in production: what is held is reported lost, and
  /// calls answer `errc::stopped`; the process goes on until it is started again.
  virtual std::shared_ptr<void> start(Node& node, Environment& environment) = 0;

  /// Your own invariants: called after everything of yours that ran on any node. Looks, and changes nothing in the cluster.
  virtual void check(Cluster& cluster);
  /// Asked in the second phase: your work is done, or goes on as it should. If it does not become true within
  /// `Options::settle_for`, that is a failure, `application-settled`.
  virtual bool settled(Cluster& cluster);
  /// Called once at the end of a run that has not failed: final checks.
  virtual void finish(Cluster& cluster);
};

/// Makes the application of one run.
using MakeApplication = std::function<std::unique_ptr<Application>()>;

/// A run that failed.
struct Failure {
  std::uint64_t seed{0};
  /// Which check: `application`, `application-settled`, `state-machine-digest`, `exception`, `determinism`, or one of the simulator's
  /// own (sim/README.md).
  std::string check;
  /// Of the node that it was found on; empty: of the cluster.
  std::string node;
  /// In true time since the run's begin.
  std::chrono::nanoseconds at{0};
  std::string sentence;
  /// The faults, in text that `replay` takes; shrunk if that was asked for.
  std::string plan;

  friend bool operator==(const Failure&, const Failure&) = default;
};

/// Several lines for a person: seed, check, time, sentence, and how to see it again.
[[nodiscard]] CONCLAVE_API std::string to_string(const Failure& failure);

/// What came of all the runs.
struct Summary {
  /// How many were run; fewer than asked for once `Options::failures_max` failed.
  std::uint64_t seeds{0};
  std::chrono::nanoseconds simulated{0};
  std::vector<Failure> failures;
  /// Of every packet of every run: the same options and program give the same, on every machine.
  std::uint64_t trace_hash{0};

  [[nodiscard]] bool passed() const { return failures.empty(); }
  friend bool operator==(const Summary&, const Summary&) = default;
};

/// "300 seeds, 1.9 simulated hours, 0 failures", and each failure.
[[nodiscard]] CONCLAVE_API std::string to_string(const Summary& summary);

/// Runs the application once for each seed: the two phases, then all checks, yours and the simulator's own. `errc::invalid_argument`
/// names the option that makes no sense.
[[nodiscard]] CONCLAVE_API Result<Summary> run(const Options& options, const MakeApplication& make);

/// Runs one plan again, such as `Failure::plan`, or one that was written by hand (sim/README.md has its words), with the timing
/// and the log of `options`; it says its seed, nodes and durations itself. `errc::invalid_argument` names the line that makes no sense.
[[nodiscard]] CONCLAVE_API Result<Summary> replay(std::string_view plan, const Options& options, const MakeApplication& make);

}  // namespace conclave::sim
