// The smallest whole program: a cluster of one, a lock, and a clean end.
#include <conclave/conclave.hpp>

#include <cstdio>
#include <filesystem>

using namespace std::chrono_literals;

int main(int argc, char** argv) {
  const std::filesystem::path data = argc > 1 ? argv[1] : "quickstart-data";
  auto node = conclave::Node::open({.name = "one", .data_dir = data, .single = true});
  if (!node) {
    std::fprintf(stderr, "open: %s\n", node.error().message().c_str());
    return 1;
  }
  if (auto ready = node->ready(10s); !ready) {
    std::fprintf(stderr, "ready: %s\n", ready.error().message().c_str());
    return 1;
  }
  if (auto lock = node->lock("reports/nightly").acquire(5s)) {
    std::printf("the lock is held with token %llu\n", static_cast<unsigned long long>(lock->token().value));
  } else {
    std::fprintf(stderr, "acquire: %s\n", lock.error().message().c_str());
    return 1;
  }
  std::puts("quickstart: ok");
}
