// Runs an engine over a store and a transport, in the one legal order of effects (P2): a step's records are submitted, what
// may leave now leaves, and what must wait leaves once every batch up to that step is durable. Production and simulator use
// this same class; they differ in the ports, the clock and who calls.
//
// Everything runs on the owner's loop, one call at a time; only the storage's callbacks come from elsewhere and are posted.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "base/invariant.hpp"
#include "engine/engine.hpp"
#include "storage/storage.hpp"
#include "transport/transport.hpp"
#include "wire/frame.hpp"

namespace conclave::driver {

/// What the owner of the loop provides.
struct Hooks {
  std::function<Instant()> now;
  /// Runs a task on the loop, from any thread.
  std::function<void(std::function<void()>)> post;
  /// Runs a task that may take long, one at a time and in order, where it holds up nothing else: on another thread.
  std::function<void(std::function<void()>)> aside;
  /// Calls `Driver::tick` at that time, or soon after; each call replaces the one before.
  std::function<void(Instant)> wake_at;
  std::function<void(const engine::Notice&)> notice;
  std::function<void(const engine::Remark&)> remark;
  /// How a frame becomes the body that travels, and is read from it. A simulator knows what left without reading it.
  std::function<Bytes(const engine::Frame&)> write_frame{static_cast<Bytes (*)(const engine::Frame&)>(&wire::encode)};
  std::function<Result<engine::Frame>(BytesView)> read_frame{&wire::decode_frame};
};

class Driver final : private transport::Listener, private storage::Listener {
 public:
  Driver(engine::Engine engine, storage::Storage& storage, transport::Transport& transport, Hooks hooks);
  ~Driver() override;

  /// Stores this opening (I5), then begins. `opening` is what `recover` returned.
  void start(storage::Batch opening);
  /// Takes one event. The step's notices are handed over before this returns, unless a step is running: then after it.
  void step(engine::Event event);
  void tick();
  /// Nothing leaves, nothing is stored and nobody is told from now on.
  void stop();

  [[nodiscard]] const engine::Engine& engine() const { return engine_; }
  /// Frames and datagrams that could not be read, since the start.
  [[nodiscard]] std::uint64_t refused() const { return refused_; }

 private:
  struct Waiting {
    BatchId batch;
    std::vector<engine::Outgoing> messages;
  };

  // transport::Listener
  void on_link_opened(LinkId link, const Address& remote, transport::Direction direction) override;
  void on_link_closed(LinkId link, const Error& why) override;
  void on_dial_failed(const Address& address, transport::DialFailure reason, const Error& why) override;
  void on_frame(LinkId link, BytesView body) override;
  void on_datagram(const Address& from, BytesView body) override;
  void on_bad_datagram(const Address& from, const Error& why) override;
  // storage::Listener, on the storage's thread
  void on_durable(BatchId upto) override;
  void on_failed(const storage::Failure& failure) override;

  void run(engine::Event event);
  /// Does `work` aside; its outcome is an event.
  template <class Outcome, class Work>
  void do_aside(Outcome (*function)(Work), Work work);
  void perform(engine::Effects effects);
  void persist(BatchId batch, const std::vector<engine::Record>& records);
  void send(std::vector<engine::Outgoing>& messages);
  void send(LinkId link, const engine::Frame& frame);
  void durable(BatchId upto);
  void find_no_room(const Error& reason);
  void retry_if_due();
  void wake();
  void release();
  void failed(const storage::Failure& failure);
  void refuse_frame(const Error& why);
  void give_up(const InvariantBroken& broken);
  void give_up(const Error& reason);

  engine::Engine engine_;
  storage::Storage& storage_;
  transport::Transport& transport_;
  Hooks hooks_;
  /// Shared with what was posted: false once this object is gone.
  std::shared_ptr<bool> alive_;
  std::deque<engine::Event> events_;
  bool stepping_{false};
  bool started_{false};
  bool stopped_{false};
  BatchId submitted_;
  BatchId durable_;
  std::deque<Waiting> waiting_;
  /// P8: while a write finds no room, it is tried again at this time; later each time.
  Instant retry_at_{Instant::max()};
  BootClock::duration retry_wait_{};
  /// There is room again once everything up to here is durable; 0 while nothing was undone.
  BatchId without_room_upto_;
  std::uint64_t refused_{0};
  std::uint64_t overflowed_{0};
};

}  // namespace conclave::driver
