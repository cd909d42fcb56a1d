// The end of a real node, also where it is destroyed on a thread of its own: nothing of it stays, and nothing waits for itself.
#include <doctest/doctest.h>

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include <asio/bind_executor.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>

#include <conclave/asio.hpp>
#include <conclave/conclave.hpp>

#include "unit/node/single.hpp"

using namespace conclave;
using namespace conclave::node;
using namespace std::chrono_literals;

TEST_CASE("a closed node answers every call with closed, and so do its handles") {
  Single single;
  auto lock = single.node->lock("jobs");
  auto election = single.node->election("boss");
  REQUIRE(single.node->close());
  CHECK(single.node->status().error() == errc::closed);
  CHECK(single.node->ready(1s).error() == errc::closed);
  CHECK(single.node->propose(to_bytes("x")).error() == errc::closed);
  CHECK(lock.try_acquire().error() == errc::closed);
  CHECK(single.node->lock("jobs").acquire(1s).error() == errc::closed);
  for (int kind = 0; kind < 2; ++kind) {
    const auto campaign =
        kind == 0 ? election.campaign({}, {}) : single.node->election("boss").run([](const Term&) {});
    REQUIRE_FALSE(campaign.has_value());
    CHECK(campaign.error() == errc::closed);
  }
  CHECK(election.leader(1s).error() == errc::closed);
  CHECK(single.node->close());
}

TEST_CASE("a lock outlives its node: release answers closed, its callback form not at all") {
  Single single;
  auto lock = single.node->lock("jobs").try_acquire();
  REQUIRE(lock.has_value());
  single.node.reset();
  CHECK_FALSE(lock->held());
  CHECK(lock->release().error() == errc::closed);
  auto kept = std::make_shared<bool>(false);
  lock->release([kept](const Result<void>&) { *kept = true; });
  CHECK_FALSE(*kept);
  CHECK(kept.use_count() == 1);
}

TEST_CASE("an Asio operation on a closed node completes with closed") {
  Single single;
  auto lock = single.node->lock("jobs");
  REQUIRE(single.node->close());
  asio::io_context context;
  std::vector<Error> told;
  for (int turn = 0; turn < 2; ++turn) {
    if (turn == 1) single.node.reset();
    async<Lock>([&](auto done) { lock.try_acquire(std::move(done)); },
                asio::bind_executor(context, [&](Result<Lock> result) { told.push_back(result.error()); }));
  }
  CHECK(told.empty());
  context.run();
  REQUIRE(told.size() == 2);
  CHECK(told[0] == errc::closed);
  CHECK(told[1] == errc::closed);
}

TEST_CASE("an exception out of a callback is the executor's: thread and candidacy go on") {
  asio::io_context context;
  auto work = asio::make_work_guard(context);
  int thrown = 0;
  std::thread thread([&] {
    while (!context.stopped()) try {
        context.run();
      } catch (const std::runtime_error&) {
        ++thrown;
      }
  });
  {
    Single single([&](Config& config) {
      config.executor = [&](std::function<void()> task) { asio::post(context, std::move(task)); };
    });
    std::promise<void> told;
    single.node->status([&](const Result<Status>&) {
      told.set_value();
      throw std::runtime_error("mine");
    });
    told.get_future().wait();
    // The thread is its owner's again: a blocking call there is none in a callback.
    std::promise<Result<Status>> asked;
    asio::post(context, [&] { asked.set_value(single.node->status()); });
    CHECK(asked.get_future().get().has_value());

    std::promise<void> elected;
    auto campaign = single.node->election("boss").campaign(
        {}, {.on_elected = [&, told = false](const Term&) mutable {
               if (!std::exchange(told, true)) elected.set_value();
             },
             .on_revoked = [](const Term&, const Error&) { throw std::runtime_error("mine"); }});
    elected.get_future().wait();
    std::promise<Result<void>> resigned;
    campaign->resign([&](const Result<void>& result) { resigned.set_value(result); });
    auto answer = resigned.get_future();
    REQUIRE(answer.wait_for(20s) == std::future_status::ready);
    CHECK(answer.get().has_value());
  }
  work.reset();
  thread.join();
  CHECK(thrown >= 2);
}

TEST_CASE("S9: calls beside close are answered or closed, and of two closes none returns before the node is closed") {
  for (int turn = 0; turn < 5; ++turn) {
    Single single;
    std::promise<void> began;
    std::atomic<bool> body_ended{false};
    std::thread holder([&] {
      (void)single.node->lock("jobs").run([&](Lock& lock) {
        began.set_value();
        while (!lock.stop_token().stop_requested()) std::this_thread::yield();
        for (int i = 0; i < 1000; ++i) CHECK(single.node->status().has_value());
        body_ended = true;
      });
    });
    began.get_future().wait();
    std::atomic<bool> over{false};
    std::thread caller([&] {
      bool closed = false;
      while (!over) {
        const auto answer = single.node->status();
        CHECK((answer ? !closed : answer.error() == errc::closed));
        closed = closed || !answer;
      }
    });
    const auto close = [&] {
      CHECK(single.node->close(20s));
      CHECK(body_ended);
      CHECK(single.node->status().error() == errc::closed);
    };
    std::thread other(close);
    close();
    over = true;
    for (auto* thread : {&holder, &caller, &other}) thread->join();
    single.node.reset();
    CHECK(single.freed());
  }
}

TEST_CASE("a node destroyed on its callback executor closes in the background, and nothing of it stays") {
  Single single;
  std::promise<void> go;
  single.node->status([&](const Result<Status>&) {
    go.get_future().wait();
    CHECK(single.node->close().error() == errc::would_deadlock);
    single.node.reset();
  });
  go.set_value();
  CHECK(single.freed());
}

TEST_CASE("a node assigned to on its callback executor closes in the background, and nothing of it stays") {
  Single first;
  Single second;
  std::promise<void> go;
  std::promise<void> assigned;
  first.node->status([&](const Result<Status>&) {
    go.get_future().wait();
    *first.node = std::move(*second.node);
    assigned.set_value();
  });
  go.set_value();
  assigned.get_future().wait();
  CHECK(first.freed());
  CHECK(first.node->status().has_value());
  CHECK(second.gone.wait_for(0s) == std::future_status::timeout);
  CHECK(first.node->close().has_value());
}

TEST_CASE("a node destroyed in a body closes in the background, and nothing of it stays") {
  Single single;
  std::promise<void> began;
  std::promise<void> go;
  {
    const auto campaign = single.node->election("boss").run([&](const Term&) {
      began.set_value();
      go.get_future().wait();
      CHECK(single.node->close().error() == errc::would_deadlock);
      single.node.reset();
    });
    began.get_future().wait();
  }
  go.set_value();
  CHECK(single.freed());
}

TEST_CASE("S9: close returns after the body of NamedLock::run, also one that waits for ever") {
  std::chrono::milliseconds patience = 20s;
  SUBCASE("some seconds") {}
  SUBCASE("for ever") { patience = std::chrono::milliseconds::max(); }
  Single single;
  std::promise<void> began;
  std::atomic<int> served{0};
  std::thread caller([&] {
    (void)single.node->lock("jobs").run([&](Lock& lock) {
      began.set_value();
      while (!lock.stop_token().stop_requested()) std::this_thread::yield();
      // A slow body, which the node serves to its end.
      for (int i = 0; i < 1000; ++i) served += single.node->status().has_value() ? 1 : 0;
    });
  });
  began.get_future().wait();
  CHECK(single.node->close(patience).has_value());
  CHECK(served == 1000);
  caller.join();
}
