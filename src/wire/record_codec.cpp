// The fields of each record.
#include "wire/record_codec.hpp"

#include "wire/limits.hpp"
#include "wire/link_codec.hpp"
#include "wire/paxos_codec.hpp"

namespace conclave::schema {

void put(IdentityRecord::Builder out, const engine::IdentityRecord& value) {
  put(out.initMember(), value.member);
  put(out.initFoundingNonce(), value.founding_nonce);
  out.setClusterName(text(value.cluster_name));
  out.setName(text(value.name));
}

engine::IdentityRecord take(IdentityRecord::Reader in) {
  return {.member = take_member(in.getMember()),
          .founding_nonce = take(in.getFoundingNonce()),
          .cluster_name = take_text(in.getClusterName(), cluster_name_bytes_max, "IdentityRecord.clusterName"),
          .name = take_text(in.getName(), member_name_bytes_max, "IdentityRecord.name")};
}

void put(GenerationRecord::Builder out, const engine::GenerationRecord& value) {
  put(out.initMember(), value.member);
  out.setBootEpoch(value.boot_epoch);
  put_numbers(out.initNonces(count(value.nonces)), value.nonces);
  put(out.initMachineBoot(), value.machine_boot);
  out.setLockDevice(value.lock_device);
  out.setLockInode(value.lock_inode);
}

engine::GenerationRecord take(GenerationRecord::Reader in) {
  return {.member = take_member(in.getMember()),
          .boot_epoch = in.getBootEpoch(),
          .nonces = take_numbers(in.getNonces(), wire::store_nonces_max, "GenerationRecord.nonces"),
          .machine_boot = take(in.getMachineBoot()),
          .lock_device = in.getLockDevice(),
          .lock_inode = in.getLockInode()};
}

void put(GenesisRecord::Builder out, const engine::GenesisRecord& value) {
  out.setCommitted(value.committed);
  put(out.initCluster(), value.cluster);
  put(out.initLineage(), value.lineage);
  put_list(out.initFounders(count(value.founders)), value.founders);
  out.setIncarnation(value.incarnation.value);
}

engine::GenesisRecord take(GenesisRecord::Reader in) {
  return {.committed = in.getCommitted(),
          .cluster = take_cluster(in.getCluster()),
          .lineage = take(in.getLineage()),
          .founders = take_list(in.getFounders(), wire::voters_max, "GenesisRecord.founders"),
          .incarnation = paxos::Incarnation(in.getIncarnation())};
}

void put(PromiseRecord::Builder out, const engine::PromiseRecord& value) {
  put(out.initCluster(), value.cluster);
  put(out.initMember(), value.member);
  out.setIncarnation(value.incarnation.value);
  put(out.initPromised(), value.promised);
}

engine::PromiseRecord take(PromiseRecord::Reader in) {
  return {.cluster = take_cluster(in.getCluster()),
          .member = take_member(in.getMember()),
          .incarnation = paxos::Incarnation(in.getIncarnation()),
          .promised = take(in.getPromised())};
}

void put(AcceptedRecord::Builder out, const engine::AcceptedRecord& value) {
  out.setSlot(value.slot.value);
  put(out.initBallot(), value.ballot);
  put(out.initEntry(), value.entry);
}

engine::AcceptedRecord take(AcceptedRecord::Reader in) {
  return {.slot = Slot(in.getSlot()), .ballot = take(in.getBallot()), .entry = take(in.getEntry())};
}

void put(WatermarkRecord::Builder out, const engine::WatermarkRecord& value) {
  out.setWatermark(value.watermark.value);
}

engine::WatermarkRecord take(WatermarkRecord::Reader in) { return {.watermark = Slot(in.getWatermark())}; }

void put(PeerRecord::Builder out, const engine::PeerRecord& value) {
  put(out.initMember(), value.member);
  out.setNonce(value.nonce);
  put(out.initPromised(), value.promised);
  out.setLastSlot(value.last_slot.value);
}

engine::PeerRecord take(PeerRecord::Reader in) {
  return {.member = take_member(in.getMember()),
          .nonce = in.getNonce(),
          .promised = take(in.getPromised()),
          .last_slot = Slot(in.getLastSlot())};
}

void put(VoteLostRecord::Builder out, const engine::VoteLostRecord& value) {
  out.setReason(text(sentence(value.reason)));
}

engine::VoteLostRecord take(VoteLostRecord::Reader in) {
  return {.reason = take_text(in.getReason(), wire::detail_bytes_max, "VoteLostRecord.reason")};
}

void put(SessionRecord::Builder out, const engine::SessionRecord& value) {
  out.setSession(value.session.value);
  out.setNonce(value.nonce);
}

engine::SessionRecord take(SessionRecord::Reader in) {
  return {.session = SessionId(in.getSession()), .nonce = in.getNonce()};
}

}  // namespace conclave::schema
