// Each kind of call as the history shows it, and a run of all of them that no check finds fault with.
#include "unit/sim/applications.hpp"

using namespace conclave;
using namespace conclave::sim;
using namespace std::chrono_literals;

namespace {

const auto any = [](const auto&) { return true; };

/// Careless applications.
class Forgetful : public App {
  bool remembers_commands() const override { return false; }
};
class Credulous : public App {
  bool heeds_tokens() const override { return false; }
};

template <class Machine>
void run_it(sim::Machine& machine) {
  machine.make_state_machine = [] { return std::make_shared<Machine>(); };
}

/// A follower's count is chosen, and the follower dies before it hears so. What the checks find.
template <class Machine>
std::string lose_an_answer() {
  Applications all(3, 7, run_it<Machine>);
  const auto leader = *all.world.leader();
  const auto follower = *all.world.meant("follower");
  const auto before = all.world.engine(leader).state().applied();
  all.call(follower + " apply hits");
  REQUIRE(all.world.run_until([&] { return all.world.engine(leader).state().applied() > before; }));
  REQUIRE(all.workload.open() == 1);
  all.world.kill(follower);
  REQUIRE(all.answers(Op::apply, conclave::sim::Status::lost) == 1);
  REQUIRE(all.world.start(follower));
  all.settle();
  return all.findings();
}

/// One writes with an old token while another one has written with a newer one.
template <class Machine>
std::string write_late() {
  Applications all(3, 7, run_it<Machine>);
  all.call("1 guard-old store jobs");
  all.world.run_for(100ms);
  all.call("2 guard-write store jobs");
  all.world.run_for(1s);
  all.settle();
  return all.findings();
}

}  // namespace

TEST_CASE("acquire: the call, its token, a belief that is renewed and ends, the release") {
  Applications all(3);
  all.call("1 acquire jobs 1s 2s");
  all.settle();
  CHECK(all.answers(Op::acquire, conclave::sim::Status::ok) == 1);
  all.world.run_for(2s);
  CHECK(all.answers(Op::release, conclave::sim::Status::ok) == 1);
  CHECK(all.events<Hold>(any) >= 3);
  CHECK(all.events<Drop>(any) == 1);
  CHECK(all.findings() == "");
}

TEST_CASE("try: a lock that is taken is refused by its state") {
  Applications all(3);
  all.call("1 acquire jobs 1s 2s");
  all.settle();
  all.call("2 try jobs 100ms");
  all.settle();
  CHECK(all.answers(Op::acquire, conclave::sim::Status::no) == 1);
  CHECK(all.findings() == "");
}

TEST_CASE("acquire: whoever waits in vain has certainly not got it") {
  Applications all(3);
  all.call("1 acquire jobs 3s 1s");
  all.settle();
  all.call("2 acquire jobs 1s 500ms");
  all.settle();
  CHECK(all.answers(Op::acquire, conclave::sim::Status::fail) == 1);
  CHECK(all.findings() == "");
}

TEST_CASE("revoke: the log gives the lock back, and the next one gets it") {
  Applications all(3);
  all.call("1 acquire jobs 20s 2s");
  all.settle();
  all.call("2 acquire jobs 1s 10s");
  all.world.run_for(200ms);
  all.call("3 revoke jobs");
  all.settle();
  CHECK(all.answers(Op::acquire, conclave::sim::Status::ok) == 2);
  CHECK(all.answers(Op::release, conclave::sim::Status::ok) == 1);
  all.world.run_for(25s);
  CHECK(all.findings() == "");
}

TEST_CASE("acquire-and-die: the belief ends with the process, the lock with its session") {
  Applications all(3);
  all.call("follower acquire-and-die jobs 2s");
  all.settle();
  all.world.run_for(100ms);
  all.call("leader acquire jobs 1s 20s");
  all.settle(30s);
  CHECK(all.events<Crash>(any) == 1);
  CHECK(all.answers(Op::acquire, conclave::sim::Status::ok) == 2);
  CHECK(all.answers(Op::expire, conclave::sim::Status::ok) == 1);
  CHECK(all.events<SessionFact>([](const auto& fact) { return fact.what == What::expire; }) == 1);
  CHECK(all.findings() == "");
}

