// An inquiry: one link, one question, one answer.
#include <optional>

#include <conclave/node.hpp>
#include <conclave/version.hpp>

#include <asio/io_context.hpp>

#include "base/address.hpp"
#include "base/bounded_wait.hpp"
#include "engine/message.hpp"
#include "transport/asio/asio_transport.hpp"
#include "wire/frame.hpp"

namespace conclave {
namespace {

class Inquiry final : public transport::Listener {
 public:
  Inquiry(asio::io_context& loop, transport::Transport& transport) : loop_(loop), transport_(transport) {}

  [[nodiscard]] const std::optional<Result<Status>>& answer() const { return answer_; }

  void on_link_opened(LinkId link, const Address&, transport::Direction) override {
    engine::Frame frame;
    frame.header.version = protocol_version_max;
    engine::Hello hello;
    hello.version_min = protocol_version_min;
    hello.version_max = protocol_version_max;
    hello.purpose = engine::Purpose::inquiry;
    hello.name = "inquiry";
    frame.messages.emplace_back(std::move(hello));
    frame.messages.emplace_back(engine::StatusRequest{});
    (void)transport_.send(link, wire::encode(frame));
  }
  void on_frame(LinkId, BytesView body) override {
    auto frame = wire::decode_frame(body);
    if (!frame) return finish(frame.error());
    for (auto& message : frame->messages) {
      if (auto* reply = std::get_if<engine::StatusReply>(&message)) return finish(std::move(reply->status));
      if (const auto* refusal = std::get_if<engine::Refusal>(&message))
        return finish(Error(static_cast<errc>(refusal->code), refusal->detail));
    }
  }
  void on_link_closed(LinkId, const Error& why) override { finish(why); }
  void on_dial_failed(const Address& address, transport::DialFailure, const Error& why) override {
    finish(Error(why.code, "nobody answers at " + to_string(address) + ": is the member running?"));
  }
  void on_datagram(const Address&, BytesView) override {}
  void on_bad_datagram(const Address&, const Error&) override {}

 private:
  void finish(Result<Status> answer) {
    if (answer_) return;
    answer_ = std::move(answer);
    loop_.stop();
  }

  asio::io_context& loop_;
  transport::Transport& transport_;
  std::optional<Result<Status>> answer_;
};

}  // namespace

Result<Status> ask_status(const std::string& text, std::chrono::milliseconds timeout) {
  const auto address = Address::parse(text);
  if (!address) return address.error();
  asio::io_context loop(1);
  auto transport = transport::open_asio_transport(loop, {});
  if (!transport) return transport.error();
  Inquiry inquiry(loop, **transport);
  (*transport)->start(inquiry);
  (*transport)->dial(*address);
  timeout = bounded(timeout);
  loop.run_for(timeout);
  (*transport)->stop();
  if (inquiry.answer()) return *inquiry.answer();
  return Error(errc::timeout, "the member at " + text + " did not answer in " + std::to_string(timeout.count()) + " ms");
}

}  // namespace conclave
