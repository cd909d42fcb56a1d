// A cluster of one real node, in a folder of its own.
#pragma once

#include <doctest/doctest.h>

#include <stdlib.h>

#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <conclave/conclave.hpp>

namespace conclave::node {

class Machine final : public StateMachine {
 public:
  ~Machine() override { gone.set_value(); }
  [[nodiscard]] std::string name() const override { return "machine/1"; }
  Bytes apply(const Applied&, BytesView) override { return {}; }
  void snapshot(const std::function<void(BytesView)>&) const override {}
  Result<void> restore(const std::function<BytesView()>&) override { return {}; }
  [[nodiscard]] std::uint64_t digest() const override { return 0; }

  std::promise<void> gone;
};

/// `prepare` may change the configuration before the node is opened.
struct Single {
  explicit Single(const std::function<void(Config&)>& prepare = {}) {
    std::string name = (std::filesystem::temp_directory_path() / "conclave-node-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    folder = name;
    Config config;
    config.name = "one";
    config.data_dir = folder;
    config.single = true;
    auto machine = std::make_shared<Machine>();
    gone = machine->gone.get_future();
    config.state_machine = std::move(machine);
    if (prepare) prepare(config);
    auto opened = Node::open(std::move(config));
    REQUIRE(opened.has_value());
    node.emplace(std::move(*opened));
    REQUIRE(node->ready(std::chrono::seconds(10)).has_value());
  }
  ~Single() {
    node.reset();
    std::filesystem::remove_all(folder);
  }

  /// Whether the node lets go of its state machine, as it does last of all.
  [[nodiscard]] bool freed() { return gone.wait_for(std::chrono::seconds(20)) == std::future_status::ready; }

  std::filesystem::path folder;
  std::future<void> gone;
  std::optional<Node> node;
};

}  // namespace conclave::node
