// Random logs: the machine against the model, a second replica whose user machine is slow, and a third that is restored
// from an image at every point.
#include <doctest/doctest.h>

#include <deque>

#include "base/prng.hpp"
#include "machine.hpp"
#include "model.hpp"

using namespace conclave;
using namespace conclave::coordination;

namespace {

/// Draws commands that are often sensible: names, tokens and numbers that exist.
class Commands {
 public:
  Commands(std::uint64_t seed, const Model& model) : prng_(seed), model_(model) {}

  Command next() {
    const auto kind = prng_.below(100);
    if (model_.sessions.empty() || (kind < 6 && model_.sessions.size() < 6))
      return OpenSession{.nonce = {}, .owner = member(number(1, 3)), .owner_name = "x", .ttl = ttl_max};
    if (kind < 12) return Judgement{term(), EndSessions{ended_sessions(), Cause::expired}};
    if (kind < 18) return Judgement{term(), Ended{resource(), token()}};
    if (kind < 20) return Tick{};
    if (kind < 21) return Unknown{};
    const auto wanted = op();
    const auto session = prng_.chance(1, 2) ? holder() : any_session();
    return Submission{session, sequence(session), Sequence{prng_.below(number(1, 40))}, wanted};
  }
  bool chance(std::uint64_t part, std::uint64_t whole) { return prng_.chance(part, whole); }
  std::uint64_t below(std::uint64_t bound) { return prng_.below(bound); }
  Term term() { return prng_.chance(1, 6) ? Term{.round = 77, .member = {}} : model_.term; }

 private:
  std::uint8_t number(std::uint64_t first, std::uint64_t last) {
    return static_cast<std::uint8_t>(first + prng_.below(last - first + 1));
  }
  SessionId any_session() {
    if (prng_.chance(1, 30)) return SessionId{1 + prng_.below(20)};
    auto at = model_.sessions.begin();
    std::advance(at, prng_.below(model_.sessions.size()));
    return at->first;
  }
  std::vector<SessionId> ended_sessions() {
    std::vector<SessionId> ids;
    for (auto count = number(1, 3); count > 0; --count) ids.push_back(any_session());
    return ids;
  }
  Sequence sequence(SessionId session) {
    const auto found = model_.sessions.find(session);
    const auto next = found == model_.sessions.end() ? 1 : found->second.next;
    if (prng_.chance(9, 10)) return Sequence{next};
    return Sequence{next + 2 - std::min<std::uint64_t>(next, prng_.below(6))};
  }
  ResourceName resource() {
    static const std::vector<ResourceName> names = {lock("m"), lock("a"), lock("z"), election("b"), election("a")};
    return names[prng_.below(names.size())];
  }
  Token token() { return Token{model_.tokens - std::min(model_.tokens, prng_.below(6))}; }
  Sequence request() {
    if (model_.requests.empty()) return Sequence{1};
    auto at = model_.requests.begin();
    std::advance(at, prng_.below(model_.requests.size()));
    return at->id.sequence;
  }
  /// A current grant, if there is one.
  Guard grant() {
    std::vector<Guard> grants;
    for (const auto& request : model_.requests)
      if (request.token) grants.push_back({request.on, Token{request.token}});
    if (grants.empty() || prng_.chance(1, 8)) return {resource(), token()};
    return grants[prng_.below(grants.size())];
  }
  /// Of the grant that was drawn last.
  SessionId holder() {
    for (const auto& request : model_.requests)
      if (request.token == drawn_.token.value) return request.id.session;
    return any_session();
  }
  Op op() {
    const auto kind = prng_.below(100);
    drawn_ = grant();
    const auto [on, token] = drawn_;
    if (kind < 45)
      return Acquire{.resource = resource(),
                     .wait = prng_.chance(4, 5),
                     .priority = number(0, 2),
                     .max_hold = std::chrono::milliseconds(prng_.chance(1, 3) ? prng_.below(200) : 0)};
    if (kind < 60) return Release{on, token};
    if (kind < 70) return Cancel{request()};
    if (kind < 82) return HandOver{on, token, member(number(1, 3))};
    if (kind < 88) return Revoke{on, token};
    if (kind < 98) {
      std::vector<Guard> guards;
      if (prng_.chance(1, 2)) guards.push_back(drawn_);
      return Apply{.payload = Payload(to_bytes("x")), .guards = std::move(guards)};
    }
    return prng_.chance(1, 3) ? Op(CloseSession{}) : Op(UnknownOp{});
  }

