// P11, O4: the state of the user's machine travels with the image to a guest that runs the same machine.
#include <doctest/doctest.h>

#include <stdexcept>

#include "unit/client/journal.hpp"

using namespace conclave;
using namespace conclave::client;

namespace {

/// Three members with a journal of three lines, and guests.
struct Hosts : Journals {
  Hosts() : Journals(3) {
    world.onlooker.remark = [this](const std::string& node, const engine::Remark& remark) {
      remarks[node] += remark.text + "\n";
    };
    for (const auto* line : {"a", "b", "c"}) REQUIRE(until(propose("1", line)));
  }
  /// A guest, on its way in.
  void invite(const std::string& name, std::shared_ptr<StateMachine> machine) {
    world.add(name);
    auto& config = world.machine(name).config;
    config.join = {"node-1:7400"};
    config.data_dir.clear();
    config.listen.clear();
    config.state_machine = std::move(machine);
    REQUIRE(world.start(name));
  }
  bool has_session(const std::string& name) { return world.client(name).session().has_value(); }
  std::string why_stopped(const std::string& name) {
    const auto& reason = world.process(name).stopped();
    return reason ? reason->message() : "";
  }

  std::map<std::string, std::string> remarks;
};

const std::vector<std::string> three_lines{"a", "b", "c"};

}  // namespace

TEST_CASE("P11, O4: a guest takes the state of the user's machine with the image, and goes on from there") {
  Hosts hosts;
  hosts.invite("g", std::make_shared<Journal>());
  REQUIRE(hosts.until([&] { return hosts.has_session("g"); }));
  CHECK(hosts.lines("g") == three_lines);
  const auto answer = hosts.propose("g", "d");
  REQUIRE(hosts.until(answer));
  REQUIRE(answer.ok());
  CHECK(to_text(*answer) == "4:d");
  hosts.world.run_for(100ms);
  for (const auto* node : {"1", "2", "3", "g"}) CHECK(hosts.lines(node).size() == 4);
}

TEST_CASE("P11: guests that come together share a snapshot, and commands go on meanwhile") {
  Hosts hosts;
  for (const auto* name : {"g", "h", "i"}) hosts.invite(name, std::make_shared<Journal>());
  std::size_t sent = 3;
  for (const auto* name : {"g", "h", "i"})
    while (!hosts.has_session(name)) REQUIRE(hosts.until(hosts.propose("1", std::to_string(++sent))));
  hosts.world.run_for(100ms);
  for (const auto* name : {"g", "h", "i"}) CHECK(hosts.lines(name) == hosts.lines("1"));
}

TEST_CASE("O4: a guest without the machine takes the built-in part alone") {
  Hosts hosts;
  hosts.invite("g", nullptr);
  REQUIRE(hosts.until([&] { return hosts.has_session("g"); }));
  CHECK(hosts.world.engine("g").state().digest() == hosts.world.engine("1").state().digest());
}

TEST_CASE("P11: a guest whose machine restores another state than it was given stops, and says what to look at") {
  struct Forgetful : Journal {
    Result<void> restore(const std::function<BytesView()>& read) override {
      auto restored = Journal::restore(read);
      lines.pop_back();
      return restored;
    }
  };
  Hosts hosts;
  hosts.invite("g", std::make_shared<Forgetful>());
  REQUIRE(hosts.until([&] { return !hosts.why_stopped("g").empty(); }));
  CHECK(hosts.why_stopped("g").find("its digest differs") != std::string::npos);
}

TEST_CASE("P11: a guest whose machine refuses the snapshot stops with the machine's own words") {
  struct Choosy : Journal {
    Result<void> restore(const std::function<BytesView()>&) override { return Error(errc::invalid_argument, "no taste for a"); }
  };
  Hosts hosts;
  hosts.invite("g", std::make_shared<Choosy>());
  REQUIRE(hosts.until([&] { return !hosts.why_stopped("g").empty(); }));
  CHECK(hosts.why_stopped("g").find("no taste for a") != std::string::npos);
}

TEST_CASE("P11: a snapshot over the limits is refused to the guest; the members go on") {
  Journals members(1);
  std::string heard;
  members.world.onlooker.remark = [&](const std::string& node, const engine::Remark& remark) {
    if (node == "g") heard += remark.text;
  };
  REQUIRE(members.until(members.propose("1", std::string(snapshot_chunk_bytes_max, 'x'))));
  auto& journal = static_cast<Journal&>(*members.world.machine("1").config.state_machine);
  journal.lines.back() += "y";
  members.world.add("g");
  auto& config = members.world.machine("g").config;
  config.join = {"node-1:7400"};
  config.data_dir.clear();
  config.listen.clear();
  config.state_machine = std::make_shared<Journal>();
  REQUIRE(members.world.start("g"));
  const std::string reason = "snapshot chunk of 1048577 bytes; the limit is 1048576";
  REQUIRE(members.until([&] { return heard.find(reason) != std::string::npos; }));
  CHECK_FALSE(members.world.client("g").session());
  // It goes on asking, and `ready` knows why it is not.
  Answer<void> ready;
  members.world.client("g").ready(5s, ready.taker());
  REQUIRE(members.until(ready, 6s));
  CHECK(ready.error() == errc::not_ready);
  CHECK(ready.error().detail.find(reason) != std::string::npos);
  CHECK(members.world.process("g").status().sentence.find(reason) != std::string::npos);
  journal.lines.back().pop_back();
  Answer<void> ready_then;
  members.world.client("g").ready(10s, ready_then.taker());
  REQUIRE(members.until(ready_then, 11s));
  CHECK(ready_then.ok());
  CHECK(members.until(members.propose("1", "more")));
}
