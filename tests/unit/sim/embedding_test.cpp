// The contract of <conclave/sim.hpp>: what a user's application may rely on, and how its failures are told.
#include <doctest/doctest.h>

#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include <conclave/sim.hpp>

using namespace conclave;
using namespace std::chrono_literals;
using sim::Application;
using sim::Cluster;
using sim::Environment;
using sim::Options;

namespace {

/// An application of functions; those that are empty do nothing.
struct Scripted final : Application {
  std::shared_ptr<StateMachine> make_state_machine() override { return machine ? machine() : nullptr; }
  std::shared_ptr<void> start(Node& node, Environment& environment) override {
    return begun ? begun(node, environment) : nullptr;
  }
  void check(Cluster& cluster) override {
    if (checked) checked(cluster);
  }
  bool settled(Cluster& cluster) override { return !at_rest || at_rest(cluster); }
  void finish(Cluster& cluster) override {
    if (finished) finished(cluster);
  }

  std::function<std::shared_ptr<StateMachine>()> machine;
  std::function<std::shared_ptr<void>(Node&, Environment&)> begun;
  std::function<void(Cluster&)> checked;
  std::function<bool(Cluster&)> at_rest;
  std::function<void(Cluster&)> finished;
};

sim::MakeApplication scripted(const std::function<void(Scripted&)>& write) {
  return [write] {
    auto application = std::make_unique<Scripted>();
    write(*application);
    return application;
  };
}

/// Counts its commands.
struct Counter : StateMachine {
  [[nodiscard]] std::string name() const override { return "counter/1"; }
  Bytes apply(const Applied&, BytesView) override { return to_bytes(std::to_string(++count)); }
  void snapshot(const std::function<void(BytesView)>&) const override {}
  Result<void> restore(const std::function<BytesView()>&) override { return errc::not_supported; }
  [[nodiscard]] std::uint64_t digest() const override { return count; }

  std::uint64_t count{0};
};

Options short_runs(std::uint64_t seeds = 1) {
  Options options;
  options.seeds = seeds;
  options.faults_for = 3s;
  options.shrink_tries = 0;
  options.timing.session_ttl = 1s;
  return options;
}

sim::Summary run(const Options& options, const std::function<void(Scripted&)>& write) {
  auto summary = sim::run(options, scripted(write));
  REQUIRE(summary);
  return *summary;
}

/// The one failure of a short run.
sim::Failure failure_of(const std::function<void(Scripted&)>& write) {
  const auto summary = run(short_runs(), write);
  REQUIRE(summary.failures.size() == 1);
  return summary.failures.front();
}

/// Takes the lock again and again.
struct Taker {
  Taker(Node& node, Environment& its) : lock(node.lock("jobs")), environment(its) {}
  void take() {
    (void)lock.acquire({}, [this](Result<Lock> taken) {
      if (taken) log.push_back(environment.name() + ' ' + std::to_string(environment.now().time_since_epoch().count()));
      environment.after(std::chrono::milliseconds(1 + environment.random("pause", 50)), [this] { take(); });
    });
  }
  NamedLock lock;
  Environment& environment;
  std::vector<std::string> log;
};

std::shared_ptr<void> take_locks(Node& node, Environment& environment) {
  auto taker = std::make_shared<Taker>(node, environment);
  taker->take();
  return taker;
}

}  // namespace

TEST_CASE("sim: the same seeds give the same runs") {
  std::vector<std::string> logs[2];
  sim::Summary summaries[2];
  for (const auto i : {0, 1})
    summaries[i] = run(short_runs(4), [&](Scripted& app) {
      app.begun = &take_locks;
      app.finished = [&log = logs[i]](Cluster& cluster) {
        for (const auto& node : cluster.nodes()) {
          const auto taker = cluster.running_as<Taker>(node);
          REQUIRE(taker);
          log.insert(log.end(), taker->log.begin(), taker->log.end());
        }
      };
    });
  CHECK(summaries[0].passed());
  CHECK(summaries[0].seeds == 4);
  CHECK(summaries[0] == summaries[1]);
  CHECK(logs[0].size() > 20);
  CHECK(logs[0] == logs[1]);

  auto others = short_runs(4);
  others.first_seed = 5;
  CHECK(run(others, [](Scripted& app) { app.begun = &take_locks; }).trace_hash != summaries[0].trace_hash);
}

