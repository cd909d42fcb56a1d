// Consensus: its words and its messages.
#include "wire/paxos_codec.hpp"

#include <algorithm>

#include "wire/limits.hpp"

namespace conclave::schema {

// ---- Words ----

void put(Ballot::Builder out, const paxos::Ballot& value) {
  out.setRound(value.round.value);
  put(out.getMember(), value.member);
}

paxos::Ballot take(Ballot::Reader in) { return {paxos::Round(in.getRound()), take_member(in.getMember())}; }

void put(Entry::Builder out, const paxos::Entry& value) {
  out.setKind(static_cast<std::uint16_t>(value.kind));
  out.setStamp(value.stamp.value);
  out.setPayload(blob(value.payload));
}

paxos::Entry take(Entry::Reader in) {
  return {.kind = static_cast<paxos::EntryKind>(in.getKind()),
          .stamp = paxos::ClusterTime(in.getStamp()),
          .payload = take_payload(in.getPayload(), wire::entry_payload_bytes_max, "Entry.payload")};
}

void put(ConfigurationRef::Builder out, const paxos::ConfigurationRef& value) {
  out.setId(value.id.value);
  out.setSlot(value.slot.value);
}

paxos::ConfigurationRef take(ConfigurationRef::Reader in) {
  return {.id = paxos::ConfigurationId(in.getId()), .slot = Slot(in.getSlot())};
}

static void put(Voter::Builder out, const paxos::Voter& value) {
  put(out.getMember(), value.member);
  out.setIncarnation(value.incarnation.value);
}

static paxos::Voter take(Voter::Reader in) {
  return {.member = take_member(in.getMember()), .incarnation = paxos::Incarnation(in.getIncarnation())};
}

void put(Configuration::Builder out, const paxos::PlacedConfiguration& value) {
  out.setId(value.configuration.id.value);
  out.setReplaces(value.configuration.replaces.value);
  out.setSlot(value.slot.value);
  put_list(out.initVoters(count(value.configuration.voters)), value.configuration.voters);
}

paxos::PlacedConfiguration take(Configuration::Reader in) {
  auto voters = take_list(in.getVoters(), wire::voters_max, "Configuration.voters");
  const auto unsorted = std::ranges::adjacent_find(voters, std::ranges::greater_equal(), &paxos::Voter::member);
  if (voters.empty() || unsorted != voters.end())
    throw wire::Malformed{"Configuration.voters are none, unsorted or repeated"};
  return {.slot = Slot(in.getSlot()),
          .configuration = {.id = paxos::ConfigurationId(in.getId()),
                            .replaces = paxos::ConfigurationId(in.getReplaces()),
                            .voters = std::move(voters)}};
}

// ---- Elections and phase 1 ----

void put(PreVote::Builder out, const paxos::PreVote& value) {
  put(out.initBallot(), value.ballot);
  put(out.initConfiguration(), value.configuration);
  out.setLastAccepted(value.last_accepted.value);
}

paxos::PreVote take(PreVote::Reader in) {
  return {.ballot = take(in.getBallot()),
          .configuration = take(in.getConfiguration()),
          .last_accepted = Slot(in.getLastAccepted())};
}

void put(PreVoteReply::Builder out, const paxos::PreVoteReply& value) {
  put(out.initBallot(), value.ballot);
  out.setGranted(value.granted);
  out.setReason(static_cast<PreVoteReply::Reason>(value.reason));
  put(out.initPromised(), value.promised);
  out.setWatermark(value.watermark.value);
  if (value.newer) put(out.initNewer(), *value.newer);
}

paxos::PreVoteReply take(PreVoteReply::Reader in) {
  paxos::PreVoteReply value;
  value.ballot = take(in.getBallot());
  value.granted = in.getGranted();
  value.reason = static_cast<paxos::PreVoteReason>(std::min(in.getReason(), PreVoteReply::Reason::OTHER));
  value.promised = take(in.getPromised());
  value.watermark = Slot(in.getWatermark());
  if (in.hasNewer()) value.newer = take(in.getNewer());
  return value;
}

void put(Prepare::Builder out, const paxos::Prepare& value) {
  put(out.initBallot(), value.ballot);
  out.setWatermark(value.watermark.value);
  put(out.initConfiguration(), value.configuration);
  out.setBootNonce(value.boot_nonce);
}

paxos::Prepare take(Prepare::Reader in) {
  return {.ballot = take(in.getBallot()),
          .watermark = Slot(in.getWatermark()),
          .configuration = take(in.getConfiguration()),
          .boot_nonce = in.getBootNonce()};
}

static void put(Reported::Builder out, const paxos::Reported& value) {
  out.setSlot(value.slot.value);
  put(out.initBallot(), value.ballot);
  out.setChosen(value.chosen);
  put(out.initEntry(), value.entry);
}

static paxos::Reported take(Reported::Reader in) {
  return {.slot = Slot(in.getSlot()),
          .ballot = take(in.getBallot()),
          .chosen = in.getChosen(),
          .entry = take(in.getEntry())};
}

void put(Promise::Builder out, const paxos::Promise& value) {
  put(out.initBallot(), value.ballot);
  out.setIncarnation(value.incarnation.value);
  out.setWatermark(value.watermark.value);
  out.setFirstHeld(value.first_held.value);
  put_list(out.initReported(count(value.reported)), value.reported);
  out.setPart(value.part);
  out.setLastPart(value.last_part);
  out.setBootNonce(value.boot_nonce);
}

paxos::Promise take(Promise::Reader in) {
  return {.ballot = take(in.getBallot()),
          .incarnation = paxos::Incarnation(in.getIncarnation()),
          .watermark = Slot(in.getWatermark()),
          .first_held = Slot(in.getFirstHeld()),
          .reported = take_list(in.getReported(), wire::entries_max, "Promise.reported"),
          .part = in.getPart(),
          .last_part = in.getLastPart(),
          .boot_nonce = in.getBootNonce()};
}

void put(Refused::Builder out, const paxos::Refused& value) {
  put(out.initBallot(), value.ballot);
  put(out.initPromised(), value.promised);
  if (value.newer) put(out.initNewer(), *value.newer);
}

paxos::Refused take(Refused::Reader in) {
  paxos::Refused value{.ballot = take(in.getBallot()), .promised = take(in.getPromised()), .newer = {}};
  if (in.hasNewer()) value.newer = take(in.getNewer());
  return value;
}

// ---- Phase 2 ----

void put(Accept::Builder out, const paxos::Accept& value) {
  put(out.initBallot(), value.ballot);
  out.setFirst(value.first.value);
  put_list(out.initEntries(count(value.entries)), value.entries);
  out.setChosenUpto(value.chosen_upto.value);
}

paxos::Accept take(Accept::Reader in) {
  return {.ballot = take(in.getBallot()),
          .first = Slot(in.getFirst()),
          .entries = take_list(in.getEntries(), wire::entries_max, "Accept.entries"),
          .chosen_upto = Slot(in.getChosenUpto())};
}

void put(Accepted::Builder out, const paxos::Accepted& value) {
  put(out.initBallot(), value.ballot);
  out.setIncarnation(value.incarnation.value);
  out.setWatermark(value.watermark.value);
  out.setUpto(value.upto.value);
  out.setGap(value.gap);
}

paxos::Accepted take(Accepted::Reader in) {
  return {.ballot = take(in.getBallot()),
          .incarnation = paxos::Incarnation(in.getIncarnation()),
          .watermark = Slot(in.getWatermark()),
          .upto = Slot(in.getUpto()),
          .gap = in.getGap()};
}

void put(Chosen::Builder out, const paxos::Chosen& value) {
  put(out.initBallot(), value.ballot);
  out.setUpto(value.upto.value);
}

paxos::Chosen take(Chosen::Reader in) { return {.ballot = take(in.getBallot()), .upto = Slot(in.getUpto())}; }

// ---- Evidence ----

static void put(Echo::Builder out, const paxos::Echo& value) {
  put(out.initBallot(), value.ballot);
  out.setRound(value.round.value);
}

static paxos::Echo take(Echo::Reader in) {
  return {.ballot = take(in.getBallot()), .round = paxos::RoundTrip(in.getRound())};
}

void put(Heartbeat::Builder out, const paxos::Heartbeat& value) {
  if (value.leading) put(out.initLeading(), *value.leading);
  out.setRound(value.round.value);
  if (value.echo) put(out.initEcho(), *value.echo);
  out.setIncarnation(value.incarnation.value);
  put(out.initPromised(), value.promised);
  out.setWatermark(value.watermark.value);
  out.setLastAccepted(value.last_accepted.value);
  put(out.initConfiguration(), value.configuration);
  out.setContent(value.content);
  out.setDiskFailing(!value.disk_healthy);
  out.setPauseSeenMs(value.pause_seen_ms);
  out.setPriority(value.priority);
}

paxos::Heartbeat take(Heartbeat::Reader in) {
  paxos::Heartbeat value;
  if (in.hasLeading()) value.leading = take(in.getLeading());
  value.round = paxos::RoundTrip(in.getRound());
  if (in.hasEcho()) value.echo = take(in.getEcho());
  value.incarnation = paxos::Incarnation(in.getIncarnation());
  value.promised = take(in.getPromised());
  value.watermark = Slot(in.getWatermark());
  value.last_accepted = Slot(in.getLastAccepted());
  value.configuration = take(in.getConfiguration());
  value.content = in.getContent();
  value.disk_healthy = !in.getDiskFailing();
  value.pause_seen_ms = in.getPauseSeenMs();
  value.priority = in.getPriority();
  return value;
}

// ---- Learning and handover ----

void put(Fetch::Builder out, const paxos::Fetch& value) {
  out.setFrom(value.from.value);
  out.setUpto(value.upto.value);
}

paxos::Fetch take(Fetch::Reader in) { return {.from = Slot(in.getFrom()), .upto = Slot(in.getUpto())}; }

void put(Learn::Builder out, const paxos::Learn& value) {
  out.setFirst(value.first.value);
  put_list(out.initEntries(count(value.entries)), value.entries);
  out.setWatermark(value.watermark.value);
}

paxos::Learn take(Learn::Reader in) {
  return {.first = Slot(in.getFirst()),
          .entries = take_list(in.getEntries(), wire::entries_max, "Learn.entries"),
          .watermark = Slot(in.getWatermark())};
}

void put(Go::Builder out, const paxos::Go& value) {
  put(out.initBallot(), value.ballot);
  put(out.initTarget(), value.target);
  out.setWatermark(value.watermark.value);
}

paxos::Go take(Go::Reader in) {
  return {.ballot = take(in.getBallot()), .target = take_member(in.getTarget()), .watermark = Slot(in.getWatermark())};
}

}  // namespace conclave::schema
