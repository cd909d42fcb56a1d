// Members of one cluster in virtual time, and the public handles of each.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "client/client.hpp"
#include "client/request.hpp"
#include "sim/world.hpp"
#include "unit/client/answer.hpp"

namespace conclave::client {

using namespace std::chrono_literals;

class Members {
 public:
  /// Machines `1` to `count` with a session each; `prepare` may change a machine before it starts.
  explicit Members(std::size_t count, const std::function<void(sim::Machine&)>& prepare = {}) {
    std::vector<std::string> founders;
    for (std::size_t i = 1; i <= count; ++i) founders.push_back(to_string(world.add(std::to_string(i)).address));
    for (const auto& name : world.names()) {
      if (count == 1)
        world.machine(name).config.single = true;
      else
        world.machine(name).config.founders = founders;
      if (prepare) prepare(world.machine(name));
      (void)world.start(name);
    }
    (void)world.run_until([this] { return all_have_sessions(); });
  }

  [[nodiscard]] bool all_have_sessions() {
    return std::ranges::all_of(world.names(), [this](const auto& name) { return world.client(name).session().has_value(); });
  }

  [[nodiscard]] NamedLock lock(const std::string& node, const std::string& name) {
    return world.client(node).make_named_lock(name);
  }
  [[nodiscard]] NamedElection election(const std::string& node, const std::string& name) {
    return world.client(node).make_named_election(name);
  }

  /// A lock that is free now.
  [[nodiscard]] Lock take(const std::string& node, const std::string& name, AcquireOptions options = {}) {
    Answer<Lock> answer;
    (void)lock(node, name).acquire(std::move(options), answer.taker());
    (void)until(answer);
    return std::move(*answer);
  }

  /// Runs until the answer is there; whether it came.
  template <class T>
  bool until(const Answer<T>& answer, BootClock::duration limit = 10s) {
    return world.run_until([&] { return answer.came(); }, limit);
  }
  bool until(const std::function<bool()>& done, BootClock::duration limit = 10s) { return world.run_until(done, limit); }

  /// The name of one that does not lead now.
  [[nodiscard]] std::string follower() {
    const auto leader = world.leader();
    for (const auto& name : world.names())
      if (leader && name != *leader) return name;
    return {};
  }

  sim::World world{7};
};

}  // namespace conclave::client