TEST_CASE("sim: a failure is found again by its seed, by its plan and by a smaller one") {
  const auto fails_in_second_life = [](Scripted& app) {
    app.begun = [](Node&, Environment& environment) -> std::shared_ptr<void> {
      environment.require(environment.life() < 2, "this node has lived before");
      return nullptr;
    };
  };
  auto options = short_runs(100);
  options.first_seed = 10;
  const auto summary = run(options, fails_in_second_life);
  REQUIRE(summary.failures.size() == 1);
  const auto failure = summary.failures.front();
  CHECK(failure.check == "application");
  CHECK(failure.sentence == "this node has lived before");
  CHECK_FALSE(failure.node.empty());
  CHECK(failure.at > 0ns);
  CHECK(failure.seed == options.first_seed + summary.seeds - 1);
  CHECK(to_string(summary).find("seed " + std::to_string(failure.seed) + ": application") != std::string::npos);

  options.first_seed = failure.seed;
  options.seeds = 1;
  CHECK(run(options, fails_in_second_life).failures == summary.failures);

  const auto again = sim::replay(failure.plan, options, scripted(fails_in_second_life));
  REQUIRE(again);
  CHECK(again->failures == summary.failures);

  options.shrink_tries = 200;
  const auto smaller = run(options, fails_in_second_life).failures.front();
  CHECK(smaller.sentence == failure.sentence);
  CHECK(smaller.plan.size() < failure.plan.size() / 2);
  CHECK(sim::replay(smaller.plan, short_runs(), scripted(fails_in_second_life))->failures.front().sentence == failure.sentence);
}

TEST_CASE("sim: an application that throws has failed, and brings nothing down") {
  const auto boom = [](auto&&...) -> std::shared_ptr<void> { throw std::runtime_error("boom"); };
  const auto expect = [](const sim::Failure& failure) {
    CHECK(failure.check == "exception");
    CHECK(failure.sentence.find("boom") != std::string::npos);
  };
  SUBCASE("in start") {
    expect(failure_of([&](Scripted& app) { app.begun = boom; }));
  }
  SUBCASE("in a callback") {
    expect(failure_of([&](Scripted& app) {
      app.begun = [&](Node& node, Environment&) -> std::shared_ptr<void> {
        node.ready(10s, [&](const Result<void>&) { boom(); });
        return nullptr;
      };
    }));
  }
  SUBCASE("in a timer") {
    expect(failure_of([&](Scripted& app) {
      app.begun = [&](Node&, Environment& environment) -> std::shared_ptr<void> {
        environment.after(10ms, boom);
        return nullptr;
      };
    }));
  }
  SUBCASE("in its state machine") {
    struct Throwing : Counter {
      Bytes apply(const Applied&, BytesView) override { throw std::runtime_error("boom"); }
    };
    expect(failure_of([&](Scripted& app) {
      app.machine = [] { return std::make_shared<Throwing>(); };
      app.begun = [](Node& node, Environment&) -> std::shared_ptr<void> {
        node.propose({}, {}, [](const Result<Bytes>&) {});
        return nullptr;
      };
    }));
  }
  SUBCASE("in a check") {
    expect(failure_of([&](Scripted& app) { app.checked = boom; }));
  }
  SUBCASE("when asked whether it is at rest") {
    expect(failure_of([&](Scripted& app) { app.at_rest = [&](Cluster&) { return boom() == nullptr; }; }));
  }
  SUBCASE("at the end") {
    expect(failure_of([&](Scripted& app) { app.finished = boom; }));
  }
  SUBCASE("before it is there") {
    const auto summary = sim::run(short_runs(), []() -> std::unique_ptr<Application> { throw std::runtime_error("boom"); });
    REQUIRE(summary);
    REQUIRE(summary->failures.size() == 1);
    expect(summary->failures.front());
  }
}

TEST_CASE("sim: what is of no run is noticed") {
  int runs = 0;
  const auto failure = failure_of([&](Scripted& app) {
    app.begun = [wait = 1ms * ++runs](Node& node, Environment& environment) -> std::shared_ptr<void> {
      environment.after(wait, [lock = node.lock("jobs")]() mutable { lock.try_acquire([](const Result<Lock>&) {}); });
      return nullptr;
    };
  });
  CHECK(failure.check == "determinism");
}

TEST_CASE("sim: state machines that go apart are noticed") {
  struct Forked : Counter {
    explicit Forked(std::uint64_t start) { count = start; }
  };
  std::uint64_t made = 0;
  const auto failure = failure_of([&](Scripted& app) {
    app.machine = [&] { return std::make_shared<Forked>(++made); };
    app.begun = [](Node& node, Environment&) -> std::shared_ptr<void> {
      node.propose({}, {}, [](const Result<Bytes>&) {});
      return nullptr;
    };
  });
  CHECK(failure.check == "state-machine-digest");
}

TEST_CASE("sim: work that is never done is noticed") {
  const auto failure = failure_of([](Scripted& app) { app.at_rest = [](Cluster&) { return false; }; });
  CHECK(failure.check == "application-settled");
}

