// What the body of NamedLock::run may call, on a real node: what would wait for that body says so at once, and a lock that the
// body gives up itself is not lost.
#include <future>
#include <optional>
#include <thread>
#include <utility>

#include "unit/node/single.hpp"

using namespace conclave;
using namespace conclave::node;
using namespace std::chrono_literals;

namespace {

/// Who holds the lock called `name`, by the log.
std::string holder(Node& node, const std::string& name) {
  const auto status = node.status();
  REQUIRE(status.has_value());
  for (const auto& lock : status->locks)
    if (lock.name == name) return lock.holder;
  return {};
}

}  // namespace

TEST_CASE("a body that acquires the lock under which it runs is told would_deadlock; other locks it gets") {
  Single single;
  auto& node = *single.node;
  const auto ran = node.lock("jobs").run([&](Lock& lock) {
    CHECK(node.lock("jobs").acquire(10s).error() == errc::would_deadlock);
    CHECK(node.lock("jobs").run([](Lock&) {}).error() == errc::would_deadlock);
    CHECK(node.lock("jobs").try_acquire().error() == errc::not_acquired);
    // Another lock, a body within the body, and the first lock there again.
    CHECK(node.lock("others").acquire(10s).has_value());
    CHECK(node.lock("others").run([&](Lock&) {
      CHECK(node.lock("jobs").acquire(10s).error() == errc::would_deadlock);
    }).has_value());
    CHECK(node.lock("others").acquire(10s).has_value());
    CHECK(node.propose(to_bytes("x")).has_value());
    CHECK(node.read(Consistency::linearizable, 10s).has_value());
    CHECK(lock.held());
  });
  CHECK(ran.has_value());
  CHECK(node.lock("jobs").acquire(10s).has_value());
}

TEST_CASE("a body that releases its own lock holds it no more, and run is a success") {
  Single single;
  auto& node = *single.node;
  SUBCASE("by the blocking form") {
    CHECK(node.lock("jobs").run([&](Lock& lock) {
      CHECK(lock.release().has_value());
      CHECK_FALSE(lock.held());
      CHECK(holder(node, "jobs").empty());
      // Given up, so it does not wait for itself: the next holder may be this body again.
      CHECK(node.lock("jobs").acquire(10s).has_value());
      CHECK(lock.release().error() == errc::lock_lost);
    }).has_value());
  }
  SUBCASE("by the callback form") {
    CHECK(node.lock("jobs").run([](Lock& lock) { lock.release([](const Result<void>&) {}); }).has_value());
    CHECK(holder(node, "jobs").empty());  // run has waited for the release
  }
  SUBCASE("by moving it away") {
    CHECK(node.lock("jobs").run([](Lock& lock) { const Lock mine = std::move(lock); }).has_value());
    CHECK(holder(node, "jobs").empty());
  }
  SUBCASE("by nothing, while another handle keeps it") {
    std::optional<Lock> kept;
    CHECK(node.lock("jobs").run([&](Lock& lock) { kept.emplace(std::move(lock)); }).has_value());
    CHECK_FALSE(kept->held());
    CHECK(holder(node, "jobs").empty());
  }
}

TEST_CASE("a lock that was lost before its body released it is lost for run, too") {
  Single single;
  auto& node = *single.node;
  const auto ran = node.lock("jobs").run([&](Lock& lock) {
    CHECK(node.revoke_lock("jobs", lock.token()).has_value());
    CHECK(lock.release().error() == errc::lock_lost);
  });
  CHECK(ran.error() == errc::lock_lost);
}

TEST_CASE("a body under a lock cannot close its node; destroying it there closes in the background") {
  Single single;
  (void)single.node->lock("jobs").run([&](Lock&) {
    CHECK(single.node->close(0s).error() == errc::would_deadlock);
    CHECK(single.node->status().has_value());
    single.node.reset();
  });
  CHECK(single.freed());
}
