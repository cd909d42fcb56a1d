#include "sim/report/packet_words.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "transport/frame.hpp"
#include "wire/datagram.hpp"
#include "wire/frame.hpp"

namespace conclave::sim {
namespace {

using paxos::to_string;

std::string number(Slot slot) { return std::to_string(slot.value); }

std::string run_of(Slot first, std::size_t count) {
  if (count == 0) return "nothing new";
  const auto last = first.value + count - 1;
  return count == 1 ? "slot " + number(first) : "slots " + number(first) + " to " + std::to_string(last);
}

PacketWords said(MessageKind kind, std::string text) { return {.kind = kind, .routine = false, .text = std::move(text)}; }
PacketWords routine(MessageKind kind, std::string text) { return {.kind = kind, .routine = true, .text = std::move(text)}; }

// ---- Consensus ----

PacketWords words(const paxos::PreVote& m) { return said(MessageKind::election, "pre-vote " + to_string(m.ballot) + '?'); }
PacketWords words(const paxos::PreVoteReply& m) {
  return said(MessageKind::election, std::string(m.granted ? "yes" : "no") + " to pre-vote " + to_string(m.ballot));
}
PacketWords words(const paxos::Prepare& m) {
  return said(MessageKind::election, "prepare " + to_string(m.ballot) + ", knows up to slot " + number(m.watermark));
}
PacketWords words(const paxos::Promise& m) {
  return said(MessageKind::election, "promise " + to_string(m.ballot) + ", reports " + std::to_string(m.reported.size()) +
                                         " slots above, knows up to " + number(m.watermark));
}
PacketWords words(const paxos::Refused& m) {
  return said(MessageKind::election, "refuses " + to_string(m.ballot) + ": has promised " + to_string(m.promised));
}
PacketWords words(const paxos::Accept& m) {
  return said(MessageKind::agreement, "accept " + to_string(m.ballot) + ' ' + run_of(m.first, m.entries.size()) +
                                          ", chosen up to " + number(m.chosen_upto));
}
PacketWords words(const paxos::Accepted& m) {
  return said(MessageKind::agreement, "accepted " + to_string(m.ballot) + " up to slot " + number(m.upto) + ", knows up to " +
                                          number(m.watermark) + (m.gap ? ", a gap" : ""));
}
PacketWords words(const paxos::Chosen& m) {
  return said(MessageKind::agreement, "chosen up to slot " + number(m.upto) + " in " + to_string(m.ballot));
}
PacketWords words(const paxos::Heartbeat& m) {
  if (m.leading) return routine(MessageKind::heartbeat, "heartbeat: leads in " + to_string(*m.leading));
  if (m.echo) return routine(MessageKind::heartbeat, "heartbeat: echo of the round of " + to_string(m.echo->ballot));
  return routine(MessageKind::heartbeat, "heartbeat");
}
PacketWords words(const paxos::Fetch& m) {
  return said(MessageKind::learning, "fetch slots " + number(m.from) + " to " + number(m.upto));
}
PacketWords words(const paxos::Learn& m) {
  return said(MessageKind::learning, "learn " + run_of(m.first, m.entries.size()) + ", known up to " + number(m.watermark));
}
PacketWords words(const paxos::Go& m) { return said(MessageKind::election, "go: stand for leader, from " + to_string(m.ballot)); }
PacketWords words(const paxos::Message& m) {
  return std::visit([](const auto& held) { return words(held); }, m);
}

// ---- The others ----

PacketWords words(const engine::Hello& m) {
  return said(MessageKind::link, "hello: promised " + to_string(m.promised) + ", last slot " + number(m.last_slot) +
                                     (m.has_vote ? "" : ", no vote"));
}
PacketWords words(const engine::Refusal& m) { return said(MessageKind::link, "refuses the link: " + m.detail); }
PacketWords words(const engine::Goodbye&) { return said(MessageKind::link, "goodbye"); }
PacketWords words(const engine::LockIn&) { return said(MessageKind::link, "founding: lock in"); }
PacketWords words(const engine::LockedIn&) { return said(MessageKind::link, "founding: locked in"); }
PacketWords words(const engine::Commit&) { return said(MessageKind::link, "founding: commit"); }
PacketWords words(const engine::Forward& m) {
  return said(MessageKind::session, std::to_string(m.commands.size()) + (m.commands.size() == 1 ? " command" : " commands") + " for the leader");
}
PacketWords words(const engine::ForwardReply& m) {
  using Kind = engine::ForwardReply::Kind;
  const auto session = "s" + std::to_string(m.session.value);
  if (m.kind == Kind::resend) return said(MessageKind::session, "commands of " + session + ": send again from " + std::to_string(m.sequence.value));
  if (m.kind == Kind::overloaded) return said(MessageKind::session, "commands of " + session + ": overloaded");
  if (m.kind == Kind::not_leader) return said(MessageKind::session, "commands: not the leader");
  return said(MessageKind::session, "session " + session + " is unknown");
}
PacketWords words(const engine::Renew& m) {
  std::string text = "renew";
  for (const auto& item : m.items) text += " s" + std::to_string(item.session.value);
  return routine(MessageKind::session, text);
}
PacketWords words(const engine::RenewAck& m) {
  std::string text = "renewed";
  for (const auto& item : m.items) text += " s" + std::to_string(item.session.value) + (item.ending.empty() ? "" : " but for what is ending");
  return routine(MessageKind::session, text);
}
PacketWords words(const engine::EndFormer& m) {
  return said(MessageKind::session, "end the former session s" + std::to_string(m.session.value));
}
PacketWords words(const engine::ReadIndex&) { return said(MessageKind::read, "read: up to which slot?"); }
PacketWords words(const engine::ReadIndexReply& m) {
  return said(MessageKind::read, m.ok ? "read: up to slot " + number(m.slot) : "read: not the leader");
}
PacketWords words(const engine::Attach& m) { return said(MessageKind::learning, "attach from slot " + number(m.applied)); }
PacketWords words(const engine::ImageRequest& m) { return said(MessageKind::learning, "image: part " + std::to_string(m.part) + '?'); }
PacketWords words(const engine::ImagePart& m) {
  return said(MessageKind::learning, "image up to slot " + number(m.slot) + ": part " + std::to_string(m.part));
}
PacketWords words(const engine::Freshness&) { return routine(MessageKind::heartbeat, "freshness"); }
PacketWords words(const engine::StatusRequest&) { return said(MessageKind::link, "status?"); }
PacketWords words(const engine::StatusReply&) { return said(MessageKind::link, "status"); }
PacketWords words(const engine::UnknownMessage&) { return said(MessageKind::link, "a message of an unknown kind"); }

// ---- Packets ----

/// The most telling message gives the kind, and what says nothing new is left out beside what does.
PacketWords frame_words(const transport::Packet& packet) {
  if (packet.bytes.size() < transport::frame_header_bytes) return said(MessageKind::link, "a broken frame");
  const auto frame = wire::decode_frame(BytesView(packet.bytes).subspan(transport::frame_header_bytes));
  if (!frame) return said(MessageKind::link, "a frame that nobody reads: " + frame.error().detail);
  std::vector<PacketWords> all;
  for (const auto& message : frame->messages)
    all.push_back(std::visit([](const auto& held) { return words(held); }, message));
  std::ranges::stable_sort(all, {}, [](const auto& each) { return std::pair(each.routine, each.kind); });
  if (all.empty()) return routine(MessageKind::link, "an empty frame");
  auto result = all.front();
  for (std::size_t i = 1; i < all.size(); ++i)
    if (all[i].routine == result.routine) result.text += "; " + all[i].text;
  return result;
}

PacketWords datagram_words(const transport::Packet& packet) {
  const auto body = transport::datagram_body(packet.bytes);
  const auto datagram = body ? wire::decode_datagram(*body) : Result<engine::Datagram>(body.error());
  if (!datagram) return said(MessageKind::gossip, "a datagram that nobody reads");
  constexpr std::array<std::string_view, std::variant_size_v<gossip::Body>> names{"ping", "ping, please", "ack", "nack", "join", "join reply", "tell"};
  std::string text(names[datagram->message.body.index()]);
  constexpr std::array<std::string_view, 4> states{"alive", "suspect", "dead", "left"};
  bool bad_news = false;
  for (const auto& rumour : datagram->message.rumours) {
    text += ", " + rumour.name + " is " + std::string(states[static_cast<std::size_t>(rumour.state)]);
    bad_news |= rumour.state != gossip::State::alive;
  }
  return {.kind = MessageKind::gossip, .routine = !bad_news, .text = text};
}

}  // namespace

PacketWords describe(const transport::Packet& packet) {
  using Sort = transport::Packet::Kind;
  if (packet.kind == Sort::frame) return frame_words(packet);
  if (packet.kind == Sort::datagram) return datagram_words(packet);
  if (packet.kind == Sort::dial) return said(MessageKind::link, "opens a link");
  if (packet.kind == Sort::accept) return said(MessageKind::link, "the link is open");
  if (packet.kind == Sort::refuse) return said(MessageKind::link, "no: nobody listens");
  return said(MessageKind::link, "the link is closed");
}

}  // namespace conclave::sim
