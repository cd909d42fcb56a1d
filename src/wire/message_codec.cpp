// The union of all messages: one line for each arm, there and back.
#include "wire/message_codec.hpp"

#include "wire/limits.hpp"
#include "wire/link_codec.hpp"
#include "wire/paxos_codec.hpp"
#include "wire/session_codec.hpp"

namespace conclave::schema {
namespace {

struct PutArm {
  Message::Builder out;

  void operator()(const engine::Hello& value) { put(out.initHello(), value); }
  void operator()(const engine::Refusal& value) { put(out.initRefusal(), value); }
  void operator()(const engine::Goodbye& value) { put(out.initGoodbye(), value); }
  void operator()(const engine::LockIn& value) { put(out.initLockIn(), value); }
  void operator()(const engine::LockedIn& value) { put(out.initLockedIn(), value); }
  void operator()(const engine::Commit& value) { put(out.initCommit(), value); }
  void operator()(const engine::Forward& value) { put(out.initForward(), value); }
  void operator()(const engine::ForwardReply& value) { put(out.initForwardReply(), value); }
  void operator()(const engine::Renew& value) { put(out.initRenew(), value); }
  void operator()(const engine::RenewAck& value) { put(out.initRenewAck(), value); }
  void operator()(const engine::EndFormer& value) { put(out.initEndFormer(), value); }
  void operator()(const engine::ReadIndex& value) { put(out.initReadIndex(), value); }
  void operator()(const engine::ReadIndexReply& value) { put(out.initReadIndexReply(), value); }
  void operator()(const engine::Attach& value) { put(out.initAttach(), value); }
  void operator()(const engine::ImageRequest& value) { put(out.initImageRequest(), value); }
  void operator()(const engine::ImagePart& value) { put(out.initImagePart(), value); }
  void operator()(const engine::Freshness& value) { put(out.initFreshness(), value); }
  void operator()(const engine::StatusRequest& value) { put(out.initStatusRequest(), value); }
  void operator()(const engine::StatusReply& value) { put(out.initStatusReply(), value); }
  void operator()(const engine::UnknownMessage& value) {
    CONCLAVE_INVARIANT(!"an unknown message is never sent", value.arm);
  }

  void operator()(const paxos::Message& value) { std::visit(*this, value); }
  void operator()(const paxos::PreVote& value) { put(out.initPreVote(), value); }
  void operator()(const paxos::PreVoteReply& value) { put(out.initPreVoteReply(), value); }
  void operator()(const paxos::Prepare& value) { put(out.initPrepare(), value); }
  void operator()(const paxos::Promise& value) { put(out.initPromise(), value); }
  void operator()(const paxos::Refused& value) { put(out.initRefused(), value); }
  void operator()(const paxos::Accept& value) { put(out.initAccept(), value); }
  void operator()(const paxos::Accepted& value) { put(out.initAccepted(), value); }
  void operator()(const paxos::Chosen& value) { put(out.initChosen(), value); }
  void operator()(const paxos::Heartbeat& value) { put(out.initHeartbeat(), value); }
  void operator()(const paxos::Fetch& value) { put(out.initFetch(), value); }
  void operator()(const paxos::Learn& value) { put(out.initLearn(), value); }
  void operator()(const paxos::Go& value) { put(out.initGo(), value); }
};

engine::Message take_known(Message::Reader in) {
  switch (in.which()) {
    case Message::HELLO:
      return take(in.getHello());
    case Message::REFUSAL:
      return take(in.getRefusal());
    case Message::GOODBYE:
      return take(in.getGoodbye());
    case Message::LOCK_IN:
      return take(in.getLockIn());
    case Message::LOCKED_IN:
      return take(in.getLockedIn());
    case Message::COMMIT:
      return take(in.getCommit());
    case Message::FORWARD:
      return take(in.getForward());
    case Message::FORWARD_REPLY:
      return take(in.getForwardReply());
    case Message::RENEW:
      return take(in.getRenew());
    case Message::RENEW_ACK:
      return take(in.getRenewAck());
    case Message::END_FORMER:
      return take(in.getEndFormer());
    case Message::READ_INDEX:
      return take(in.getReadIndex());
    case Message::READ_INDEX_REPLY:
      return take(in.getReadIndexReply());
    case Message::ATTACH:
      return take(in.getAttach());
    case Message::IMAGE_REQUEST:
      return take(in.getImageRequest());
    case Message::IMAGE_PART:
      return take(in.getImagePart());
    case Message::FRESHNESS:
      return take(in.getFreshness());
    case Message::STATUS_REQUEST:
      return take(in.getStatusRequest());
    case Message::STATUS_REPLY:
      return take(in.getStatusReply());
    case Message::PRE_VOTE:
      return paxos::Message(take(in.getPreVote()));
    case Message::PRE_VOTE_REPLY:
      return paxos::Message(take(in.getPreVoteReply()));
    case Message::PREPARE:
      return paxos::Message(take(in.getPrepare()));
    case Message::PROMISE:
      return paxos::Message(take(in.getPromise()));
    case Message::REFUSED:
      return paxos::Message(take(in.getRefused()));
    case Message::ACCEPT:
      return paxos::Message(take(in.getAccept()));
    case Message::ACCEPTED:
      return paxos::Message(take(in.getAccepted()));
    case Message::CHOSEN:
      return paxos::Message(take(in.getChosen()));
    case Message::HEARTBEAT:
      return paxos::Message(take(in.getHeartbeat()));
    case Message::FETCH:
      return paxos::Message(take(in.getFetch()));
    case Message::LEARN:
      return paxos::Message(take(in.getLearn()));
    case Message::GO:
      return paxos::Message(take(in.getGo()));
  }
  throw UnknownValue{};
}

// An entry, a command or a founder, without what it holds.
constexpr std::size_t element_bytes = 64;

std::size_t bytes_of(const std::vector<paxos::Entry>& entries) {
  std::size_t bytes = 0;
  for (const auto& entry : entries) bytes += element_bytes + entry.payload.size();
  return bytes;
}

// Only messages that can be large have to say how large.
struct Extra {
  std::size_t operator()(const auto&) const { return 0; }
  std::size_t operator()(const engine::Hello& value) const {
    return 8 * value.store_nonces.size() + 2 * element_bytes * value.founders.size();
  }
  std::size_t operator()(const engine::Forward& value) const {
    std::size_t bytes = 0;
    for (const auto& command : value.commands) bytes += element_bytes + command.size();
    return bytes;
  }
  std::size_t operator()(const engine::ImagePart& value) const { return value.bytes.size(); }
  std::size_t operator()(const paxos::Message& value) const { return std::visit(*this, value); }
  std::size_t operator()(const paxos::Promise& value) const {
    std::size_t bytes = 0;
    for (const auto& reported : value.reported) bytes += 2 * element_bytes + reported.entry.payload.size();
    return bytes;
  }
  std::size_t operator()(const paxos::Accept& value) const { return bytes_of(value.entries); }
  std::size_t operator()(const paxos::Learn& value) const { return bytes_of(value.entries); }
};

}  // namespace

void put(Message::Builder out, const engine::Message& value) { std::visit(PutArm{out}, value); }

engine::Message take(Message::Reader in) {
  try {
    return take_known(in);
  } catch (const UnknownValue&) {
    return engine::UnknownMessage{static_cast<std::uint16_t>(in.which())};
  }
}

std::size_t bytes_expected(const engine::Message& value) { return 256 + std::visit(Extra{}, value); }

}  // namespace conclave::schema
