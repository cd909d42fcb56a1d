// Workers that take turns: each holds the lock for a moment, and hands its token to what the lock guards.
#include <conclave/conclave.hpp>

#include <cstdio>
#include <filesystem>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

namespace {

/// What the lock guards refuses whoever comes with an older token than the newest that it has seen.
class Ledger {
 public:
  bool write(conclave::Token token) {
    if (token < newest_) return false;
    newest_ = token;
    ++entries_;
    return true;
  }
  [[nodiscard]] int entries() const { return entries_; }

 private:
  conclave::Token newest_;
  int entries_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  constexpr int workers = 4;
  constexpr int turns = 5;
  const std::filesystem::path data = argc > 1 ? argv[1] : "lock-data";
  auto node = conclave::Node::open({.name = "one", .data_dir = data, .single = true});
  if (!node || !node->ready(10s)) {
    std::fputs("no node\n", stderr);
    return 1;
  }
  Ledger ledger;  // needs no mutex of its own: only a holder writes
  std::vector<std::thread> threads;
  for (int worker = 0; worker < workers; ++worker)
    threads.emplace_back([&] {
      for (int turn = 0; turn < turns; ++turn) {
        const auto done = node->lock("ledger").run([&](conclave::Lock& lock) {
          if (!ledger.write(lock.token())) std::fputs("refused: an old token\n", stderr);
        });
        if (!done) std::fprintf(stderr, "run: %s\n", done.error().message().c_str());
      }
    });
  for (auto& thread : threads) thread.join();
  std::printf("%d entries were written, one at a time\n", ledger.entries());
  if (ledger.entries() != workers * turns) return 1;
  std::puts("lock: ok");
}
