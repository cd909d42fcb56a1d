// Voters that do nothing but elect, in virtual time: the election values of src/paxos, the messages between them and a
// phase 1 without a log, over links that can be cut in one direction, reset, or refuse. Reports what happened as events.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "paxos/election.hpp"
#include "paxos/leadership.hpp"

namespace conclave::paxos::test {

using namespace std::chrono_literals;

/// The n-th voter's id; the smaller number is the smaller id.
[[nodiscard]] MemberId member(int n);
[[nodiscard]] int number(const MemberId& member);
[[nodiscard]] inline Instant at(Duration since_start) { return Instant() + since_start; }

/// What a step of one voter did to the world.
struct Sent {
  std::vector<std::pair<MemberId, Message>> messages;
  std::vector<MemberId> dial;
  /// Messages that leave once what was promised is synced.
  std::vector<std::pair<MemberId, Message>> after_sync;
  /// `stands: leader silent`, `leads`, `steps down: ...`.
  std::vector<std::string> events;
};

/// One voter: what `Replica` does around the election values, less the log.
class Voting {
 public:
  Voting(int self, int voters, const Tuning& tuning, Instant now);

  void wake(Instant now);
  void on_message(const MemberId& from, const Message& message, Instant now, Sent& sent);
  void on_link(const MemberId& peer, LinkState link, Instant now);
  void on_goodbye(const MemberId& peer, Instant now) { peers_.on_goodbye(peer, now); }
  void end_step(Instant now, Sent& sent);
  [[nodiscard]] Instant next_wakeup(Instant now) const;

  [[nodiscard]] bool leads() const { return leadership_.has_value(); }
  /// Whom it follows and has not lost; 0: nobody.
  [[nodiscard]] int leader() const;
  /// Leads, and what it would answer now rests on a round confirmed since the last pause.
  [[nodiscard]] bool proven() const { return leadership_ && leadership_->confirmed(); }
  [[nodiscard]] const Ballot& promised() const { return facts_.promised; }

  Facts facts_;
  PlacedConfiguration configuration_;

 private:
  [[nodiscard]] Surroundings around(Instant now) const { return {tuning_, facts_, configuration_, peers_, now}; }
  void on(const MemberId& from, const PreVote& m, Instant now, Sent& sent);
  void on(const MemberId& from, const PreVoteReply& m, Instant now, Sent& sent);
  void on(const MemberId& from, const Prepare& m, Instant now, Sent& sent);
  void on(const MemberId& from, const Promise& m, Instant now, Sent& sent);
  void on(const MemberId& from, const Refused& m, Instant now, Sent& sent);
  void on(const MemberId& from, const Accept& m, Instant now, Sent& sent);
  void on(const MemberId& from, const Heartbeat& m, Instant now, Sent& sent);
  void on(const MemberId& from, const Go& m, Instant now, Sent& sent);
  template <class Other>
  void on(const MemberId&, const Other&, Instant, Sent&) {}
  void heard_leader(const Ballot& ballot, Instant now);
  void lead(Instant now, Sent& sent);
  void elect(Instant now, Sent& sent);
  void step_down(const std::string& why, bool say_so, Instant now, Sent& sent);
  void speak(Instant now, Sent& sent);
  [[nodiscard]] Heartbeat heartbeat(const MemberId& to, Instant now) const;

  Tuning tuning_;
  Prng prng_;
  Liveness peers_;
  Following following_;
  Election election_;
  std::optional<Leadership> leadership_;
  PauseDetector pauses_;
  std::set<MemberId> promises_;
  RoundTrip round_;
  Instant next_round_{};
  /// Handing over, until then.
  std::optional<Instant> handover_;
  std::set<MemberId> speak_to_;
  std::map<MemberId, Instant> spoken_;
  std::set<MemberId> dial_;
};

class World {
 public:
  /// `favoured` has the highest priority.
  explicit World(int voters, int favoured = 0);

  // ---- Faults ----

  /// From now on nothing goes from `from` to `to`; the link stays open.
  void cut(int from, int to) { cut_.insert({from, to}); }
  void cut_both(int a, int b);
  /// All links but those named.
  void keep_only(const std::vector<std::pair<int, int>>& links);
  void heal() { cut_.clear(); }
  /// The link is closed at both ends, and may be opened again.
  void reset(int a, int b);
  /// SIGKILL: links close, connecting is refused.
  void kill(int n);
  void restart(int n);
  /// SIGSTOP; `resume` is SIGCONT.
  void pause(int n) { paused_.insert(n); }
  void resume(int n);
  void say_goodbye(int n);

  // ---- Time ----

  void run(Duration duration);
  /// False: `limit` passed first.
  template <class Condition>
  [[nodiscard]] bool run_until(Condition condition, Duration limit) {
    for (const auto end = now + limit; !condition(); step())
      if (next_event() > end) {
        now = end;
        return condition();
      }
    return true;
  }
  /// The one voter that leads and that every living voter it can talk to both ways follows; 0: none.
  [[nodiscard]] int leader() const;

  Voting& operator[](int n) { return voters_.at(n); }
  /// Lines of `events` that contain `text`.
  [[nodiscard]] int count(const std::string& text) const;
  [[nodiscard]] std::string log() const;

  Instant now{};
  /// One way.
  Duration latency{50us};
  Duration sync{500us};
  std::vector<std::string> events;

 private:
  struct Flight {
    int from;
    int to;
    std::optional<Message> message;  ///< none: the end of a link, or of an attempt to open one
    LinkState link{LinkState::up};
  };

  void step();
  [[nodiscard]] Instant next_event() const;
  void deliver(const Flight& flight);
  void dial(int from, int to);
  void finish(int n, Sent& sent);
  void note(int n, const std::string& what);

  Tuning tuning_;
  int count_;
  std::map<int, Voting> voters_;
  std::map<int, Ballot> stored_;
  std::set<std::pair<int, int>> cut_;
  std::set<std::pair<int, int>> closed_;
  std::set<int> dead_;
  std::set<int> paused_;
  std::multimap<Instant, Flight> flights_;
  std::map<int, std::vector<Flight>> held_;
};

}  // namespace conclave::paxos::test
