#include "driver/driver.hpp"

#include <algorithm>
#include <utility>

#include "driver/image_work.hpp"
#include "wire/datagram.hpp"
#include "wire/limits.hpp"
#include "wire/record.hpp"

namespace conclave::driver {
namespace {

// W6: what one frame makes its receiver do is short, and each part of an image has a frame of its own. One message alone may
// be larger.
constexpr std::size_t frame_messages_bytes_max = std::size_t{256} << 10;

// How long after a write that found no room it is tried again, at first and at most. A try writes at most one group.
constexpr auto retry_wait_min = std::chrono::milliseconds(50);
constexpr auto retry_wait_max = std::chrono::seconds(2);

std::size_t rough_size(const engine::Message& message) {
  constexpr std::size_t small = 256;
  constexpr std::size_t around_payload = 96;
  std::size_t size = small;
  if (const auto* forward = std::get_if<engine::Forward>(&message))
    for (const auto& command : forward->commands) size += command.size() + around_payload;
  if (const auto* part = std::get_if<engine::ImagePart>(&message)) size += part->bytes.size();
  const auto* consensus = std::get_if<paxos::Message>(&message);
  if (!consensus) return size;
  if (const auto* accept = std::get_if<paxos::Accept>(consensus))
    for (const auto& entry : accept->entries) size += entry.payload.size() + around_payload;
  if (const auto* learn = std::get_if<paxos::Learn>(consensus))
    for (const auto& entry : learn->entries) size += entry.payload.size() + around_payload;
  if (const auto* promise = std::get_if<paxos::Promise>(consensus))
    for (const auto& reported : promise->reported) size += reported.entry.payload.size() + around_payload;
  return size;
}

}  // namespace

Driver::Driver(engine::Engine engine, storage::Storage& storage, transport::Transport& transport, Hooks hooks)
    : engine_(std::move(engine)),
      storage_(storage),
      transport_(transport),
      hooks_(std::move(hooks)),
      alive_(std::make_shared<bool>(true)) {}

Driver::~Driver() {
  stop();
  *alive_ = false;
}

void Driver::start(storage::Batch opening) {
  storage_.start(*this);
  submitted_ = opening.id;
  storage_.submit(std::move(opening));
}

void Driver::stop() {
  if (std::exchange(stopped_, true)) return;
  waiting_.clear();
  events_.clear();
}

// ---- One step ----

void Driver::tick() {
  retry_if_due();
  step(engine::Tick{});
}

void Driver::wake() { hooks_.wake_at(std::min(engine_.next_wakeup(), retry_at_)); }

void Driver::step(engine::Event event) {
  if (stopped_) return;
  // A notice may lead to another event: it waits for the end of the step that it came from.
  if (stepping_ || !started_) return events_.push_back(std::move(event));
  stepping_ = true;
  if (events_.empty())
    run(std::move(event));
  else
    events_.push_back(std::move(event));
  while (!events_.empty() && !stopped_) {
    auto next = std::move(events_.front());
    events_.pop_front();
    run(std::move(next));
  }
  stepping_ = false;
  if (!stopped_) wake();
}

void Driver::run(engine::Event event) try {
  perform(engine_.step(std::move(event), hooks_.now()));
} catch (const InvariantBroken& broken) {
  // The step's effects are gone with the exception: nothing of it is stored or sent. The node falls silent.
  give_up(broken);
}

void Driver::give_up(const InvariantBroken& broken) { give_up(Error(errc::internal, broken.what())); }

void Driver::give_up(const Error& reason) {
  hooks_.remark({LogLevel::error, "the node stops: " + reason.message()});
  hooks_.notice(engine::Stopped{.reason = reason});
  stop();
}

void Driver::perform(engine::Effects effects) {
  if (!effects.persist.empty()) persist(effects.batch, effects.persist);
  // Side by side with the disk: the followers write while this node does.
  send(effects.send_now);
  for (auto& datagram : effects.datagrams)
    transport_.send_datagram(datagram.to, wire::encode(engine::Datagram{.header = engine_.header(),
                                                                        .cluster_name = engine_.cluster_name(),
                                                                        .message = std::move(datagram.message)}));
  if (!effects.send_after.empty()) {
    // P2: even what was said before may still be on its way to the disk.
    waiting_.push_back({.batch = submitted_, .messages = std::move(effects.send_after)});
    release();
  }
  for (const auto link : effects.close) {
    transport_.close(link);
    events_.push_back(engine::LinkClosed{.link = link});
  }
  for (const auto& address : effects.dial) transport_.dial(address);
  for (auto& work : effects.seal) do_aside(&seal, std::move(work));
  for (auto& work : effects.open) do_aside(&open, std::move(work));
  for (const auto& remark : effects.remarks) hooks_.remark(remark);
  for (const auto& notice : effects.notices) {
    if (stopped_) return;
    hooks_.notice(notice);
  }
}

template <class Outcome, class Work>
void Driver::do_aside(Outcome (*function)(Work), Work work) {
  // Shared, since a task can be copied, and what it holds is large.
  auto held = std::make_shared<Work>(std::move(work));
  hooks_.aside([this, alive = alive_, post = hooks_.post, function, held = std::move(held)] {
    try {
      auto outcome = std::make_shared<Outcome>(function(std::move(*held)));
      post([this, alive, outcome = std::move(outcome)] {
        if (*alive) step(std::move(*outcome));
      });
    } catch (const InvariantBroken& broken) {
      // As in a step; here the exception would end the host's process.
      post([this, alive, reason = Error(errc::internal, broken.what())] {
        if (*alive && !stopped_) give_up(reason);
      });
    }
  });
}

void Driver::persist(BatchId id, const std::vector<engine::Record>& records) {
  CONCLAVE_INVARIANT(id == submitted_.next(), id, submitted_);
  storage::Batch batch{.id = id, .erase_log = {}, .erase_meta = {}, .log = {}, .meta = {}};
  for (const auto& record : records) {
    if (const auto* accepted = std::get_if<engine::AcceptedRecord>(&record))
      batch.log.push_back({.slot = accepted->slot, .value = wire::encode(*accepted)});
    else
      batch.meta.push_back({.key = wire::record_key(record), .value = wire::encode(record)});
  }
  submitted_ = id;
  storage_.submit(std::move(batch));
}

void Driver::send(std::vector<engine::Outgoing>& messages) {
  // W6: messages to one peer share a frame, in their order.
  for (auto first = messages.begin(); first != messages.end();) {
    const auto link = first->link;
    const auto rest = std::stable_partition(first, messages.end(), [link](const auto& one) { return one.link == link; });
    engine::Frame frame{.header = engine_.header(), .messages = {}};
    std::size_t size = 0;
    for (; first != rest; ++first) {
      const auto more = rough_size(first->message);
      if (size > 0 && (size + more > frame_messages_bytes_max || frame.messages.size() == wire::messages_max)) {
        send(link, frame);
        frame.messages.clear();
        size = 0;
      }
      size += more;
      frame.messages.push_back(std::move(first->message));
    }
    send(link, frame);
  }
}

void Driver::send(LinkId link, const engine::Frame& frame) {
  // A full queue loses this frame and no more: every protocol above sends again what is not answered.
  if (transport_.send(link, hooks_.write_frame(frame)) != transport::Sent::full) return;
  if ((overflowed_++ & 1023) == 0)
    hooks_.remark({LogLevel::warning, "a peer does not read as fast as this node writes: a frame to it was dropped"});
}

void Driver::release() {
  while (!waiting_.empty() && waiting_.front().batch <= durable_) {
    auto ready = std::move(waiting_.front().messages);
    waiting_.pop_front();
    while (!waiting_.empty() && waiting_.front().batch <= durable_) {
      std::ranges::move(waiting_.front().messages, std::back_inserter(ready));
      waiting_.pop_front();
    }
    send(ready);
  }
}

// ---- From the store ----

void Driver::on_durable(BatchId upto) {
  hooks_.post([this, alive = alive_, upto] {
    if (*alive) durable(upto);
  });
}

void Driver::durable(BatchId upto) try {
  if (stopped_) return;
  durable_ = upto;
  if (!started_) {
    // I5: only now that this opening is on the disk may anything leave.
    started_ = true;
    transport_.start(*this);
    return tick();
  }
  release();
  step(engine::Persisted{.upto = upto});
  if (without_room_upto_ == BatchId{} || upto < without_room_upto_) return;
  without_room_upto_ = {};
  retry_wait_ = {};
  step(engine::DiskHasRoom{});
} catch (const InvariantBroken& broken) {
  // What waited is encoded and sent outside of a step; on this loop the exception would end the host's process.
  give_up(broken);
}

void Driver::on_failed(const storage::Failure& failure) {
  hooks_.post([this, alive = alive_, failure] {
    if (*alive) failed(failure);
  });
}

void Driver::failed(const storage::Failure& failure) {
  if (stopped_) return;
  if (!started_) return give_up(failure.error);
  if (failure.kind == storage::FailureKind::undone) return find_no_room(failure.error);
  waiting_.clear();  // P8: what rests on these batches is never said
  step(engine::DiskFailed{.reason = failure.error});
}

void Driver::find_no_room(const Error& reason) {
  without_room_upto_ = submitted_;
  retry_wait_ = std::clamp<BootClock::duration>(2 * retry_wait_, retry_wait_min, retry_wait_max);
  retry_at_ = hooks_.now() + retry_wait_;
  step(engine::DiskFull{.reason = reason});
}

void Driver::retry_if_due() {
  if (stopped_ || hooks_.now() < retry_at_) return;
  retry_at_ = Instant::max();
  storage_.retry();
}

// ---- From the transport ----

void Driver::on_link_opened(LinkId link, const Address& remote, transport::Direction direction) {
  step(engine::LinkOpened{.link = link, .remote = remote, .dialled = direction == transport::Direction::dialled});
}

void Driver::on_link_closed(LinkId link, const Error& why) {
  if (why == errc::protocol_violation) refuse_frame(why);
  step(engine::LinkClosed{.link = link});
}

void Driver::on_dial_failed(const Address& address, transport::DialFailure reason, const Error& why) {
  step(engine::DialFailed{.address = address, .refused = reason == transport::DialFailure::refused, .why = why});
}

void Driver::on_frame(LinkId link, BytesView body) {
  if (stopped_) return;
  auto frame = hooks_.read_frame(body);
  if (frame) return step(engine::FrameReceived{.link = link, .frame = std::move(*frame)});
  refuse_frame(frame.error());
  transport_.close(link);
  step(engine::LinkClosed{.link = link});
}

void Driver::refuse_frame(const Error& why) {
  ++refused_;
  hooks_.remark({LogLevel::warning, "a frame was refused and its link closed: " + why.message()});
}

void Driver::on_datagram(const Address& from, BytesView body) {
  if (stopped_) return;
  auto datagram = wire::decode_datagram(body);
  if (!datagram) return on_bad_datagram(from, datagram.error());
  step(engine::DatagramReceived{.from = from, .datagram = std::move(*datagram)});
}

void Driver::on_bad_datagram(const Address& from, const Error& why) {
  // Said once in a while: a flood of bad datagrams must not become a flood of lines.
  if ((refused_++ & 1023) == 0)
    hooks_.remark({LogLevel::warning, "a datagram from " + to_string(from) + " was refused: " + why.message()});
}

}  // namespace conclave::driver
