// The holder's side of sessions: S2, S5, S6 and S7.
#include <doctest/doctest.h>

#include "engine/session_keeper.hpp"
#include "node.hpp"
#include "wire/command.hpp"

using namespace conclave;
using namespace conclave::engine;
using namespace conclave::engine::test;

namespace {

constexpr SessionId session{2};

/// A keeper and the clock; a session of 4 s is open from the start.
struct Holder {
  Holder() {
    keeper.open(uuid(1), 4s);
    (void)flush();
    now += 5ms;
    opened(uuid(1), session);
    (void)flush();  // its first renewal
  }
  void opened(const Uuid& nonce, SessionId id) {
    auto out = output();
    keeper.on_opened({.nonce = nonce, .session = id, .owner = member(1), .owner_name = "a", .ttl = 4s}, now, out);
  }
  SessionKeeper::Output output() { return {.forward = {}, .renew = {}, .notices = notices}; }
  /// Sends what may be sent; the numbers of the commands.
  std::vector<std::uint64_t> flush() {
    auto out = output();
    keeper.flush(now, out);
    std::vector<std::uint64_t> numbers;
    for (const auto& payload : out.forward) {
      const auto command = wire::decode_command(payload.view());
      const auto* submission = std::get_if<coordination::Submission>(&*command);
      numbers.push_back(submission ? submission->sequence.value : 0);  // 0: opens a session
    }
    payloads = out.forward;
    renewed = out.renew;
    return numbers;
  }
  void submit(int count) {
    for (; count > 0; --count) REQUIRE(keeper.submit(session, coordination::CloseSession{}));
  }
  void reply(ForwardReply::Kind kind, std::uint64_t sequence) {
    auto out = output();
    keeper.on_reply({.kind = kind, .session = session, .sequence = Sequence{sequence}}, now, out);
  }
  void acknowledge(std::uint64_t number, std::vector<Token> ending = {}) {
    auto out = output();
    keeper.on_acknowledged({.session = session, .number = number, .ending = std::move(ending)}, now, out);
  }
  void expire() {
    auto out = output();
    keeper.expire(now, out);
  }

