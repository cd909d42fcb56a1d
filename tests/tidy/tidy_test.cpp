// The style of the house as an ordinary test. Each check is first shown what it must find, then the whole project.
#include <doctest/doctest.h>

#include "tidy/layers.hpp"
#include "tidy/rules.hpp"
#include "tidy/sizes.hpp"
#include "tidy/words.hpp"

using namespace tidy;

namespace {

const std::vector<SourceFile>& project() {
  static const auto files = read_tree(CONCLAVE_SOURCE_DIR);
  return files;
}

/// Runs `check` over the project and reports each complaint.
template <class Check>
void require_tidy(Check check) {
  REQUIRE(project().size() > 20);
  for (const auto& file : project())
    for (const auto& text : check(file)) FAIL_CHECK(text);
}

std::size_t count_in(std::string path, std::string_view text, Complaints (*check)(const SourceFile&)) {
  return check(parse(std::move(path), text)).size();
}

std::string function_of(std::size_t lines, std::string_view head) {
  std::string text = std::string(head) + " {\n";
  for (std::size_t i = 2; i < lines; ++i) text += "  call(\"}\", '{');  // {\n";
  return text + "}\n";
}

}  // namespace

TEST_CASE("tidy: a layer includes only what is beneath it") {
  const auto refused = [](std::string path, std::string_view line) {
    return count_in(std::move(path), line, forbidden_includes) == 1;
  };
  CHECK(refused("src/paxos/a.cpp", "#include \"gossip/member.hpp\""));
  CHECK(refused("src/base/a.hpp", "#include \"engine/engine.hpp\""));
  CHECK(refused("src/engine/a.cpp", "#include \"driver/driver.hpp\""));
  CHECK(refused("src/wire/a.cpp", "#include \"engine/engine.hpp\""));
  CHECK(refused("src/storage/a.cpp", "#include \"wire/record.hpp\""));
  CHECK(refused("src/cli/a.cpp", "#include \"client/client.hpp\""));
  CHECK(refused("sim/a.cpp", "#include \"node/runtime.hpp\""));
  CHECK(refused("include/conclave/a.hpp", "#include \"base/hash.hpp\""));
  CHECK_FALSE(refused("src/wire/a.cpp", "#include \"engine/message.hpp\""));
  CHECK_FALSE(refused("src/driver/a.cpp", "#include \"wire/encode.hpp\""));

  require_tidy(forbidden_includes);
}

TEST_CASE("tidy: a third-party library is known in one place") {
  const auto refused = [](std::string path, std::string_view line) {
    return count_in(std::move(path), line, forbidden_includes) == 1;
  };
  CHECK(refused("src/driver/a.cpp", "#include <capnp/message.h>"));
  CHECK(refused("src/engine/a.cpp", "#include \"conclave.capnp.h\""));
  CHECK(refused("src/client/a.cpp", "#include <asio/post.hpp>"));
  CHECK(refused("sim/a.cpp", "#include <asio.hpp>"));
  CHECK(refused("sim/a.cpp", "#include <CLI/CLI.hpp>"));
  CHECK_FALSE(refused("sim/cli/a.cpp", "#include <CLI/CLI.hpp>"));
  CHECK(refused("src/node/a.cpp", "#include <lmdb.h>"));
  CHECK(refused("src/driver/a.cpp", "#include <spdlog/spdlog.h>"));
  CHECK(refused("include/conclave/a.hpp", "#include <asio.hpp>"));
  CHECK(refused("include/conclave/asio.hpp", "#include <lmdb.h>"));
  CHECK(refused("sim/checkers/history.cpp", "#include <nlohmann/json.hpp>"));
  CHECK_FALSE(refused("include/conclave/asio.hpp", "#include <asio/post.hpp>"));
  CHECK_FALSE(refused("sim/checkers/json_lines.cpp", "#include <nlohmann/json.hpp>"));
  CHECK_FALSE(refused("sim/report/page.cpp", "#include <nlohmann/json.hpp>"));
  CHECK_FALSE(refused("src/transport/tcp/a.cpp", "#include <asio.hpp>"));
}

TEST_CASE("tidy: a source includes its own header first") {
  const auto header = parse("src/paxos/a.hpp", "#pragma once\n");
  const auto complaints = [&](std::string_view source) {
    return own_header_not_first({header, parse("src/paxos/a.cpp", source)}).size();
  };
  CHECK(complaints("// Words.\n#include \"paxos/a.hpp\"\n\n#include <map>\n") == 0);
  CHECK(complaints("#include <map>\n\n#include \"paxos/a.hpp\"\n") == 1);
  CHECK(complaints("#include \"paxos/b.hpp\"\n#include \"paxos/a.hpp\"\n") == 1);
  CHECK(own_header_not_first({parse("src/paxos/a.cpp", "#include <map>\n")}).empty());

  for (const auto& text : own_header_not_first(project())) FAIL_CHECK(text);
}

TEST_CASE("tidy: the core includes nothing with an effect") {
  const auto refused = [](std::string path, std::string_view line) {
    return count_in(std::move(path), line, forbidden_includes) == 1;
  };
  for (const char* header :
       {"<thread>", "<mutex>", "<random>", "<iostream>", "<fstream>", "<unordered_map>", "<unistd.h>"})
    CHECK_MESSAGE(refused("src/paxos/a.cpp", "#include " + std::string(header)), header);
  CHECK_FALSE(refused("src/paxos/a.cpp", "#include <map>"));
  CHECK_FALSE(refused("src/node/a.cpp", "#include <thread>"));
}

