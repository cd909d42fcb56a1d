// A user's state machine for tests, and members that run it.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "base/hash.hpp"
#include "unit/client/members.hpp"

namespace conclave::client {

/// Keeps every command in order, and answers with their number.
class Journal : public StateMachine {
 public:
  [[nodiscard]] std::string name() const override { return "journal/1"; }
  Bytes apply(const Applied&, BytesView command) override {
    lines.emplace_back(to_text(command));
    return to_bytes(std::to_string(lines.size()) + ":" + lines.back());
  }
  /// A chunk a line.
  void snapshot(const std::function<void(BytesView)>& write) const override {
    for (const auto& line : lines) write(to_bytes(line));
  }
  Result<void> restore(const std::function<BytesView()>& read) override {
    lines.clear();
    for (auto chunk = read(); !chunk.empty(); chunk = read()) lines.emplace_back(to_text(chunk));
    return {};
  }
  [[nodiscard]] std::uint64_t digest() const override {
    StateHasher hasher;
    hasher(lines);
    return hasher.finish();
  }

  std::vector<std::string> lines;
};

struct Journals : Members {
  explicit Journals(std::size_t count)
      : Members(count, [](sim::Machine& machine) { machine.config.state_machine = std::make_shared<Journal>(); }) {}

  const std::vector<std::string>& lines(const std::string& node) {
    return static_cast<const Journal&>(*world.machine(node).config.state_machine).lines;
  }
  Answer<Bytes> propose(const std::string& node, const std::string& text, ProposeOptions options = {}) {
    Answer<Bytes> answer;
    // Behind what the handles posted before, as on a real node.
    world.process(node).post([this, node, text, options = std::move(options), taker = answer.taker()] {
      world.client(node).propose(to_bytes(text), options, taker);
    });
    return answer;
  }
};

}  // namespace conclave::client
