// The fields of all messages and records, for the filler.
#pragma once

#include <algorithm>

#include "engine/message.hpp"
#include "engine/record.hpp"
#include "unit/wire/filler.hpp"

namespace conclave {

constexpr Role last_of(Role) { return Role::voter; }
constexpr Health last_of(Health) { return Health::left; }
CONCLAVE_FIELDS(Address, host, port)
CONCLAVE_FIELDS(MemberStatus, id, name, address, role, health, leads)
CONCLAVE_FIELDS(ResourceStatus, name, holder, token, version, waiters, note)
CONCLAVE_FIELDS(Status, sentence, cluster_name, cluster, lineage, self, self_name, role, vote_lost, leader,
                leader_reason, chosen, applied, sessions, members, locks, elections)

}  // namespace conclave

namespace conclave::paxos {

constexpr PreVoteReason last_of(PreVoteReason) { return PreVoteReason::other; }
// Also kinds that this build does not know: they are kept.
constexpr EntryKind last_of(EntryKind) { return EntryKind(9); }
CONCLAVE_FIELDS(Ballot, round, member)
CONCLAVE_FIELDS(Voter, member, incarnation)
CONCLAVE_FIELDS(ConfigurationRef, id, slot)
CONCLAVE_FIELDS(PlacedConfiguration, slot, configuration)
CONCLAVE_FIELDS(Entry, kind, stamp, payload)
CONCLAVE_FIELDS(PreVote, ballot, configuration, last_accepted)
CONCLAVE_FIELDS(PreVoteReply, ballot, granted, reason, promised, watermark, newer)
CONCLAVE_FIELDS(Prepare, ballot, watermark, configuration, boot_nonce)
CONCLAVE_FIELDS(Reported, slot, ballot, chosen, entry)
CONCLAVE_FIELDS(Promise, ballot, incarnation, watermark, first_held, reported, part, last_part, boot_nonce)
CONCLAVE_FIELDS(Refused, ballot, promised, newer)
CONCLAVE_FIELDS(Accept, ballot, first, entries, chosen_upto)
CONCLAVE_FIELDS(Accepted, ballot, incarnation, watermark, upto, gap)
CONCLAVE_FIELDS(Chosen, ballot, upto)
CONCLAVE_FIELDS(Echo, ballot, round)
CONCLAVE_FIELDS(Heartbeat, leading, round, echo, incarnation, promised, watermark, last_accepted, configuration,
                content, disk_healthy, pause_seen_ms, priority)
CONCLAVE_FIELDS(Fetch, from, upto)
CONCLAVE_FIELDS(Learn, first, entries, watermark)
CONCLAVE_FIELDS(Go, ballot, target, watermark)

// Voters are sorted, and there is at least one.
inline void fill(test::Filler& filler, Configuration& value) {
  auto& [id, replaces, voters] = value;
  filler(id, replaces, voters);
  if (voters.empty()) voters.emplace_back();
  std::ranges::sort(voters);
}

}  // namespace conclave::paxos

namespace conclave::gossip {

constexpr State last_of(State) { return State::left; }
constexpr Evidence last_of(Evidence) { return Evidence::refused; }
CONCLAVE_FIELDS(Age, boot_epoch, incarnation)
CONCLAVE_FIELDS(Rumour, member, name, address, role, age, state, accuser, evidence)
CONCLAVE_FIELDS(Ping, number, target)
CONCLAVE_FIELDS(PingRequest, number, target, address)
CONCLAVE_FIELDS(Ack, number)
CONCLAVE_FIELDS(Nack, number)
CONCLAVE_FIELDS(Join, number, after, ask_back)
CONCLAVE_FIELDS(JoinReply, number, after, last)
CONCLAVE_NO_FIELDS(Tell)
CONCLAVE_FIELDS(Message, body, rumours)

}  // namespace conclave::gossip

namespace conclave::engine {

constexpr Purpose last_of(Purpose) { return Purpose::inquiry; }
constexpr ForwardReply::Kind last_of(ForwardReply::Kind) { return ForwardReply::Kind::unknown_session; }
CONCLAVE_FIELDS(Lineage, number, recovery)
CONCLAVE_FIELDS(Header, version, cluster, lineage, sender, store_nonce)
CONCLAVE_FIELDS(Founder, member, nonce, name, address)
CONCLAVE_FIELDS(Hello, version_min, version_max, purpose, cluster_name, cluster, lineage, member, name, address,
                ephemeral, has_vote, incarnation, boot_epoch, store_nonces, promised, last_slot, priority,
                state_machine, founders, founding_nonce)
CONCLAVE_FIELDS(Refusal, code, detail)
CONCLAVE_FIELDS(Goodbye, restarting)
CONCLAVE_FIELDS(LockIn, cluster, founders)
CONCLAVE_FIELDS(LockedIn, cluster)
CONCLAVE_FIELDS(Commit, cluster, founders)
CONCLAVE_FIELDS(Forward, commands)
CONCLAVE_FIELDS(ForwardReply, kind, session, sequence)
CONCLAVE_FIELDS(Renew::Item, session, number)
CONCLAVE_FIELDS(Renew, items)
CONCLAVE_FIELDS(RenewAck::Item, session, number, ending)
CONCLAVE_FIELDS(RenewAck, items)
CONCLAVE_FIELDS(EndFormer, session, former_nonce)
CONCLAVE_FIELDS(ReadIndex, id)
CONCLAVE_FIELDS(ReadIndexReply, id, ok, slot)
CONCLAVE_FIELDS(Attach, applied, wants_image)
CONCLAVE_FIELDS(ImageRequest, image, part)
CONCLAVE_FIELDS(ImagePart, image, slot, part, parts, sha256, bytes)
CONCLAVE_FIELDS(Freshness, watermark, age_ms, leader, stamp, echo)
CONCLAVE_NO_FIELDS(StatusRequest)
CONCLAVE_FIELDS(StatusReply, status)
CONCLAVE_FIELDS(UnknownMessage, arm)
CONCLAVE_FIELDS(Datagram, header, cluster_name, message)

CONCLAVE_FIELDS(IdentityRecord, member, founding_nonce, cluster_name, name)
CONCLAVE_FIELDS(GenerationRecord, member, boot_epoch, nonces, machine_boot, lock_device, lock_inode)
CONCLAVE_FIELDS(GenesisRecord, committed, cluster, lineage, founders, incarnation)
CONCLAVE_FIELDS(PromiseRecord, cluster, member, incarnation, promised)
CONCLAVE_FIELDS(AcceptedRecord, slot, ballot, entry)
CONCLAVE_FIELDS(WatermarkRecord, watermark)
CONCLAVE_FIELDS(PeerRecord, member, nonce, promised, last_slot)
CONCLAVE_FIELDS(VoteLostRecord, reason)
CONCLAVE_FIELDS(SessionRecord, session, nonce)

}  // namespace conclave::engine