  Prng prng_;
  const Model& model_;
  Guard drawn_;
};

/// A retry is told the user's result where the user's machine is through with it.
std::vector<Event> without_results(std::vector<Event> events) {
  std::erase_if(events, [](const Event& event) {
    const auto* answered = std::get_if<Answered>(&event);
    return answered && !answered->outcome.result.empty();
  });
  return events;
}

/// The replicas of one log.
struct Run {
  explicit Run(std::uint64_t seed) : commands(seed, model) {}

  void one_step() {
    const auto slot = first.applied().next();
    now = ClusterTime{now.value + (commands.chance(1, 4) ? commands.below(60) : 0)};
    const ClusterTime stamp{now.value - std::min(now.value, commands.below(10))};
    model.lines.clear();
    events.clear();
    if (slot == Slot{1} || commands.chance(1, 50)) {
      const Term term{.round = slot.value, .member = member(1)};
      model.term_start(stamp, term);
      each([&](State& state, auto& told) { state.term_start(slot, stamp, term, told); });
    } else {
      const auto command = commands.next();
      model.apply(slot, stamp, command);
      each([&](State& state, auto& told) { state.apply(slot, stamp, command, told); });
    }
    for (const auto& event : events)
      if (const auto* command = std::get_if<UserCommand>(&event)) owed.push_back({command->session, command->sequence});
    if (!owed.empty() && commands.chance(1, 3)) give_result();
  }

  /// The first replica has the user's result now, the second some time later.
  void give_result() {
    const auto request = owed.front();
    owed.pop_front();
    const auto result = to_bytes(to_string(request));
    model.user_result(request, result);
    first.user_result(request.session, request.sequence, result, events);
    late.push_back(request);
    if (late.size() < 3) return;
    std::vector<Event> told;
    second.user_result(late.front().session, late.front().sequence, to_bytes(to_string(late.front())), told);
    late.pop_front();
  }

  template <class Action>
  void each(Action action) {
    action(first, events);
    std::vector<Event> told;
    action(second, told);
    REQUIRE(without_results(told) == without_results(events));
    auto restored = State::from_image(before.image()).value();
    told.clear();
    action(restored, told);
    REQUIRE(told == events);
    REQUIRE(restored == first);
  }

  Model model;
  Commands commands;
  State first;
  State second;
  /// The first replica before this step.
  State before;
  ClusterTime now{100};
  std::vector<Event> events;
  std::deque<RequestId> owed;
  std::deque<RequestId> late;
};

void check_same(const Run& run) {
  std::vector<std::string> lines;
  for (const auto& event : run.events) lines.push_back(line_of(event));
  REQUIRE(lines == run.model.lines);
  REQUIRE(run.first.digest() == run.second.digest());
  REQUIRE(run.first.now() == ClusterTime{run.model.now});
  REQUIRE(run.first.sessions().size() == run.model.sessions.size());
  std::size_t ending = 0;
  for (const auto& request : run.model.requests) {
    const auto* grant = run.first.grant_of(request.id);
    REQUIRE((grant ? grant->token.value : 0) == request.token);
    REQUIRE(run.first.is_waiting(request.id) == (request.token == 0));
    if (grant) REQUIRE(grant->ending == request.ending);
    if (request.ending) ++ending;
  }
  REQUIRE(run.first.endings().size() == ending);
  for (const auto& [id, session] : run.model.sessions) {
    REQUIRE(run.first.next_sequence(id) == Sequence{session.next});
    for (std::uint64_t number = session.acknowledged; number < session.next; ++number)
      REQUIRE(run.first.answer(id, Sequence{number}) == session.answers.at(number));
  }
}

}  // namespace

TEST_CASE("C1: random logs do what the model does, on every replica and from every image") {
  std::size_t granted = 0;
  std::size_t handed_over = 0;
  std::size_t held_too_long = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    CAPTURE(seed);
    Run run(seed);
    for (int step = 0; step < 250; ++step) {
      CAPTURE(step);
      run.before = run.first;
      run.one_step();
      check_same(run);
      for (const auto& event : run.events) {
        if (std::holds_alternative<Granted>(event)) ++granted;
        if (const auto* over = std::get_if<Ungranted>(&event); over && over->cause == Cause::handed_over) ++handed_over;
        if (const auto* ending = std::get_if<Ending>(&event); ending && ending->cause == Cause::held_too_long)
          ++held_too_long;
      }
    }
  }
  // The logs are worth their time only if they reach what they are to compare.
  CHECK(granted > 4000);
  CHECK(handed_over > 100);
  CHECK(held_too_long > 400);
}
