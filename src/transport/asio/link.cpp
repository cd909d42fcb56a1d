#include "transport/asio/link.hpp"

#include <string>

#include <asio/buffer.hpp>
#include <asio/error.hpp>
#include <asio/post.hpp>

#include "base/invariant.hpp"
#include "transport/asio/sockets.hpp"

namespace conclave::transport {
namespace {

/// A write buffer beyond this is given back once it is written.
constexpr std::size_t buffer_bytes_kept = std::size_t{1} << 20;

Error lost(std::error_code code) {
  if (code == asio::error::eof) return {std::make_error_code(std::errc::connection_reset), "the peer closed the link"};
  if (code == asio::error::broken_pipe || code == asio::error::connection_reset)
    return {std::make_error_code(std::errc::connection_reset), "the peer's process has gone"};
  if (code == asio::error::timed_out)
    return {std::make_error_code(std::errc::timed_out), "the peer's machine does not answer"};
  return {standard(code), "the link is lost"};
}

}  // namespace

Link::Link(LinkId id, Direction direction, asio::ip::tcp::socket socket, std::shared_ptr<const AsioOptions> options,
           Owner& owner)
    : id_(id),
      direction_(direction),
      socket_(std::move(socket)),
      options_(std::move(options)),
      owner_(&owner),
      parser_(options_->limits.frame_bytes_max),
      timer_(socket_.get_executor()) {}

void Link::start() {
  read();
  watch();
}

void Link::read() {
  if (state_ == State::closing) parser_.discard();
  const auto space = parser_.space();
  socket_.async_read_some(
      asio::buffer(space.data(), space.size()),
      [self = shared_from_this()](std::error_code code, std::size_t count) { self->on_read(code, count); });
}

void Link::on_read(std::error_code code, std::size_t count) {
  if (!owner_) return;
  owner_->counters().bytes_received += count;
  if (state_ == State::closing) return code ? finish() : read();  // nobody wants it any more
  if (code == asio::error::eof && !write_error_ && !parser_.at_boundary())
    return fail({errc::protocol_violation, "the peer's stream ends within a frame"});
  if (code) return fail(lost(write_error_ ? write_error_ : code));
  parser_.filled(count);
  take_frames();
  if (owner_) read();
}

/// Any call to the owner may close or stop this link.
void Link::take_frames() {
  while (owner_ && state_ == State::open) {
    const auto next = parser_.next();
    if (!next) return fail(next.error());
    if (!*next) return;
    ++frames_received_;
    ++owner_->counters().frames_received;
    owner_->on_frame(*this, **next);
  }
}

Sent Link::send(BytesView body) {
  CONCLAVE_INVARIANT(body.size() <= options_->limits.frame_bytes_max, body.size());
  if (state_ != State::open || write_error_) return Sent::closed;
  const std::size_t waiting = queued_.size() + writing_.size() - written_;
  if (queued_frames_ + writing_frames_ >= options_->limits.queue_frames_max ||
      waiting + frame_header_bytes + body.size() > options_->limits.queue_bytes_max)
    return Sent::full;
  append_frame(queued_, body);
  ++queued_frames_;
  ++owner_->counters().frames_sent;
  flush_later();
  return Sent::queued;
}

/// Not at once: whatever else this turn of the loop has to say shall leave with it.
void Link::flush_later() {
  if (flush_posted_ || !writing_.empty()) return;
  flush_posted_ = true;
  asio::post(socket_.get_executor(), [self = shared_from_this()] {
    self->flush_posted_ = false;
    if (self->owner_) self->flush();
  });
}

void Link::flush() {
  if (state_ == State::gone || !writing_.empty() || write_error_) return;
  if (queued_.empty()) {
    std::error_code ignored;
    if (state_ == State::closing) socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    return;
  }
  std::swap(queued_, writing_);
  writing_frames_ = std::exchange(queued_frames_, 0);
  write();
}

void Link::write() {
  ++owner_->counters().writes;
  socket_.async_write_some(
      asio::buffer(writing_.data() + written_, writing_.size() - written_),
      [self = shared_from_this()](std::error_code code, std::size_t count) { self->on_written(code, count); });
}

void Link::on_written(std::error_code code, std::size_t count) {
  if (!owner_) return;
  owner_->counters().bytes_sent += count;
  if (code) {
    // The peer may have said why before it went, so the end of the link is left to the reading side to find.
    write_error_ = code;
    return;
  }
  written_ += count;
  if (written_ < writing_.size()) return write();
  written_ = 0;
  writing_frames_ = 0;
  writing_.clear();
  if (writing_.capacity() > buffer_bytes_kept) writing_ = Bytes();
  flush();
}

void Link::close() {
  if (state_ != State::open) return;
  state_ = State::closing;
  watch();
  flush_later();
}

/// (Re)starts the timer for what the present state watches.
void Link::watch() {
  timer_.expires_after(state_ == State::open ? options_->frame_patience : options_->close_patience);
  timer_.async_wait([self = shared_from_this()](std::error_code code) {
    // The end of a former wait may have been on its way already when this one began.
    const bool due = self->timer_.expiry() <= std::chrono::steady_clock::now();
    if (!code && due && self->owner_) self->on_timer();
  });
}

void Link::on_timer() {
  if (state_ == State::closing) return finish();
  const bool begun = !parser_.at_boundary();
  if (begun && begun_after_ == frames_received_)
    return fail({errc::protocol_violation,
                 "a frame is not whole after " + std::to_string(options_->frame_patience.count()) + " ms"});
  begun_after_ = begun ? std::optional(frames_received_) : std::nullopt;
  watch();
}

void Link::end() {
  state_ = State::gone;
  timer_.cancel();
  std::error_code ignored;
  socket_.close(ignored);
}

void Link::fail(const Error& why) {
  end();
  if (auto* owner = std::exchange(owner_, nullptr)) owner->on_broken(*this, why);
}

void Link::finish() {
  end();
  if (auto* owner = std::exchange(owner_, nullptr)) owner->on_finished(*this);
}

void Link::stop() {
  owner_ = nullptr;
  std::error_code ignored;
  if (state_ != State::gone && writing_.empty() && !queued_.empty())
    socket_.write_some(asio::buffer(queued_.data(), queued_.size()), ignored);
  end();
}

}  // namespace conclave::transport
