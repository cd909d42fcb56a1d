// Gossip: a body, and the rumours that ride along.
#include "wire/gossip_codec.hpp"

#include "wire/limits.hpp"
#include "wire/link_codec.hpp"
#include "wire/role.hpp"

namespace conclave::schema {
namespace {

void put_body(Gossip::Builder out, const gossip::Tell&) { out.setTell(); }

void put_body(Gossip::Builder out, const gossip::Ping& value) {
  auto ping = out.initPing();
  ping.setNumber(value.number);
  put(ping.initTarget(), value.target);
}

void put_body(Gossip::Builder out, const gossip::PingRequest& value) {
  auto request = out.initPingRequest();
  request.setNumber(value.number);
  put(request.initTarget(), value.target);
  put(request.initAddress(), value.address);
}

void put_body(Gossip::Builder out, const gossip::Ack& value) { out.setAck(value.number); }

void put_body(Gossip::Builder out, const gossip::Nack& value) { out.setNack(value.number); }

void put_body(Gossip::Builder out, const gossip::Join& value) {
  auto join = out.initJoin();
  join.setNumber(value.number);
  put(join.initAfter(), value.after);
  join.setAskBack(value.ask_back);
}

void put_body(Gossip::Builder out, const gossip::JoinReply& value) {
  auto reply = out.initJoinReply();
  reply.setNumber(value.number);
  put(reply.initAfter(), value.after);
  reply.setLast(value.last);
}

gossip::Ping take_ping(Ping::Reader in) { return {.number = in.getNumber(), .target = take_member(in.getTarget())}; }

gossip::PingRequest take_ping_request(PingRequest::Reader in) {
  return {.number = in.getNumber(), .target = take_member(in.getTarget()), .address = take(in.getAddress())};
}

gossip::Join take_join(Join::Reader in) {
  return {.number = in.getNumber(), .after = take_member(in.getAfter()), .ask_back = in.getAskBack()};
}

gossip::JoinReply take_join_reply(JoinReply::Reader in) {
  return {.number = in.getNumber(), .after = take_member(in.getAfter()), .last = in.getLast()};
}

gossip::Body take_body(Gossip::Reader in) {
  switch (in.which()) {
    case Gossip::TELL:
      return gossip::Tell{};
    case Gossip::PING:
      return take_ping(in.getPing());
    case Gossip::PING_REQUEST:
      return take_ping_request(in.getPingRequest());
    case Gossip::ACK:
      return gossip::Ack{in.getAck()};
    case Gossip::NACK:
      return gossip::Nack{in.getNack()};
    case Gossip::JOIN:
      return take_join(in.getJoin());
    case Gossip::JOIN_REPLY:
      return take_join_reply(in.getJoinReply());
  }
  return gossip::Tell{};
}

void put_rumour(Rumour::Builder out, const gossip::Rumour& value) {
  put(out.getMember(), value.member);
  out.setBootEpoch(value.age.boot_epoch.value);
  out.setIncarnation(value.age.incarnation.value);
  put(out.getAccuser(), value.accuser);
  out.setName(text(value.name));
  out.setHost(text(value.address.host));
  out.setPort(value.address.port);
  out.setRole(to_schema(value.role));
  out.setState(static_cast<Rumour::State>(value.state));
  out.setEvidence(static_cast<Rumour::Evidence>(value.evidence));
}

gossip::Rumour take_rumour(Rumour::Reader in) {
  return {
      .member = take_member(in.getMember()),
      .name = take_text(in.getName(), member_name_bytes_max, "Rumour.name"),
      .address = {.host = take_text(in.getHost(), wire::rumour_host_bytes_max, "Rumour.host"), .port = in.getPort()},
      .role = from_schema(in.getRole()),
      .age = {gossip::BootEpoch(in.getBootEpoch()), gossip::Incarnation(in.getIncarnation())},
      .state = take_enum(in.getState(), gossip::State::left),
      .accuser = take_member(in.getAccuser()),
      .evidence = take_enum(in.getEvidence(), gossip::Evidence::refused)};
}

// What a newer version says of one member must not hide what it says of the others.
bool is_known(Rumour::Reader in) {
  return in.getState() <= Rumour::State::LEFT && in.getEvidence() <= Rumour::Evidence::REFUSED;
}

}  // namespace

void put(Gossip::Builder out, const gossip::Message& value) {
  std::visit([out](const auto& body) { put_body(out, body); }, value.body);
  auto rumours = out.initRumours(count(value.rumours));
  for (unsigned i = 0; i < rumours.size(); ++i) put_rumour(rumours[i], value.rumours[i]);
}

gossip::Message take(Gossip::Reader in) {
  gossip::Message value{.body = take_body(in), .rumours = {}};
  for (const auto rumour : in.getRumours())
    if (is_known(rumour)) value.rumours.push_back(take_rumour(rumour));
  return value;
}

}  // namespace conclave::schema
