// Sessions, reads and observers.
#include "wire/session_codec.hpp"

#include "wire/limits.hpp"

namespace conclave::schema {
static void put(Renew::Item::Builder out, const engine::Renew::Item& value) {
  out.setSession(value.session.value);
  out.setNumber(value.number);
}

static engine::Renew::Item take(Renew::Item::Reader in) {
  return {.session = SessionId(in.getSession()), .number = in.getNumber()};
}

static void put(RenewAck::Item::Builder out, const engine::RenewAck::Item& value) {
  out.setSession(value.session.value);
  out.setNumber(value.number);
  put_numbers(out.initEnding(count(value.ending)), value.ending);
}

static engine::RenewAck::Item take(RenewAck::Item::Reader in) {
  return {.session = SessionId(in.getSession()),
          .number = in.getNumber(),
          .ending = take_numbers<Token>(in.getEnding(), wire::endings_max, "RenewAck.ending")};
}

void put(Forward::Builder out, const engine::Forward& value) {
  auto commands = out.initCommands(count(value.commands));
  for (unsigned i = 0; i < commands.size(); ++i) commands.set(i, blob(value.commands[i]));
}

engine::Forward take(Forward::Reader in) {
  return {.commands =
              take_list(in.getCommands(), wire::commands_max, "Forward.commands", [](capnp::Data::Reader command) {
                return take_payload(command, wire::entry_payload_bytes_max, "a forwarded command");
              })};
}

void put(ForwardReply::Builder out, const engine::ForwardReply& value) {
  out.setKind(static_cast<ForwardReply::Kind>(value.kind));
  out.setSession(value.session.value);
  out.setSequence(value.sequence.value);
}

engine::ForwardReply take(ForwardReply::Reader in) {
  return {.kind = take_enum(in.getKind(), engine::ForwardReply::Kind::unknown_session),
          .session = SessionId(in.getSession()),
          .sequence = Sequence(in.getSequence())};
}

void put(Renew::Builder out, const engine::Renew& value) { put_list(out.initItems(count(value.items)), value.items); }

engine::Renew take(Renew::Reader in) { return {.items = take_list(in.getItems(), wire::renewals_max, "Renew.items")}; }

void put(RenewAck::Builder out, const engine::RenewAck& value) {
  put_list(out.initItems(count(value.items)), value.items);
}

engine::RenewAck take(RenewAck::Reader in) {
  return {.items = take_list(in.getItems(), wire::renewals_max, "RenewAck.items")};
}

void put(EndFormer::Builder out, const engine::EndFormer& value) {
  out.setSession(value.session.value);
  out.setFormerNonce(value.former_nonce);
}

engine::EndFormer take(EndFormer::Reader in) {
  return {.session = SessionId(in.getSession()), .former_nonce = in.getFormerNonce()};
}

void put(ReadIndex::Builder out, const engine::ReadIndex& value) { out.setId(value.id); }

engine::ReadIndex take(ReadIndex::Reader in) { return {.id = in.getId()}; }

void put(ReadIndexReply::Builder out, const engine::ReadIndexReply& value) {
  out.setId(value.id);
  out.setOk(value.ok);
  out.setSlot(value.slot.value);
}

engine::ReadIndexReply take(ReadIndexReply::Reader in) {
  return {.id = in.getId(), .ok = in.getOk(), .slot = Slot(in.getSlot())};
}

void put(Attach::Builder out, const engine::Attach& value) {
  out.setApplied(value.applied.value);
  out.setWantsImage(value.wants_image);
}

engine::Attach take(Attach::Reader in) { return {.applied = Slot(in.getApplied()), .wants_image = in.getWantsImage()}; }

void put(ImageRequest::Builder out, const engine::ImageRequest& value) {
  out.setImage(value.image);
  out.setPart(value.part);
}

engine::ImageRequest take(ImageRequest::Reader in) { return {.image = in.getImage(), .part = in.getPart()}; }

void put(ImagePart::Builder out, const engine::ImagePart& value) {
  out.setImage(value.image);
  out.setSlot(value.slot.value);
  out.setPart(value.part);
  out.setParts(value.parts);
  out.setSha256(blob(value.sha256));
  out.setBytes(blob(value.bytes));
}

engine::ImagePart take(ImagePart::Reader in) {
  return {.image = in.getImage(),
          .slot = Slot(in.getSlot()),
          .part = in.getPart(),
          .parts = in.getParts(),
          .sha256 = take_sha256(in.getSha256(), "ImagePart.sha256"),
          .bytes = take_payload(in.getBytes(), wire::image_part_bytes_max, "ImagePart.bytes")};
}

void put(Freshness::Builder out, const engine::Freshness& value) {
  out.setWatermark(value.watermark.value);
  if (value.age_ms) out.getAge().setMilliseconds(*value.age_ms);
  if (value.leader) put(out.initLeader(), *value.leader);
  out.setStamp(value.stamp);
  out.setEcho(value.echo);
}

engine::Freshness take(Freshness::Reader in) {
  engine::Freshness value{.watermark = Slot(in.getWatermark()),
                          .age_ms = {},
                          .leader = {},
                          .stamp = in.getStamp(),
                          .echo = in.getEcho()};
  if (in.getAge().isMilliseconds()) value.age_ms = in.getAge().getMilliseconds();
  if (in.hasLeader()) value.leader = take_member(in.getLeader());
  return value;
}

}  // namespace conclave::schema