TEST_CASE("sim: blocking forms answer that they would deadlock") {
  std::vector<Error> errors;
  const auto summary = run(short_runs(), [&](Scripted& app) {
    app.begun = [&](Node& node, Environment&) -> std::shared_ptr<void> {
      errors = {node.ready(1s).error(),         node.lock("a").acquire(1s).error(), node.lock("a").run([](Lock&) {}).error(),
                node.propose({}).error(),       node.status().error(),              node.close().error(),
                node.election("e").leader(1s).error()};
      return nullptr;
    };
  });
  CHECK(summary.passed());
  REQUIRE(errors.size() == 7);
  for (const auto& error : errors) CHECK(error == errc::would_deadlock);
}

TEST_CASE("sim: every node applies what one proposes") {
  std::map<std::string, std::uint64_t> counts;
  std::uint64_t answered = 0;
  auto options = short_runs();
  const auto summary = run(options, [&](Scripted& app) {
    counts.clear();  // the first seed runs twice
    answered = 0;
    app.machine = [] { return std::make_shared<Counter>(); };
    app.begun = [&](Node& node, Environment& environment) -> std::shared_ptr<void> {
      if (environment.name() != "1" || environment.life() != 1) return nullptr;
      for (int i = 0; i < 5; ++i)
        node.propose(to_bytes("count"), {}, [&](const Result<Bytes>& result) { answered += result.has_value() ? 1 : 0; });
      return nullptr;
    };
    app.finished = [&](Cluster& cluster) {
      for (const auto& node : cluster.nodes())
        counts[node] = std::static_pointer_cast<Counter>(cluster.state_machine(node))->count;
    };
  });
  CHECK(summary.passed());
  CHECK(answered == 5);
  CHECK(counts == std::map<std::string, std::uint64_t>{{"1", 5}, {"2", 5}, {"3", 5}});
}

TEST_CASE("sim: a life that closes ends, and the next begins") {
  std::vector<std::string> seen;
  auto options = short_runs();
  options.again_every = 0;
  const auto summary = run(options, [&](Scripted& app) {
    app.begun = [&](Node&, Environment& environment) -> std::shared_ptr<void> {
      if (environment.name() != "2") return std::make_shared<int>();
      seen.push_back("life " + std::to_string(environment.life()));
      if (environment.life() == 1) environment.after(500ms, [&] { environment.close(); });
      return std::shared_ptr<void>(&environment, [&](void*) { seen.emplace_back("let go"); });
    };
    app.checked = [&](Cluster& cluster) {
      if (seen.size() == 2 && !cluster.running("2")) seen.emplace_back("not running");
    };
  });
  CHECK(summary.passed());
  REQUIRE(seen.size() >= 4);
  CHECK(seen[0] == "life 1");
  CHECK(seen[1] == "let go");
  CHECK(seen[2] == "not running");
  CHECK(seen[3] == "life 2");
}

TEST_CASE("sim: a line that the application says is told with its time and its node") {
  std::string heard;
  auto options = short_runs();
  options.again_every = 0;
  options.log = [&](LogLevel, std::string_view line) { heard += std::string(line) + '\n'; };
  (void)run(options, [](Scripted& app) {
    app.begun = [](Node&, Environment& environment) -> std::shared_ptr<void> {
      environment.after(100ms, [&] { environment.say("hello"); });
      return nullptr;
    };
  });
  CHECK(heard.find("t=100 2 hello\n") != std::string::npos);
  CHECK(heard.find("fault: ") != std::string::npos);
}

TEST_CASE("sim: options that make no sense are refused") {
  const auto refused = [](const std::function<void(Options&)>& spoil, const std::string& word) {
    auto options = short_runs();
    spoil(options);
    const auto summary = sim::run(options, scripted([](Scripted&) {}));
    REQUIRE_FALSE(summary);
    CHECK(summary.error() == errc::invalid_argument);
    CHECK(summary.error().detail.find(word) != std::string::npos);
  };
  refused([](Options& options) { options.seeds = 0; }, "seeds");
  refused([](Options& options) { options.failures_max = 0; }, "failures_max");
  refused([](Options& options) { options.nodes = 1; }, "nodes");
  refused([](Options& options) { options.nodes = 10; }, "nodes");
  refused([](Options& options) { options.faults_for = 10ms; }, "faults_for");
  refused([](Options& options) { options.settle_for = 2h; }, "settle_for");
  refused([](Options& options) { options.load_every = -1ms; }, "load_every");
  refused([](Options& options) { options.timing.session_ttl = 100ms; }, "session_ttl");
  refused([](Options& options) { options.timing.clock_drift_ppm = 100; }, "clock_drift_ppm");
  CHECK(sim::run(short_runs(), {}).error() == errc::invalid_argument);
  CHECK(sim::replay("nonsense", short_runs(), scripted([](Scripted&) {})).error() == errc::invalid_argument);
}
