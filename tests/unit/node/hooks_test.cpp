// The hooks that a user puts into the configuration may throw: open answers with an error, and the node's own threads go on.
#include <atomic>
#include <stdexcept>
#include <thread>

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>

#include "unit/node/single.hpp"

using namespace conclave;
using namespace conclave::node;
using namespace std::chrono_literals;

namespace {

/// Throws when it is asked for its name the `throws_at`th time.
class Nameless final : public StateMachine {
 public:
  explicit Nameless(int throws_at) : throws_at_(throws_at) {}
  [[nodiscard]] std::string name() const override {
    if (++asked_ == throws_at_) throw std::runtime_error("no name today");
    return "nameless/1";
  }
  Bytes apply(const Applied&, BytesView) override { return {}; }
  void snapshot(const std::function<void(BytesView)>&) const override {}
  Result<void> restore(const std::function<BytesView()>&) override { return {}; }
  [[nodiscard]] std::uint64_t digest() const override { return 0; }

 private:
  int throws_at_;
  mutable std::atomic<int> asked_{0};
};

}  // namespace

TEST_CASE("open answers invalid_argument when the state machine throws instead of saying its name, whenever it is asked") {
  for (int throws_at = 1; throws_at <= 2; ++throws_at) {
    CAPTURE(throws_at);
    Single single;  // for its folder
    Config config;
    config.name = "two";
    config.data_dir = single.folder / "two";
    config.single = true;
    config.state_machine = std::make_shared<Nameless>(throws_at);
    const auto opened = Node::open(config);
    REQUIRE_FALSE(opened.has_value());
    CHECK(opened.error() == errc::invalid_argument);
    CHECK(opened.error().detail.find("no name today") != std::string::npos);
    // Nothing of it stays open.
    config.state_machine.reset();
    CHECK(Node::open(config).has_value());
  }
}

TEST_CASE("a log sink that throws loses its lines, and nothing else") {
  std::atomic<int> lines{0};
  Single single([&](Config& config) {
    config.log = [&](LogLevel, std::string_view) {
      ++lines;
      throw std::runtime_error("the log is full");
    };
  });
  CHECK(lines > 0);
  CHECK(single.node->lock("jobs").try_acquire().has_value());
}

TEST_CASE("an executor that throws instead of taking a task stops the node: what cannot be told lost is not held") {
  std::atomic<bool> broken{false};
  asio::io_context context;
  auto work = asio::make_work_guard(context);
  std::thread thread([&] { context.run(); });
  {
    Single single([&](Config& config) {
      config.executor = [&](std::function<void()> task) {
        if (broken) throw std::runtime_error("no threads left");
        asio::post(context, std::move(task));
      };
    });
    auto& node = *single.node;
    const auto held = node.lock("jobs").try_acquire();
    REQUIRE(held.has_value());
    broken = true;
    std::promise<void> stopped;
    const std::stop_callback on_stop(held->stop_token(), [&] { stopped.set_value(); });
    node.status([](const Result<Status>&) {});
    CHECK(stopped.get_future().wait_for(20s) == std::future_status::ready);
    CHECK_FALSE(held->held());
    const auto refused = node.propose(to_bytes("x"));
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error() == errc::stopped);
    CHECK(refused.error().detail.find("Config::executor") != std::string::npos);
    const auto status = node.status();
    REQUIRE_FALSE(status.has_value());
    CHECK(status.error() == errc::stopped);
    CHECK(node.close().has_value());
  }
  work.reset();
  thread.join();
}
