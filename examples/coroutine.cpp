// A program that lives in an io_context: coroutines wait for locks without blocking its one thread.
#include <conclave/asio.hpp>
#include <conclave/conclave.hpp>

#include <asio.hpp>

#include <cstdio>
#include <exception>
#include <filesystem>

using namespace std::chrono_literals;

namespace {

int written = 0;

asio::awaitable<void> work(conclave::Node& node, int number) {
  for (int turn = 0; turn < 3; ++turn) {
    auto lock = co_await conclave::async<conclave::Lock>(
        [&](auto done) { node.lock("ledger").acquire({.timeout = 10s}, std::move(done)); }, asio::use_awaitable);
    if (!lock) {
      std::fprintf(stderr, "worker %d: %s\n", number, lock.error().message().c_str());
      co_return;
    }
    ++written;
    const auto released =
        co_await conclave::async<void>([&](auto done) { lock->release(std::move(done)); }, asio::use_awaitable);
    if (!released) std::fprintf(stderr, "worker %d: %s\n", number, released.error().message().c_str());
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::filesystem::path data = argc > 1 ? argv[1] : "coroutine-data";
  auto node = conclave::Node::open({.name = "one", .data_dir = data, .single = true});
  if (!node || !node->ready(10s)) {
    std::fputs("no node\n", stderr);
    return 1;
  }
  asio::io_context context;
  for (int number = 1; number <= 4; ++number)
    asio::co_spawn(context, work(*node, number), [](const std::exception_ptr& thrown) {
      if (thrown) std::rethrow_exception(thrown);
    });
  context.run();  // until all have ended
  std::printf("%d entries were written, one at a time\n", written);
  if (written != 12) return 1;
  std::puts("coroutine: ok");
}
