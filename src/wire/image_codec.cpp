// The image: sessions with their answers, resources with their queues, free names, losses.
#include "wire/image_codec.hpp"

#include <conclave/config.hpp>

#include "wire/command_codec.hpp"

namespace conclave::schema {

using std::chrono::milliseconds;

static void put(Request::Builder out, const coordination::RequestId& value) {
  out.setSession(value.session.value);
  out.setSequence(value.sequence.value);
}

static coordination::RequestId take(Request::Reader in) {
  return {.session = SessionId(in.getSession()), .sequence = Sequence(in.getSequence())};
}

// ---- Sessions ----

static void put(Outcome::Builder out, const coordination::Outcome& value) {
  out.setStatus(static_cast<std::uint8_t>(value.status));
  out.setToken(value.token.value);
  out.setVersion(value.version);
  out.setResult(blob(value.result));
}

static coordination::Outcome take(Outcome::Reader in) {
  return {.status = static_cast<coordination::Status>(in.getStatus()),
          .token = Token(in.getToken()),
          .version = in.getVersion(),
          .result = take_bytes(in.getResult(), any_size, "Outcome.result")};
}

static void put(Answer::Builder out, const coordination::Answer& value) {
  out.setFromUser(value.from_user);
  if (value.outcome) put(out.initOutcome(), *value.outcome);
}

static coordination::Answer take(Answer::Reader in) {
  coordination::Answer value{.from_user = in.getFromUser(), .outcome = {}};
  if (in.hasOutcome()) value.outcome = take(in.getOutcome());
  return value;
}

static void put(Session::Builder out, const coordination::Session& value) {
  out.setId(value.id.value);
  put(out.initNonce(), value.nonce);
  put(out.initOwner(), value.owner);
  out.setOwnerName(blob(value.owner_name));
  out.setTtlMs(value.ttl.count());
  out.setEphemeral(value.ephemeral);
  out.setOpenedAt(value.opened_at.value);
  out.setNextSequence(value.next_sequence.value);
  put_list(out.initAnswers(count(value.answers)), value.answers);
}

static coordination::Session take(Session::Reader in) {
  coordination::Session value;
  value.id = SessionId(in.getId());
  value.nonce = take(in.getNonce());
  value.owner = take_member(in.getOwner());
  value.owner_name = take_string(in.getOwnerName(), any_size, "Session.ownerName");
  value.ttl = milliseconds(in.getTtlMs());
  value.ephemeral = in.getEphemeral();
  value.opened_at = ClusterTime(in.getOpenedAt());
  value.next_sequence = Sequence(in.getNextSequence());
  for (const auto answer : in.getAnswers()) value.answers.push_back(take(answer));
  return value;
}

// ---- Resources ----

static void put(Grant::Builder out, const coordination::Grant& value) {
  out.setToken(value.token.value);
  out.setVersion(value.version);
  put(out.initRequest(), value.request);
  put(out.initOwner(), value.owner);
  out.setOwnerName(blob(value.owner_name));
  out.setSlot(value.slot.value);
  out.setTime(value.time.value);
  out.setValue(blob(value.value));
  out.setMaxHoldMs(value.max_hold.count());
  if (value.ending) out.getEnding().setCause(static_cast<std::uint8_t>(*value.ending));
}

static coordination::Grant take(Grant::Reader in) {
  coordination::Grant value;
  value.token = Token(in.getToken());
  value.version = in.getVersion();
  value.request = take(in.getRequest());
  value.owner = take_member(in.getOwner());
  value.owner_name = take_string(in.getOwnerName(), any_size, "Grant.ownerName");
  value.slot = Slot(in.getSlot());
  value.time = ClusterTime(in.getTime());
  value.value = take_bytes(in.getValue(), any_size, "Grant.value");
  value.max_hold = milliseconds(in.getMaxHoldMs());
  if (in.getEnding().isCause()) value.ending = static_cast<coordination::Cause>(in.getEnding().getCause());
  return value;
}

static void put(Waiter::Builder out, const coordination::Waiter& value) {
  out.setPriority(value.place.priority);
  out.setSlot(value.place.slot.value);
  put(out.initRequest(), value.request);
  put(out.initOwner(), value.owner);
  out.setOwnerName(blob(value.owner_name));
  out.setSince(value.since.value);
  out.setValue(blob(value.value));
  out.setMaxHoldMs(value.max_hold.count());
}

static coordination::Waiter take(Waiter::Reader in) {
  return {.place = {.priority = in.getPriority(), .slot = Slot(in.getSlot())},
          .request = take(in.getRequest()),
          .owner = take_member(in.getOwner()),
          .owner_name = take_string(in.getOwnerName(), any_size, "Waiter.ownerName"),
          .since = ClusterTime(in.getSince()),
          .value = take_bytes(in.getValue(), any_size, "Waiter.value"),
          .max_hold = milliseconds(in.getMaxHoldMs())};
}

static void put(HeldResource::Builder out, const coordination::ResourceImage& value) {
  put(out.initName(), value.name);
  out.setVersion(value.version);
  put(out.initHolder(), value.holder);
  put_list(out.initWaiters(count(value.waiters)), value.waiters);
}

static coordination::ResourceImage take(HeldResource::Reader in) {
  return {.name = take(in.getName()),
          .version = in.getVersion(),
          .holder = take(in.getHolder()),
          .waiters = take_list(in.getWaiters(), any_size, "HeldResource.waiters")};
}

static void put(FreeResource::Builder out, const coordination::FreeImage& value) {
  put(out.initName(), value.name);
  out.setVersion(value.version);
  out.setSince(value.since.value);
}

static coordination::FreeImage take(FreeResource::Reader in) {
  return {.name = take(in.getName()), .version = in.getVersion(), .since = Slot(in.getSince())};
}

static void put(Loss::Builder out, const coordination::Loss& value) {
  out.setSlot(value.slot.value);
  out.setTime(value.time.value);
  put(out.initResource(), value.resource);
  out.setToken(value.token.value);
  put(out.initRequest(), value.request);
  put(out.initOwner(), value.owner);
  out.setOwnerName(blob(value.owner_name));
  out.setCause(static_cast<std::uint8_t>(value.cause));
}

static coordination::Loss take(Loss::Reader in) {
  return {.slot = Slot(in.getSlot()),
          .time = ClusterTime(in.getTime()),
          .resource = take(in.getResource()),
          .token = Token(in.getToken()),
          .request = take(in.getRequest()),
          .owner = take_member(in.getOwner()),
          .owner_name = take_string(in.getOwnerName(), any_size, "Loss.ownerName"),
          .cause = static_cast<coordination::Cause>(in.getCause())};
}

// ---- The whole ----

void put(Image::Builder out, const coordination::Image& value) {
  out.setApplied(value.applied.value);
  out.setNow(value.now.value);
  out.getTerm().setRound(value.term.round);
  put(out.getTerm().initMember(), value.term.member);
  out.setLineage(value.lineage);
  out.setGrants(value.grants);
  put_list(out.initSessions(count(value.sessions)), value.sessions);
  put_list(out.initResources(count(value.resources)), value.resources);
  put_list(out.initFree(count(value.free)), value.free);
  out.setVersionFloor(value.version_floor);
  put_list(out.initLosses(count(value.losses)), value.losses);
  out.setDigest(blob(value.digest));
  if (!value.user) return;
  auto user = out.getUser().initState();
  user.setDigest(value.user->digest);
  auto chunks = user.initChunks(count(value.user->chunks));
  for (unsigned i = 0; i < chunks.size(); ++i) chunks.set(i, blob(value.user->chunks[i]));
}

static coordination::UserState take(UserState::Reader in) {
  return {.digest = in.getDigest(), .chunks = take_list(in.getChunks(), any_size, "UserState.chunks", [](auto chunk) {
            return take_bytes(chunk, snapshot_chunk_bytes_max, "UserState.chunks");
          })};
}

coordination::Image take(Image::Reader in) {
  coordination::Image value;
  value.applied = Slot(in.getApplied());
  value.now = ClusterTime(in.getNow());
  value.term = {.round = in.getTerm().getRound(), .member = take_member(in.getTerm().getMember())};
  value.lineage = in.getLineage();
  value.grants = in.getGrants();
  value.sessions = take_list(in.getSessions(), any_size, "Image.sessions");
  value.resources = take_list(in.getResources(), any_size, "Image.resources");
  value.free = take_list(in.getFree(), any_size, "Image.free");
  value.version_floor = in.getVersionFloor();
  value.losses = take_list(in.getLosses(), any_size, "Image.losses");
  value.digest = take_sha256(in.getDigest(), "Image.digest");
  if (in.getUser().isState()) value.user = take(in.getUser().getState());
  return value;
}

}  // namespace conclave::schema
