// A client on a host whose every turn the test takes by hand: what is posted, called back or applied waits until it is told to
// run. Behind it stands the real coordination state, and nothing else of a cluster.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "client/client.hpp"
#include "client/host.hpp"
#include "client/request.hpp"
#include "coordination/state.hpp"

namespace conclave::client {

class StageHost final : public Host {
 public:
  /// Which of the node's threads runs now; `outside`: the test itself.
  enum class Thread { outside, loop, callbacks, signals, machine, body };

  StageHost();

  // Host
  [[nodiscard]] Instant now() const override { return now_; }
  void post(Task task) override { loop_.push_back(std::move(task)); }
  void call_back(Task task) override { callbacks_.push_back(std::move(task)); }
  void signal(Task task) override { signals_.push_back(std::move(task)); }
  void run_state_machine(Task task) override { machine_.push_back(std::move(task)); }
  void run_body(Task body, Task done) override { bodies_.emplace_back(std::move(body), std::move(done)); }
  [[nodiscard]] bool must_not_block() const override { return thread == Thread::loop || thread == Thread::callbacks; }
  [[nodiscard]] bool runs_stop_callbacks() const override { return thread == Thread::signals; }
  TimerId set_timer(Instant at, Task task) override;
  void cancel_timer(TimerId timer) override { timers_.erase(timer); }
  void step(engine::Event event) override;
  [[nodiscard]] Uuid draw_uuid() override;
  [[nodiscard]] const coordination::State& state() const override { return state_; }
  [[nodiscard]] Status status() const override { return {}; }
  [[nodiscard]] std::optional<std::chrono::nanoseconds> staleness() const override { return std::nullopt; }
  void stop(const Error& reason) override { stopped = reason; }

  // ---- What the test does ----
  void run_loop() { run(loop_, Thread::loop); }
  void run_callbacks() { run(callbacks_, Thread::callbacks); }
  void run_signals() { run(signals_, Thread::signals); }
  void run_machine() { run(machine_, Thread::machine); }
  /// One body to its end, and word of it to the loop.
  void run_body();
  /// Everything but bodies, until nothing is left.
  void settle();
  /// All commands sent so far are chosen and applied, in one batch.
  void choose();
  /// The next of them alone.
  void choose_one();
  /// A command of another session is chosen.
  void choose(coordination::Command command);
  /// Puts a command of another session behind those that wait.
  void queue(coordination::Command command) { chosen_next_.push_back(std::move(command)); }
  /// What is applied from now on is not seen here, until `install`.
  void look_away() { away_ = true; }
  void look_back() { away_ = false; }
  /// The state comes as an image.
  void install();
  void tell(const engine::Notice& notice);
  /// The session's deadline passes unrenewed; its end in the log is chosen with the next commands.
  void expire_session();
  /// The leader ends the session.
  void end_session_in_log();
  /// The leader ends a grant that was being taken away.
  void end_grant(const std::string& lock, Token token);
  void advance(std::chrono::nanoseconds duration);

  [[nodiscard]] std::size_t commands() const { return chosen_next_.size(); }
  [[nodiscard]] std::size_t bodies() const { return bodies_.size(); }
  [[nodiscard]] std::size_t callbacks() const { return callbacks_.size(); }
  [[nodiscard]] std::size_t timers() const { return timers_.size(); }
  /// A session of another member.
  [[nodiscard]] SessionId open_other();
  /// Everything goes: what waits here may hold the client.
  void clear();

  std::weak_ptr<Client> client;
  Thread thread{Thread::outside};
  std::optional<Error> stopped;

 private:
  void run(std::deque<Task>& tasks, Thread on);
  void take(engine::Event& event);
  void apply(const coordination::Command& command, std::vector<coordination::Event>& events);
  void publish(std::vector<coordination::Event> events);

  Instant now_{std::chrono::hours(1)};
  std::deque<Task> loop_;
  std::deque<Task> callbacks_;
  std::deque<Task> signals_;
  std::deque<Task> machine_;
  std::deque<std::pair<Task, Task>> bodies_;
  std::map<TimerId, std::pair<Instant, Task>> timers_;
  TimerId next_timer_{1};
  std::uint8_t next_uuid_{1};
  std::deque<engine::Event> events_;
  bool stepping_{false};
  bool away_{false};
  coordination::State state_;
  std::deque<coordination::Command> chosen_next_;
  std::map<SessionId, Sequence> numbers_;
};

[[nodiscard]] inline Client::Options named_me() {
  Client::Options options;
  options.name = "me";
  return options;
}

/// The client with its host; nothing has happened yet but, if `with_session`, the opening of a session.
class Stage {
 public:
  explicit Stage(Client::Options options = named_me(), bool with_session = true);
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;
  /// As a process ends: its calls are let go, and what waits for a thread.
  ~Stage() {
    client->abandon();
    host->clear();
  }

  [[nodiscard]] NamedLock lock(const std::string& name) { return client->make_named_lock(name); }
  [[nodiscard]] NamedElection election(const std::string& name) { return client->make_named_election(name); }
  /// Runs and chooses until nothing is left to do.
  void settle();

  std::shared_ptr<StageHost> host = std::make_shared<StageHost>();
  std::shared_ptr<Client> client;
};

}  // namespace conclave::client
