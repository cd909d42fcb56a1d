// Links and genesis.
#include "wire/link_codec.hpp"

#include "wire/limits.hpp"
#include "wire/paxos_codec.hpp"

namespace conclave::schema {

void put(Lineage::Builder out, const engine::Lineage& value) {
  out.setNumber(value.number);
  put(out.initRecovery(), value.recovery);
}

engine::Lineage take(Lineage::Reader in) { return {.number = in.getNumber(), .recovery = take(in.getRecovery())}; }

void put(Address::Builder out, const conclave::Address& value) {
  out.setHost(text(value.host));
  out.setPort(value.port);
}

conclave::Address take(Address::Reader in) {
  return {.host = take_text(in.getHost(), wire::address_bytes_max, "Address.host"), .port = in.getPort()};
}

void put(Header::Builder out, const engine::Header& value) {
  out.setVersion(value.version);
  out.setStoreNonce(value.store_nonce);
  put(out.getCluster(), value.cluster);
  out.getLineage().setNumber(value.lineage.number);
  put(out.getLineage().getRecovery(), value.lineage.recovery);
  put(out.getSender(), value.sender);
}

engine::Header take(Header::Reader in) {
  return {.version = in.getVersion(),
          .cluster = take_cluster(in.getCluster()),
          .lineage = {.number = in.getLineage().getNumber(), .recovery = take(in.getLineage().getRecovery())},
          .sender = take_member(in.getSender()),
          .store_nonce = in.getStoreNonce()};
}

void put(Hello::Builder out, const engine::Hello& value) {
  out.setVersionMin(value.version_min);
  out.setVersionMax(value.version_max);
  out.setPurpose(static_cast<Purpose>(value.purpose));
  out.setClusterName(text(value.cluster_name));
  put(out.initCluster(), value.cluster);
  put(out.initLineage(), value.lineage);
  put(out.initMember(), value.member);
  out.setName(text(value.name));
  if (value.address) put(out.initAddress(), *value.address);
  out.setEphemeral(value.ephemeral);
  out.setHasVote(value.has_vote);
  out.setIncarnation(value.incarnation.value);
  out.setBootEpoch(value.boot_epoch);
  put_numbers(out.initStoreNonces(count(value.store_nonces)), value.store_nonces);
  put(out.initPromised(), value.promised);
  out.setLastSlot(value.last_slot.value);
  out.setPriority(value.priority);
  out.setStateMachine(text(value.state_machine));
  put_list(out.initFounders(count(value.founders)), value.founders);
  put(out.initFoundingNonce(), value.founding_nonce);
}

engine::Hello take(Hello::Reader in) {
  engine::Hello value;
  value.version_min = in.getVersionMin();
  value.version_max = in.getVersionMax();
  value.purpose = take_enum(in.getPurpose(), engine::Purpose::inquiry);
  value.cluster_name = take_text(in.getClusterName(), cluster_name_bytes_max, "Hello.clusterName");
  value.cluster = take_cluster(in.getCluster());
  value.lineage = take(in.getLineage());
  value.member = take_member(in.getMember());
  value.name = take_text(in.getName(), member_name_bytes_max, "Hello.name");
  if (in.hasAddress()) value.address = take(in.getAddress());
  value.ephemeral = in.getEphemeral();
  value.has_vote = in.getHasVote();
  value.incarnation = paxos::Incarnation(in.getIncarnation());
  value.boot_epoch = in.getBootEpoch();
  value.store_nonces = take_numbers(in.getStoreNonces(), wire::store_nonces_max, "Hello.storeNonces");
  value.promised = take(in.getPromised());
  value.last_slot = Slot(in.getLastSlot());
  value.priority = in.getPriority();
  value.state_machine = take_text(in.getStateMachine(), state_machine_name_bytes_max, "Hello.stateMachine");
  value.founders = take_list(in.getFounders(), wire::voters_max, "Hello.founders");
  value.founding_nonce = take(in.getFoundingNonce());
  return value;
}

void put(Refusal::Builder out, const engine::Refusal& value) {
  out.setCode(value.code);
  out.setDetail(text(sentence(value.detail)));
}

engine::Refusal take(Refusal::Reader in) {
  return {.code = in.getCode(), .detail = take_text(in.getDetail(), wire::detail_bytes_max, "Refusal.detail")};
}

void put(Goodbye::Builder out, const engine::Goodbye& value) { out.setRestarting(value.restarting); }

engine::Goodbye take(Goodbye::Reader in) { return {.restarting = in.getRestarting()}; }

void put(Founder::Builder out, const engine::Founder& value) {
  put(out.initMember(), value.member);
  put(out.initNonce(), value.nonce);
  out.setName(text(value.name));
  put(out.initAddress(), value.address);
}

engine::Founder take(Founder::Reader in) {
  return {.member = take_member(in.getMember()),
          .nonce = take(in.getNonce()),
          .name = take_text(in.getName(), member_name_bytes_max, "Founder.name"),
          .address = take(in.getAddress())};
}

void put(LockIn::Builder out, const engine::LockIn& value) {
  put(out.initCluster(), value.cluster);
  put_list(out.initFounders(count(value.founders)), value.founders);
}

engine::LockIn take(LockIn::Reader in) {
  return {.cluster = take_cluster(in.getCluster()),
          .founders = take_list(in.getFounders(), wire::voters_max, "LockIn.founders")};
}

void put(LockedIn::Builder out, const engine::LockedIn& value) { put(out.initCluster(), value.cluster); }

engine::LockedIn take(LockedIn::Reader in) { return {.cluster = take_cluster(in.getCluster())}; }

void put(Commit::Builder out, const engine::Commit& value) {
  put(out.initCluster(), value.cluster);
  put_list(out.initFounders(count(value.founders)), value.founders);
}

engine::Commit take(Commit::Reader in) {
  return {.cluster = take_cluster(in.getCluster()),
          .founders = take_list(in.getFounders(), wire::voters_max, "Commit.founders")};
}

}  // namespace conclave::schema
