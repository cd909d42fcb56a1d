// One life of the user's application on one machine.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <conclave/sim.hpp>

#include "base/prng.hpp"
#include "sim/process.hpp"

namespace conclave::sim {

class Embedding;

/// Is kept until the world has ended: what refers to it may be among callbacks that never ran.
class Tenant {
 public:
  Tenant(Embedding& embedding, std::string node, std::uint64_t life, std::shared_ptr<StateMachine> state_machine);
  Tenant(const Tenant&) = delete;
  Tenant& operator=(const Tenant&) = delete;
  ~Tenant();

  /// On the callback executor of its process.
  void start(Application& application);
  /// The process is gone: its memory is let go, and nothing that is asked here has an effect any more.
  void end();

  [[nodiscard]] const std::string& node() const { return node_; }
  [[nodiscard]] std::uint64_t life() const { return life_; }
  [[nodiscard]] const std::shared_ptr<void>& memory() const { return memory_; }
  [[nodiscard]] const std::shared_ptr<StateMachine>& state_machine() const { return state_machine_; }
  [[nodiscard]] Embedding& embedding() { return embedding_; }

  // ---- Environment ----
  [[nodiscard]] Instant now() const;
  void after(std::chrono::nanoseconds wait, std::function<void()> task);
  [[nodiscard]] std::uint64_t random(std::string_view purpose, std::uint64_t below);
  void close();

 private:
  class Backing;

  Embedding& embedding_;
  std::string node_;
  std::uint64_t life_;
  std::shared_ptr<StateMachine> state_machine_;
  /// Null: this life has ended.
  std::shared_ptr<Process> process_;
  /// When it had.
  Instant ended_at_{};
  Prng prng_;
  std::map<std::string, Prng, std::less<>> draws_;
  std::unique_ptr<Environment> environment_;
  std::optional<Node> handle_;
  std::shared_ptr<void> memory_;
};

}  // namespace conclave::sim
