// Node::revoke_lock in each of its forms.
#include <future>  // a standard header before Asio's: by it Asio finds out how memory is aligned, in all files alike
#include <optional>
#include <string>

#include <asio/bind_executor.hpp>
#include <asio/io_context.hpp>

#include <conclave/asio.hpp>

#include "unit/node/single.hpp"

using namespace conclave;
using namespace conclave::node;
using namespace std::chrono_literals;

TEST_CASE("revoke_lock takes the lock from its holder, by each form") {
  Single single;
  auto& node = *single.node;
  auto lock = node.lock("jobs").try_acquire();
  REQUIRE(lock.has_value());
  std::promise<Error> lost;
  lock->on_lost([&](const Error& reason) { lost.set_value(reason); });
  const auto token = lock->token();
  SUBCASE("blocking") { CHECK(node.revoke_lock("jobs", token).has_value()); }
  SUBCASE("blocking, for ever") { CHECK(node.revoke_lock("jobs", token, milliseconds::max()).has_value()); }
  SUBCASE("callback") {
    std::promise<Result<void>> revoked;
    node.revoke_lock("jobs", token, 10s, [&](Result<void> result) { revoked.set_value(std::move(result)); });
    CHECK(revoked.get_future().get().has_value());
  }
  SUBCASE("Asio") {
    asio::io_context context;
    std::optional<Result<void>> revoked;
    async<void>([&](auto done) { node.revoke_lock("jobs", token, 10s, std::move(done)); },
                asio::bind_executor(context, [&](Result<void> result) { revoked = std::move(result); }));
    context.run();
    REQUIRE(revoked.has_value());
    CHECK(revoked->has_value());
  }
  CHECK(lost.get_future().get() == errc::lock_lost);
  CHECK_FALSE(lock->held());
  CHECK(node.lock("jobs").acquire(10s).has_value());
}

TEST_CASE("revoke_lock refuses a bad name and a token that is not current") {
  Single single;
  auto& node = *single.node;
  const auto lock = node.lock("jobs").try_acquire();
  REQUIRE(lock.has_value());
  CHECK(node.revoke_lock("", lock->token()).error() == errc::invalid_argument);
  CHECK(node.revoke_lock(std::string(129, 'x'), lock->token()).error() == errc::invalid_argument);
  CHECK(node.revoke_lock("jobs", lock->token().next()).error() == errc::not_found);
  CHECK(node.revoke_lock("others", lock->token()).error() == errc::not_found);
  CHECK(lock->held());
}
