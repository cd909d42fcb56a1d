// P11, O2 on real threads and sockets: a guest takes a large state from the leader, which goes on leading meanwhile.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <conclave/conclave.hpp>

#include "process/support/eventually.hpp"
#include "process/support/ports.hpp"
#include "process/support/temp_folder.hpp"

using namespace conclave;
using namespace conclave::process;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t chunks = 128;

/// Counts its commands. In a snapshot it is as large as a hundred million bytes, which it makes up as it writes.
class Large final : public StateMachine {
 public:
  [[nodiscard]] std::string name() const override { return "large/1"; }
  Bytes apply(const Applied&, BytesView) override { return to_bytes(std::to_string(++applied)); }
  void snapshot(const std::function<void(BytesView)>& write) const override {
    write(to_bytes(std::to_string(applied)));
    for (std::size_t chunk = 0; chunk < chunks; ++chunk) write(filling(chunk));
  }
  Result<void> restore(const std::function<BytesView()>& read) override {
    applied = std::stoull(std::string(to_text(read())));
    for (std::size_t chunk = 0; chunk < chunks; ++chunk)
      if (!std::ranges::equal(read(), filling(chunk))) return Error(errc::invalid_argument, "a chunk has changed");
    restored = true;
    return {};
  }
  [[nodiscard]] std::uint64_t digest() const override { return applied; }

  std::atomic<std::uint64_t> applied = 0;
  std::atomic<bool> restored = false;

 private:
  static Bytes filling(std::size_t chunk) { return Bytes(snapshot_chunk_bytes_max, static_cast<std::byte>(chunk)); }
};

/// Three founders on loopback.
struct Trio {
  Trio() {
    for (std::uint16_t at = 0; at < 3; ++at) {
      auto config = member(std::string(1, static_cast<char>('a' + at)));
      config.data_dir = folder.path() / config.name;
      config.listen = ports.address(at);
      for (std::uint16_t founder = 0; founder < 3; ++founder) config.founders.push_back(ports.address(founder));
      config.log = [this](LogLevel, std::string_view line) { changes += line.find(" in ballot ") != line.npos ? 1 : 0; };
      auto opened = Node::open(std::move(config));
      REQUIRE(opened.has_value());
      nodes.push_back(std::move(*opened));
    }
    for (auto& node : nodes) REQUIRE(node.ready(60s).has_value());
  }
  static Config member(std::string name) {
    Config config;
    config.name = std::move(name);
    config.state_machine = std::make_shared<Large>();
    // So that a busy machine elects nobody; much less than it takes to encode and hash a state of this size.
    config.timing.election_timeout_min = 400ms;
    return config;
  }
  /// By the word of all three.
  std::optional<std::size_t> leader() {
    std::optional<std::size_t> found;
    std::vector<std::optional<MemberId>> words;
    for (std::size_t at = 0; at < nodes.size(); ++at) {
      const auto status = nodes[at].status();
      if (!status) return std::nullopt;
      words.push_back(status->leader);
      if (status->leader == status->self) found = at;
    }
    return words[0] && words[0] == words[1] && words[1] == words[2] ? found : std::nullopt;
  }

  TempFolder folder;
  Ports ports;
  std::atomic<int> changes = 0;
  std::vector<Node> nodes;
};

}  // namespace

TEST_CASE("P11, O2: while a guest takes a state of 128 MiB from the leader, that leads on and commands go on") {
  Trio trio;
  REQUIRE(eventually([&] { return trio.leader().has_value(); }));
  const auto leader = *trio.leader();
  const int changes = trio.changes;

  std::atomic<bool> joined = false;
  std::atomic<int> failed = 0;
  std::atomic<int> chosen = 0;
  std::thread proposer([&] {
    while (!joined) (trio.nodes[(leader + 1) % 3].propose(to_bytes("x")) ? chosen : failed) += 1;
  });
  auto config = Trio::member("guest");
  config.join = {trio.ports.address(static_cast<std::uint16_t>(leader))};
  const auto machine = std::static_pointer_cast<Large>(config.state_machine);
  auto guest = Node::open(std::move(config));
  const bool ready = guest && guest->ready(120s);
  const bool restored = ready && eventually([&] { return machine->restored.load(); });
  joined = true;
  proposer.join();
  REQUIRE(ready);
  CHECK(restored);
  CHECK(failed == 0);
  CHECK(chosen > 0);
  CHECK(trio.leader() == leader);
  CHECK(trio.changes == changes);
  // The guest's machine goes on from there as every member's does.
  const auto result = guest->propose(to_bytes("y"));
  REQUIRE(result.has_value());
  CHECK(to_text(*result) == std::to_string(chosen + 1));
  CHECK(machine->applied == static_cast<std::uint64_t>(chosen) + 1);
}