TEST_CASE("registers: write, cas, read and stale read") {
  Applications all(3);
  all.call("1 cas k - v0");
  all.settle();
  all.call("1 write k v1");
  all.settle();
  all.call("2 cas k v0 v2");
  all.settle();
  all.call("3 cas k v1 v3");
  all.settle();
  all.call("2 read k");
  all.settle();
  all.world.run_for(200ms);
  all.call("1 stale-read k");
  all.settle();
  CHECK(all.answers(Op::cas, conclave::sim::Status::ok) == 2);
  CHECK(all.answers(Op::cas, conclave::sim::Status::no) == 1);
  CHECK(all.events<Return>([](const auto& answer) { return answer.value == "v3"; }) == 2);
  CHECK(all.findings() == "");
}

TEST_CASE("apply: each counts once, and is told its number") {
  Applications all(3);
  for (const auto* name : {"1", "2", "3", "1"}) all.call(std::string(name) + " apply hits");
  all.settle();
  CHECK(all.answers(Op::apply, conclave::sim::Status::ok) == 4);
  CHECK(all.events<Return>([](const auto& answer) { return answer.n == 4; }) == 1);
  CHECK(all.findings() == "");
}

TEST_CASE("guards: a write under the lock is taken, one with a token given back is not") {
  Applications all(3);
  all.call("1 guard-write store jobs");
  all.settle();
  all.world.run_for(1s);
  all.call("2 guard-old store jobs");
  all.world.run_for(1s);
  all.settle();
  all.call("3 guard-read store");
  all.settle();
  // The second one without the library's guard: nobody has written with a newer token, so the application takes it.
  CHECK(all.answers(Op::write, conclave::sim::Status::ok) == 2);
  CHECK(all.answers(Op::write, conclave::sim::Status::fail) == 1);
  CHECK(all.findings() == "");
}

TEST_CASE("elections: terms follow each other through resignation and handover, for all to see") {
  Applications all(3);
  all.call("3 observe boss 10s");
  for (const auto* name : {"1", "2", "3"}) all.call(std::string(name) + " campaign boss 8s");
  all.world.run_for(2s);
  // Only the one that leads can; of the others nothing comes.
  for (const auto* name : {"1", "2", "3"}) all.call(std::string(name) + " resign boss");
  all.world.run_for(1s);
  for (const auto* line : {"1 hand-over boss 2", "2 hand-over boss 3", "3 hand-over boss 1"}) all.call(line);
  all.world.run_for(1s);
  all.settle();
  const auto terms = all.events<Unlead>([](const auto& fact) { return fact.res == "boss"; });
  CHECK(terms >= 3);
  CHECK(all.findings() == "");
}

TEST_CASE("close and start: the session is closed, and the node comes back") {
  Applications all(3);
  all.call("2 acquire jobs 20s 1s");
  all.settle();
  all.call("2 status");
  all.call("2 ready 1s");
  all.settle();
  all.call("2 close");
  REQUIRE(all.world.run_until([&] { return !all.world.runs("2"); }));
  CHECK(all.events<SessionFact>([](const auto& fact) { return fact.what == What::close; }) == 1);
  all.call("1 acquire jobs 1s 100ms");
  all.settle();
  CHECK(all.answers(Op::acquire, conclave::sim::Status::ok) == 2);
  REQUIRE(all.world.start("2"));
  CHECK(all.world.run_until([&] { return all.world.client("2").session().has_value(); }));
  CHECK(all.findings() == "");
}

TEST_CASE("clocks: a belief ends when the node's own clock says so, whatever it does") {
  Applications all(3);
  all.call("1 acquire jobs 60s 2s");
  all.settle();
  // Stopped, it hears of no end: only its clock says so.
  all.world.pause("1");
  all.world.run_for(100ms);
  const auto before = all.world.now();
  all.world.jump_clock("1", 10s);
  all.world.run_for(2s);
  const auto drops = all.events<Drop>([&](const auto& fact) { return fact.at < (before + 1s).time_since_epoch(); });
  CHECK(drops == 1);
  CHECK(all.findings() == "");
}

