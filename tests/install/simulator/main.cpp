// A stranger's application: every node takes the lock, and one must have had it.
#include <conclave/sim.hpp>

#include <cstdio>

namespace sim = conclave::sim;

struct Taking final : sim::Application {
  std::shared_ptr<void> start(conclave::Node& node, sim::Environment&) override {
    (void)node.lock("jobs").acquire({}, [this](const conclave::Result<conclave::Lock>& lock) { taken += lock ? 1 : 0; });
    return nullptr;
  }
  bool settled(sim::Cluster&) override { return taken > 0; }
  int taken = 0;
};

int main() {
  sim::Options options;
  options.seeds = 2;
  const auto summary = sim::run(options, [] { return std::make_unique<Taking>(); });
  if (!summary) return 2;
  std::fputs(to_string(*summary).c_str(), stdout);
  return summary->passed() ? 0 : 1;
}