TEST_CASE("tidy: files stay under 500 lines, functions under 70, and what is over only shrinks") {
  CHECK(oversize(parse("a.cpp", function_of(70, "int Thing::f(int x) const"))).empty());
  CHECK(oversize(parse("a.cpp", function_of(71, "int Thing::f(int x) const"))) == Oversize{{"a.cpp Thing::f", 71}});
  CHECK(oversize(parse("a.cpp", function_of(100, "namespace conclave"))).empty());
  CHECK(oversize(parse("a.cpp", function_of(100, "class Thing final"))).empty());
  CHECK(oversize(parse("a.cpp", std::string(501, '\n'))) == Oversize{{"a.cpp", 501}});

  const Oversize granted = {{"a.cpp", 600}};
  CHECK(judge_sizes({{"a.cpp", 600}}, granted).empty());
  CHECK(judge_sizes({{"a.cpp", 601}}, granted).size() == 1);
  CHECK(judge_sizes({{"a.cpp", 599}}, granted).size() == 1);
  CHECK(judge_sizes({}, granted).size() == 1);
  CHECK(judge_sizes({{"b.cpp", 501}}, {}).size() == 1);

  Oversize found, ratchet;
  for (const auto& file : project()) {
    found.merge(oversize(file));
    if (file.path == "tests/tidy/ratchet.txt") ratchet = parse_ratchet(file);
  }
  for (const auto& text : judge_sizes(found, ratchet)) FAIL_CHECK(text);
}

TEST_CASE("tidy: each rule of the protocol is cited by code and named by a test, and no other is") {
  CHECK(cited_rules("// P1, as (E10) and W5's text.") == std::vector<std::string>{"P1", "E10", "W5"});
  CHECK(cited_rules("-O2 SHA256 U8x P_1 P123 xP1 P1_ P").empty());

  const auto protocol = parse("schema/PROTOCOL.md", "- **P1** One.\n  P1 again.\n- **P2** Two, as P1.\n- *Paxos* P1\n");
  CHECK(defined_rules(protocol) == std::set<std::string>{"P1", "P2"});
  const auto code = parse("src/paxos/a.cpp", "// P1 and P2.\n");
  const auto both = parse("tests/unit/a_test.cpp", "TEST_CASE(\"P1, P2: they hold\") {\n");
  const auto transcript = parse("tests/scenarios/a.txt", "# P2: it holds\n");
  const auto one = parse("tests/unit/a_test.cpp", "// P2.\nTEST_CASE(\"P1: it holds\") {\n");
  CHECK(judge_rules({protocol, code, both}).empty());
  CHECK(judge_rules({protocol, code, one, transcript}).empty());
  CHECK(judge_rules({protocol, code, one}) == Complaints{"rule P2 is named by no test"});
  CHECK(judge_rules({protocol, both}).size() == 2);
  CHECK(judge_rules({protocol, code, both, parse("sim/a.cpp", "// P3.\n")}) ==
        Complaints{"sim/a.cpp:1: there is no rule P3"});

  for (const auto& text : judge_rules(project())) FAIL_CHECK(text);
}

TEST_CASE("tidy: no file speaks of one machine, of unfinished work, or with sloppy white space") {
  CHECK(count_in("a.md",
                 "see /ho"
                 "me/somebody\n",
                 forbidden_text) == 1);
  CHECK(count_in("a.cpp",
                 "// TO"
                 "DO: later\n",
                 forbidden_text) == 1);
  CHECK(count_in("a.cpp", "int a; \n", forbidden_text) == 1);
  CHECK(count_in("a.cpp", "\tint a;\n", forbidden_text) == 1);
  CHECK(count_in("a.cpp", "int a;", forbidden_text) == 1);
  CHECK(count_in("a.cpp", "int a;\n", forbidden_text) == 0);

  require_tidy(forbidden_text);
}

TEST_CASE("tidy: the library never prints or exits, headers guard themselves, pure tests never wait") {
  CHECK(count_in("src/node/a.cpp", "  std::cerr << 1;\n", forbidden_code) == 1);
  CHECK(count_in("src/engine/a.cpp", "  abort();\n", forbidden_code) == 1);
  CHECK(count_in("src/engine/a.cpp", "  on_exit(reason);  // never calls exit()\n", forbidden_code) == 0);
  CHECK(count_in("src/cli/a.cpp", "  std::exit(1);\n", forbidden_code) == 0);
  CHECK(count_in("include/conclave/a.hpp", "int a;\n", forbidden_code) == 1);
  CHECK(count_in("src/node/a.cpp", "using namespace conclave;\n", forbidden_code) == 1);
  CHECK(count_in("tests/unit/base/a.cpp", "std::this_thread::sleep_for(1ms);\n", forbidden_code) == 1);
  CHECK(count_in("sim/a.cpp", "  steady_clock::now();\n", forbidden_code) == 1);
  CHECK(count_in("sim/cli/a.cpp", "  steady_clock::now();\n", forbidden_code) == 0);

  require_tidy(forbidden_code);
}
