// What a report's facts say of a run, and that its page stands alone.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "sim/report/chronicle.hpp"
#include "sim/report/page.hpp"
#include "sim/report/rules.hpp"
#include "sim/report/thin.hpp"
#include "unit/sim/applications.hpp"

using namespace conclave;
using namespace conclave::sim;
using namespace std::chrono_literals;

namespace {

struct Told {
  Outcome outcome;
  Facts facts;
};

Told run_and_tell(const std::string& text) {
  const auto plan = parse_plan(text);
  REQUIRE(plan);
  Chronicle chronicle;
  Told told{.outcome = run(*plan, [&](World& world) { chronicle.watch(world); }), .facts = {}};
  told.facts = chronicle.finish(told.outcome.simulated);
  return told;
}

std::string page_of(const std::string& text) {
  const auto plan = parse_plan(text);
  REQUIRE(plan);
  return report(*plan, "a run", "conclave-sim replay a.plan").page;
}

bool is_in(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

/// The fact that `is` is true of, the only one.
template <class List, class Is>
auto only(const List& list, Is is) {
  REQUIRE(std::ranges::count_if(list, is) == 1);
  return *std::ranges::find_if(list, is);
}

const std::string short_run = "nodes 3\nprefer 1\nseed 3\nfaults 5s\nsettle 10s\n";

}  // namespace

TEST_CASE("chronicle: a partition is a condition of each direction that it cuts, from its time to its healing") {
  const auto told = run_and_tell(short_run + "at 2s fault partition {1} {2 3}\nat 3s fault heal\n");
  std::set<std::pair<std::string, std::string>> cut;
  for (const auto& condition : told.facts.conditions)
    if (condition.what == "cut") {
      CHECK(condition.span == Span{2s, 3s});
      cut.emplace(condition.node, condition.to);
    }
  CHECK(cut == std::set<std::pair<std::string, std::string>>{{"1", "2"}, {"1", "3"}, {"2", "1"}, {"3", "1"}});
}

TEST_CASE("chronicle: a fault of one path alone, and one that lasts until all is mended") {
  const auto told = run_and_tell(short_run + "at 2s fault drop 1 2 500 gossip\n");
  const auto condition = only(told.facts.conditions, [](const auto& each) { return each.to == "2"; });
  CHECK(condition.what == "loses 500 of 1000 (gossip)");
  CHECK(condition.span == Span{2s, 5s});
}

TEST_CASE("chronicle: a kill ends the life and its leading; the next life begins with the next start") {
  const auto told = run_and_tell(short_run + "at 2s fault kill leader\nat 3s fault start 1\n");
  const auto first = only(told.facts.lives, [](const auto& life) { return life.node == "1" && life.number == 1; });
  CHECK(first.span == Span{0s, 2s});
  CHECK(first.ending == "killed");
  const auto second = only(told.facts.lives, [](const auto& life) { return life.node == "1" && life.number == 2; });
  CHECK(second.span == Span{3s, told.outcome.simulated});
  CHECK(second.ending.empty());
  // It was meant as the leader, and is told by its name.
  CHECK(only(told.facts.faults, [](const auto& fault) { return fault.words.front() == "kill"; }).words == Words{"kill", "1"});
  const auto led = only(told.facts.standings, [](const auto& each) { return each.node == "1" && each.term_started && each.span.from < 2s; });
  CHECK(led.span.to == 2s);
  CHECK(std::ranges::any_of(told.facts.standings, [](const auto& each) { return each.node != "1" && each.term_started && each.span.from > 2s; }));
}

TEST_CASE("chronicle: a power cut takes what is written and not synced") {
  const auto told = run_and_tell(short_run + "load 20ms\nat 2s fault disk-latency 2 1s\nat 2500ms fault power-off 2\n");
  const auto lost = only(told.facts.unsynced, [](const auto& written) { return written.lost; });
  CHECK(lost.node == "2");
  CHECK(lost.span.from >= 2s);
  CHECK(lost.span.to == 2500ms);
}

TEST_CASE("chronicle: packets arrive, are lost, or wait for a cut to end") {
  const auto told = run_and_tell(short_run + "at 2s fault cut 1 2\nat 3s fault release 1 2\nat 4s fault drop 2 3 1000 gossip\n");
  const auto count = [&](auto is) { return std::ranges::count_if(told.facts.journeys, is); };
  const auto in_the_cut = [](const Journey& each) { return each.from == "1" && each.to == "2" && each.sent > 2s && each.sent < 2900ms; };
  CHECK(count([&](const Journey& each) { return in_the_cut(each) && each.kind == MessageKind::heartbeat && each.fate == Fate::arrived && each.arrived >= 3s; }) > 3);
  CHECK(count([&](const Journey& each) { return in_the_cut(each) && each.kind == MessageKind::gossip && each.fate == Fate::lost; }) > 0);
  CHECK(count([&](const Journey& each) { return in_the_cut(each) && each.fate == Fate::arrived && each.arrived < 3s; }) == 0);
  const auto elsewhere = [](const Journey& each) { return each.from == "3" && each.sent > 100ms && each.sent < 4900ms; };
  CHECK(count([&](const Journey& each) { return elsewhere(each) && (each.fate != Fate::arrived || each.arrived - each.sent > 1ms); }) == 0);
  CHECK(count(elsewhere) > 50);
}

TEST_CASE("chronicle: turned bits and ghosts are told apart from what was lost") {
  const auto told = run_and_tell(short_run + "at 2s fault corrupt 1 2 200 links\nat 2s fault replay 3 2 500ms links\nat 3s fault mend\n");
  const auto count = [&](auto is) { return std::ranges::count_if(told.facts.journeys, is); };
  CHECK(count([](const Journey& each) { return each.fate == Fate::damaged; }) > 0);
  CHECK(count([](const Journey& each) { return each.fate == Fate::damaged && (each.from != "1" || each.to != "2"); }) == 0);
  CHECK(count([](const Journey& each) { return each.fate == Fate::ghost; }) > 0);
  CHECK(count([](const Journey& each) { return each.fate == Fate::ghost && (each.from != "3" || each.to != "2" || each.arrived - each.sent < 500ms); }) == 0);
}

TEST_CASE("chronicle: a clock's pieces give what it showed") {
  const auto told = run_and_tell(short_run + "at 2s fault clock-jump 3 1s\nat 3s fault clock 3 500\n");
  std::vector<ClockPiece> pieces;
  std::ranges::copy_if(told.facts.clocks, std::back_inserter(pieces), [](const auto& piece) { return piece.node == "3" && piece.at > 0s; });
  REQUIRE(pieces.size() == 3);  // the jump, the drift, and its end
  CHECK(pieces[0].reading == 3s);
  CHECK(pieces[1].gains_ppm == 500);
  CHECK(pieces[2].reading == 6s + 1ms);
}

TEST_CASE("chronicle: watching changes nothing") {
  const auto plan = *parse_plan(short_run + "load 50ms\nat 2s fault kill leader\nat 3s fault start 1\nat 3s fault replay * * 100ms\n");
  Chronicle chronicle;
  CHECK(run(plan, [&](World& world) { chronicle.watch(world); }).trace_hash == run(plan).trace_hash);
}

TEST_CASE("report: what was broken is in the page, with its check, its rules and the events") {
  // Far beyond the drift bound: the holder trusts its lease too long.
  const auto page = page_of(short_run +
                            "faults 12s\nat 1s call 3 acquire jobs 9s 3s\nat 1500ms fault clock 3 -700000\n"
                            "at 2s fault isolate 3\nat 3s call 2 acquire jobs 4s 8s\n");
  CHECK(is_in(page, "\"check\":\"single-believer\""));
  CHECK(is_in(page, "\"rules\":[\"S2\",\"S5\"]"));
  CHECK(is_in(page, "\"S2\":\"The holder's deadline = "));
  CHECK(is_in(page, R"({\"type\":\"hold\")"));
  CHECK(is_in(page, "\"surprises\":[\"single-believer\"]"));
}

TEST_CASE("report: the page asks for nothing from anywhere") {
  const auto page = page_of(short_run + "load 100ms\n");
  for (const auto* sign : {"http:", "https:", "//www", "src=", "href=", "url(", "@import", "import(", "fetch(\"", "XMLHttp", "/*DATA*/", "/*CSS*/", "/*SCRIPT*/"})
    CHECK_MESSAGE(!is_in(page, sign), sign);
  CHECK(is_in(page, "function drawScene()"));
}

TEST_CASE("report: names of the run are text in its page, never markup") {
  const auto page = page_of("# <b>bold</b> </script><script>alert(1)\n" + short_run + "at 1s call 1 acquire </script><img> 1s 1s\nat 2s call 2 write <!-- \xff\n");
  const auto count = [&](std::string_view part) {
    std::size_t many = 0;
    for (auto at = page.find(part); at != std::string::npos; at = page.find(part, at + 1)) ++many;
    return many;
  };
  CHECK(count("</script>") == 2);  // the data's, and the script's
  CHECK(count("<script>") == 1);
  CHECK(count("<img>") == 0);
  CHECK(count("<!--") == 0);
  CHECK(is_in(page, "\\u003c/script>\\u003cimg>"));
  CHECK(!is_in(page, "\xff"));
}

TEST_CASE("report: the rules of a finding are those that it cites, else those of its check") {
  const auto found = [](std::string_view check, std::string sentence) {
    return rules_of({.check = check, .subject = "1", .events = {}, .sentence = std::move(sentence)});
  };
  CHECK(found("wiped-never-votes", "it promises 1.f1 under an identity whose disk is gone (P9, I1) in B") == std::vector<std::string>{"I1", "P9"});
  CHECK(found("tokens-rise", "token 3 after token 4") == std::vector<std::string>{"C3"});
  CHECK(found("commit", "nothing new was applied").empty());
  const std::string protocol = "## A\n\n- **P1** One,\n  *and* `more`.\n- **P12** Two.\n";
  CHECK(text_of("P1", protocol) == "One, and more.");
  CHECK(text_of("P12", protocol) == "Two.");
  CHECK(text_of("P2", protocol).empty());
}

TEST_CASE("report: a long run leaves out routine that came in time, but not near to what is interesting") {
  Facts facts;
  const auto add = [&](TrueTime sent, bool routine, Fate fate, TrueTime took) {
    facts.journeys.push_back({.from = "1", .to = "2", .sent = sent, .arrived = sent + took, .fate = fate, .kind = {}, .routine = routine, .text = {}});
  };
  add(1s, true, Fate::arrived, 1ms);
  add(2s, true, Fate::lost, 0ms);
  add(3s, true, Fate::arrived, 1s);
  add(4s, false, Fate::arrived, 1ms);
  add(10s, true, Fate::arrived, 1ms);
  auto same = facts;
  CHECK(thin(same, {{10s, 10s}}, {.messages_max = 5}).messages == 0);
  auto narrow = facts;
  CHECK(thin(narrow, {{10s, 10s}}, {.messages_max = 3}).messages == 2);
  CHECK(thin(facts, {{10s, 10s}}, {.messages_max = 4}).messages == 1);
  REQUIRE(facts.journeys.size() == 4);
  CHECK(facts.journeys.front().sent == 2s);
  CHECK(facts.journeys.back().sent == 10s);
}

TEST_CASE("report: steps of a log that follow closely are one, the last; but not where a ballot changes") {
  Facts facts;
  const paxos::Ballot first{.round = paxos::Round{1}, .member = {}}, second{.round = paxos::Round{2}, .member = {}};
  const auto add = [&](TrueTime at, const paxos::Ballot& promised, std::uint64_t slot) {
    facts.levels.push_back({.at = at, .node = "1", .promised = promised, .watermark = Slot{slot}});
  };
  add(1s, first, 1);
  add(1001ms, first, 2);
  add(1002ms, second, 3);
  add(2s, second, 4);
  CHECK(thin(facts, {}).levels == 1);
  REQUIRE(facts.levels.size() == 3);
  CHECK(facts.levels[0].watermark == Slot{2});
  CHECK(facts.levels[1].promised == second);
}

TEST_CASE("report: a belief has the deadline that was last said of it, in true time") {
  const auto plan = *parse_plan(short_run + "at 2s call 2 acquire jobs 1s 1s\n");
  const auto shown = report(plan, "a run", "");
  std::optional<TrueTime> until;
  for (const auto& event : shown.outcome.history.events)
    if (const auto* hold = std::get_if<Hold>(&event)) until = hold->until;
  REQUIRE(until);
  const auto microseconds = std::chrono::duration_cast<std::chrono::microseconds>(*until).count();
  CHECK(is_in(shown.page, "\"until\":" + std::to_string(microseconds) + "}"));
}
