// Consensus <-> its fields. Private to src/wire.
#pragma once

#include "paxos/message.hpp"
#include "wire/fields.hpp"

namespace conclave::schema {

void put(Ballot::Builder out, const paxos::Ballot& value);
[[nodiscard]] paxos::Ballot take(Ballot::Reader in);

void put(Entry::Builder out, const paxos::Entry& value);
[[nodiscard]] paxos::Entry take(Entry::Reader in);

void put(ConfigurationRef::Builder out, const paxos::ConfigurationRef& value);
[[nodiscard]] paxos::ConfigurationRef take(ConfigurationRef::Reader in);

void put(Configuration::Builder out, const paxos::PlacedConfiguration& value);
/// Refuses voters that are none, unsorted or repeated.
[[nodiscard]] paxos::PlacedConfiguration take(Configuration::Reader in);

void put(PreVote::Builder out, const paxos::PreVote& value);
[[nodiscard]] paxos::PreVote take(PreVote::Reader in);

void put(PreVoteReply::Builder out, const paxos::PreVoteReply& value);
[[nodiscard]] paxos::PreVoteReply take(PreVoteReply::Reader in);

void put(Prepare::Builder out, const paxos::Prepare& value);
[[nodiscard]] paxos::Prepare take(Prepare::Reader in);

void put(Promise::Builder out, const paxos::Promise& value);
[[nodiscard]] paxos::Promise take(Promise::Reader in);

void put(Refused::Builder out, const paxos::Refused& value);
[[nodiscard]] paxos::Refused take(Refused::Reader in);

void put(Accept::Builder out, const paxos::Accept& value);
[[nodiscard]] paxos::Accept take(Accept::Reader in);

void put(Accepted::Builder out, const paxos::Accepted& value);
[[nodiscard]] paxos::Accepted take(Accepted::Reader in);

void put(Chosen::Builder out, const paxos::Chosen& value);
[[nodiscard]] paxos::Chosen take(Chosen::Reader in);

void put(Heartbeat::Builder out, const paxos::Heartbeat& value);
[[nodiscard]] paxos::Heartbeat take(Heartbeat::Reader in);

void put(Fetch::Builder out, const paxos::Fetch& value);
[[nodiscard]] paxos::Fetch take(Fetch::Reader in);

void put(Learn::Builder out, const paxos::Learn& value);
[[nodiscard]] paxos::Learn take(Learn::Reader in);

void put(Go::Builder out, const paxos::Go& value);
[[nodiscard]] paxos::Go take(Go::Reader in);

}  // namespace conclave::schema