  std::vector<Notice> notices;
  std::vector<Payload> payloads;
  std::vector<Renew::Item> renewed;
  Instant now{1000s};
  SessionKeeper keeper{{.codec = codec(), .owner = member(1), .owner_name = "a"}};
};

using Numbers = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("S2: the deadline counts from the sending, less twice the drift bound") {
  Holder holder;
  const auto* ready = std::get_if<SessionReady>(&holder.notices.front());
  REQUIRE(ready);
  CHECK(ready->deadline == Instant(1000s) + 4s - 4ms);  // 2 x 500 ppm of 4 s
  const auto sent = holder.now;
  REQUIRE(holder.renewed.size() == 1);
  holder.now += 300ms;
  holder.acknowledge(holder.renewed.front().number);
  const auto* extended = std::get_if<SessionExtended>(&holder.notices.back());
  REQUIRE(extended);
  CHECK(extended->deadline == sent + 4s - 4ms);
}

TEST_CASE("S1: only a renewal that was sent extends, an older one never shortens, and each counts once") {
  Holder holder;
  const auto first = holder.renewed.front().number;
  holder.now += 400ms;
  (void)holder.flush();
  REQUIRE(holder.renewed.size() == 1);
  const auto second = holder.renewed.front().number;
  CHECK(second == first + 1);
  const auto sent = holder.now;
  holder.acknowledge(second);
  const auto count = holder.notices.size();
  holder.acknowledge(first);   // late: the newer one counts already
  holder.acknowledge(second);  // a copy
  holder.acknowledge(77);      // never sent
  CHECK(holder.notices.size() == count);
  CHECK(std::get<SessionExtended>(holder.notices.back()).deadline == sent + 4s - 4ms);
}

TEST_CASE("S5: what the acknowledgement names as ending is passed on") {
  Holder holder;
  holder.acknowledge(holder.renewed.front().number, {Token{9}});
  CHECK(std::get<SessionExtended>(holder.notices.back()).ending == std::vector{Token{9}});
}

TEST_CASE("S7: a passed deadline is final, whatever comes later") {
  Holder holder;
  const auto number = holder.renewed.front().number;
  holder.submit(1);
  holder.now = Instant(1000s) + 4s - 4ms;
  holder.expire();
  CHECK(std::holds_alternative<SessionOver>(holder.notices.back()));
  const auto count = holder.notices.size();
  holder.acknowledge(number);
  CHECK(holder.notices.size() == count);
  CHECK_FALSE(holder.keeper.owns(session));
  CHECK(holder.keeper.submit(session, coordination::CloseSession{}).error() == errc::session_ended);
  CHECK(holder.flush().empty());
  // The next one is another, and begins with number 1.
  holder.keeper.open(uuid(2), 4s);
  CHECK(holder.flush() == Numbers{0});
  holder.opened(uuid(2), SessionId{8});
  const auto sequence = holder.keeper.submit(SessionId{8}, coordination::CloseSession{});
  REQUIRE(sequence);
  CHECK(*sequence == Sequence{1});
}

TEST_CASE("S7: an acknowledgement that comes before the tick of a passed deadline extends nothing") {
  Holder holder;
  const auto number = holder.renewed.front().number;
  holder.now += 1s;
  (void)holder.flush();
  const auto later = holder.renewed.front().number;
  holder.now = Instant(1000s) + 4s - 4ms;
  holder.acknowledge(later);
  CHECK(std::holds_alternative<SessionOver>(holder.notices.back()));
  CHECK_FALSE(holder.keeper.owns(session));
  CHECK(later > number);
}

TEST_CASE("S6: commands leave once and in order; after a change of leader all unapplied ones again, unchanged") {
  Holder holder;
  holder.submit(3);
  CHECK(holder.flush() == Numbers{1, 2, 3});
  const auto first = holder.payloads;
  CHECK(holder.flush().empty());
  holder.keeper.on_applied(session, Sequence{1});
  holder.keeper.on_path_changed();
  holder.submit(1);
  CHECK(holder.flush() == Numbers{2, 3, 4});
  CHECK(holder.payloads[0] == first[1]);
  CHECK(holder.payloads[1] == first[2]);
  CHECK(holder.renewed.size() == 1);  // and a renewal, at once
}

TEST_CASE("S6: `resend from n` sends n and all above, a lost command is sent again after a second") {
  Holder holder;
  holder.submit(4);
  (void)holder.flush();
  holder.reply(ForwardReply::Kind::resend, 3);
  CHECK(holder.flush() == Numbers{3, 4});
  holder.now += 999ms;
  CHECK(holder.flush().empty());
  holder.now += 1ms;
  CHECK(holder.flush() == Numbers{1, 2, 3, 4});
}

TEST_CASE("S6: at most a window of commands is on its way, and of answers that the client has not taken") {
  Holder holder;
  holder.submit(1500);
  CHECK(holder.flush().size() == 1024);
  holder.keeper.on_applied(session, Sequence{100});
  CHECK(holder.flush().empty());  // 1,024 answers are kept, and not taken
  holder.keeper.answered_below(session, Sequence{51});
  CHECK(holder.flush().size() == 50);
}

TEST_CASE("S6: after a refusal by a node that does not lead all is sent again soon, later each time, at most a second") {
  Holder holder;
  holder.submit(2);
  holder.keeper.open(uuid(2), 4s);
  REQUIRE(holder.flush() == Numbers{0, 1, 2});
  for (const auto wait : {20ms, 40ms, 80ms, 160ms, 320ms, 640ms, 1000ms, 1000ms}) {
    CAPTURE(wait.count());
    holder.keeper.on_not_leader(holder.now);
    holder.keeper.on_not_leader(holder.now);  // one for each frame
    CHECK(holder.flush().empty());
    CHECK(*holder.keeper.next_wakeup(true) <= holder.now + wait);
    holder.now += wait - 1ns;
    CHECK(holder.flush().empty());
    holder.now += 1ns;
    CHECK(holder.flush() == Numbers{0, 1, 2});
    for (const auto& item : holder.renewed) holder.acknowledge(item.number);
  }
  holder.keeper.on_not_leader(holder.now);
  holder.keeper.on_path_changed();  // the leader became known: no more waiting
  CHECK(holder.flush() == Numbers{0, 1, 2});
  holder.keeper.on_not_leader(holder.now);
  holder.now += 20ms;
  CHECK(holder.flush() == Numbers{0, 1, 2});
}

TEST_CASE("S6: what was refused is on its way no longer, so refusals never fill the window of bytes") {
  Holder holder;
  const coordination::Apply large{.payload = Payload(Bytes(std::size_t{1} << 20)), .guards = {}};
  REQUIRE(holder.keeper.submit(session, large));
  for (int refusal = 0; refusal < 100; ++refusal) {
    CAPTURE(refusal);
    REQUIRE(holder.flush() == Numbers{1});
    for (const auto& item : holder.renewed) holder.acknowledge(item.number);
    holder.keeper.on_not_leader(holder.now);
    holder.now += 1s;
  }
}

TEST_CASE("S6: an overloaded leader is left alone for a while, then gets everything from the refused number") {
  Holder holder;
  holder.submit(3);
  (void)holder.flush();
  holder.reply(ForwardReply::Kind::overloaded, 2);
  holder.reply(ForwardReply::Kind::overloaded, 3);
  CHECK(holder.flush().empty());
  holder.now += 20ms;
  CHECK(holder.flush() == Numbers{2, 3});
}

TEST_CASE("S6: a session that the leader does not know is over") {
  Holder holder;
  holder.submit(1);
  (void)holder.flush();
  holder.reply(ForwardReply::Kind::unknown_session, 1);
  CHECK(std::holds_alternative<SessionOver>(holder.notices.back()));
}