TEST_CASE("a command that nobody knows to have counted is sent again by the next life, and counts once") {
  CHECK(lose_an_answer<App>() == "");
}

TEST_CASE("a state machine that does not know its commands again is caught by exactly-once") {
  CHECK(lose_an_answer<Forgetful>().find("exactly-once") != std::string::npos);
}

TEST_CASE("a guard that takes any token is caught by fencing; one that heeds them is not") {
  CHECK(write_late<App>() == "");
  CHECK(write_late<Credulous>().find("fencing") != std::string::npos);
}

TEST_CASE("a command whose session ended without an answer is sent again in the next, with the same id") {
  Applications all(3);
  for (const auto* command : {"1 apply hits", "1 write k v1", "1 cas k v1 v2"}) {
    all.world.network().partition({{"1"}, {"2", "3"}});
    all.call(command);
    all.world.run_for(6s);
    CHECK(all.workload.open() == 1);
    all.world.network().heal();
    all.settle();
    all.world.run_for(1s);
  }
  for (const auto op : {Op::apply, Op::write, Op::cas}) CHECK(all.answers(op, conclave::sim::Status::ok) == 1);
  CHECK(all.findings() == "");
}

TEST_CASE("what a machine asks again is done once; what the library gives it twice is done twice") {
  App app;
  const auto count = [&](std::string_view id, std::string_view attempt) {
    return App::parse(app.apply({}, App::once(id, attempt, App::count("hits"))))->n;
  };
  CHECK(count("c1", "1.1") == 1);
  CHECK(count("c2", "1.1") == 2);
  CHECK(count("c1", "1.2") == 1);
  CHECK(count("c2", "1.1") == 3);
  // A copy by an image knows as much.
  std::vector<Bytes> chunks;
  app.snapshot([&](BytesView chunk) { chunks.emplace_back(chunk.begin(), chunk.end()); });
  chunks.emplace_back();
  App copy;
  REQUIRE(copy.restore([next = chunks.begin()]() mutable -> BytesView { return *next++; }));
  CHECK(copy.digest() == app.digest());
  CHECK(App::parse(copy.apply({}, App::once("c1", "2.1", App::count("hits"))))->n == 1);
}

TEST_CASE("who waits for an answer asks for nothing else; who stands in line for a lock stands in no other") {
  Applications all(3);
  all.call("1 acquire jobs 2s 10s");
  all.settle();
  all.call("2 acquire jobs 1s 10s");
  all.world.run_for(500ms);
  all.call("2 acquire others 1s 10s");
  all.call("2 apply hits");
  all.world.run_for(100ms);
  CHECK(all.answers(Op::acquire, conclave::sim::Status::ok) == 1);
  CHECK(all.answers(Op::apply, conclave::sim::Status::ok) == 1);
  all.world.network().partition({{"3"}, {"1", "2"}});
  all.call("3 apply hits");
  all.world.run_for(150ms);
  all.call("3 apply hits");
  CHECK(all.workload.open("3") == 1);
}

TEST_CASE("an acquire that goes on in the next session is no lost call, unless the log had granted it in the last") {
  const auto lost = [](bool granted) {
    Applications all(3);
    const auto leader = *all.world.leader();
    const auto asker = *all.world.meant("follower");
    if (!granted) all.call(leader + " acquire jobs 8s 8s");
    all.settle();
    all.call(asker + " acquire jobs 100ms 20s");
    const auto known = [&] {
      const auto* jobs = all.world.engine(leader).state().resource({.kind = coordination::ResourceKind::lock, .name = "jobs"});
      return jobs && (granted ? jobs->holder.has_value() : !jobs->waiters.empty());
    };
    // The leader knows more of it than the asker ever hears.
    REQUIRE(all.world.run_until(known));
    std::set<std::string> others;
    for (const auto& name : all.world.names())
      if (name != asker) others.insert(name);
    all.world.network().partition({{asker}, others});
    all.world.run_for(9s);
    all.world.network().heal();
    all.settle();
    CHECK(all.answers(Op::acquire, conclave::sim::Status::ok) == (granted ? 1 : 2));
    CHECK(all.findings() == "");
    return all.answers(Op::acquire, conclave::sim::Status::lost);
  };
  CHECK(lost(false) == 0);
  CHECK(lost(true) == 1);
}

TEST_CASE("clocks: a leadership that ran out in a stopped process is not begun again by a change of its clock") {
  Applications all(3);
  all.call("1 campaign boss 60s");
  all.world.run_for(500ms);
  all.world.pause("1");
  all.call("2 campaign boss 60s");
  all.world.run_for(10s);
  all.world.run_clock("1", 300);
  all.world.run_for(1s);
  all.world.resume("1");
  all.world.run_for(5s);
  CHECK(all.events<Lead>([](const auto& fact) { return fact.node == "2" && fact.res == "boss"; }) >= 1);
  CHECK(all.findings() == "");
}

TEST_CASE("a run of everything, with the leader killed twice: no check finds fault") {
  Applications all(3, 11);
  Prng prng(5);
  for (int i = 0; i < 600; ++i) {
    const auto node = std::to_string(1 + prng.below(3));
    const std::vector<std::string> calls{"acquire jobs 100ms 1s", "try jobs 50ms",      "guard-write store jobs", "guard-old store jobs",
                                         "guard-read store",      "apply hits",         "write k v" + std::to_string(i), "read k",
                                         "stale-read k",          "campaign boss 500ms", "resign boss",           "apply hits"};
    all.call(node + " " + calls[prng.below(calls.size())]);
    if (i % 200 == 100) {
      const auto leader = *all.world.leader();
      all.world.kill(leader);
      all.world.run_for(1s);
      REQUIRE(all.world.start(leader));
    }
    all.world.run_for(50ms);
  }
  all.settle(60s);
  CHECK(all.findings() == "");
  CHECK(all.answers(Op::acquire, conclave::sim::Status::ok) > 50);
  CHECK(all.events<Lead>([](const auto& fact) { return fact.res == "GROUP"; }) > 50);
  CHECK(all.events<Apply>(any) > 5);
}

namespace {

/// What the calls of the second half carry, and the nonce with which their session was asked for, with or without a first half.
std::string second_half(bool first) {
  Applications all(3);
  Uuid nonce;
  all.world.onlooker.notice = [&nonce](const std::string& node, const engine::Notice& notice) {
    if (const auto* ready = std::get_if<engine::SessionReady>(&notice); ready && node == "2") nonce = ready->nonce;
  };
  if (first) {
    all.call("2 apply hits");
    all.call("2 guard-write store jobs");
    all.world.run_for(500ms);
    all.world.kill("2");
    REQUIRE(all.world.start("2"));
  }
  all.world.run_for(Instant(5s) - all.world.now());
  all.world.kill("2");
  REQUIRE(all.world.start("2"));
  all.world.run_for(Instant(10s) - all.world.now());
  REQUIRE(nonce != Uuid());
  all.call("2 apply hits");
  all.call("2 guard-write store jobs");
  all.settle();
  auto said = to_string(nonce);
  for (const auto& event : all.recorder.finish().events) {
    const auto* call = std::get_if<Call>(&event);
    if (!call || call->at < 10s) continue;
    said += ' ' + call->cmd.value_or("") + ' ' + (call->object.kind == Kind::guard ? call->value.value_or("") : "");
  }
  return said;
}

}  // namespace

TEST_CASE("draws: calls and crashes that are left out leave what later ones draw as it was") {
  const auto said = second_half(true);
  CHECK(said.find("c2-10000000000") != std::string::npos);
  CHECK(second_half(false) == said);
}
