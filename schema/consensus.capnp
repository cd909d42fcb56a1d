# What voters say to each other to agree on the log; each is a message of a frame (conclave.capnp).
@0x8636638da4710ee0;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("conclave::schema");

using Words = import "words.capnp";
using Uuid = Words.Uuid;
using Ballot = Words.Ballot;
using Entry = Words.Entry;
using ConfigurationRef = Words.ConfigurationRef;
using Configuration = Words.Configuration;

# ---- Elections and phase 1 (rules P1, P2, P4, P6) ----

struct PreVote {
  # A candidate to every voter, before it uses `ballot`. The voter answers PreVoteReply; it binds nobody.
  ballot @0 :Ballot;
  configuration @1 :ConfigurationRef;
  lastAccepted @2 :UInt64;
  # Synced. Orders the waiting only; never a reason for No.
}

struct PreVoteReply {
  # A voter to a candidate. It grants only if it, too, lost the leader and its configuration is no newer.
  ballot @0 :Ballot;
  # The one asked for.
  granted @1 :Bool;
  reason @2 :Reason;
  # An unknown one reads as `other`.
  promised @3 :Ballot;
  # The voter's own, as synced.
  watermark @4 :UInt64;
  newer @5 :Configuration;
  # The later configuration, or null. What leads up to it follows as Learn.

  enum Reason {
    leaderLost @0;
    # Granted.
    hearsLeader @1;
    olderConfiguration @2;
    # The candidate's: `newer` replaced it.
    newerConfiguration @3;
    # The candidate's: the voter must learn first.
    higherPromise @4;
    noVote @5;
    # This store has none (P8, P9).
    other @6;
  }
}

struct Prepare {
  # Phase 1a: the candidate to every voter, once its own promise is synced. The receiver answers Promise, once synced, or
  # Refused.
  ballot @0 :Ballot;
  watermark @1 :UInt64;
  # The candidate's: what lies above it is to be reported (P4).
  configuration @2 :ConfigurationRef;
  bootNonce @3 :UInt64;
  # Of the candidate's boot; the Promise repeats it.
}

struct Promise {
  # Phase 1b, in parts 0 to `lastPart`; counts once all are there. Leaves once the promise is synced (P2).
  ballot @0 :Ballot;
  incarnation @1 :UInt32;
  watermark @2 :UInt64;
  # The acceptor's own.
  firstHeld @3 :UInt64;
  # The first slot that it still holds.
  reported @4 :List(Reported);
  # All it holds above the candidate's watermark, in the order of slots, over all parts.
  part @5 :UInt32;
  lastPart @6 :UInt32;
  bootNonce @7 :UInt64;
}

struct Reported {
  slot @0 :UInt64;
  ballot @1 :Ballot;
  # In which it was accepted; none for one that was learnt as chosen.
  chosen @2 :Bool;
  entry @3 :Entry;
}

struct Refused {
  # An acceptor to whoever used a ballot below the promised one, or to a Prepare of an older configuration. Who leads or
  # stands in `ballot` stops (P7).
  ballot @0 :Ballot;
  promised @1 :Ballot;
  newer @2 :Configuration;
  # As in PreVoteReply.
}

# ---- Phase 2 (rules P3, P5, P10) ----

struct Accept {
  # Phase 2a: the leader to every voter, everything after the voter's watermark in order. The voter syncs what follows
  # without a gap and answers Accepted, or Refused. Without entries it asks where the voter stands.
  ballot @0 :Ballot;
  first @1 :UInt64;
  # The slot of the first entry; the others follow.
  entries @2 :List(Entry);
  chosenUpto @3 :UInt64;
  # As Chosen.upto.
}

struct Accepted {
  # Phase 2b, cumulative, once synced: slots up to `watermark` are chosen, those above it up to `upto` are accepted in
  # `ballot`.
  ballot @0 :Ballot;
  incarnation @1 :UInt32;
  watermark @2 :UInt64;
  upto @3 :UInt64;
  gap @4 :Bool;
  # The Accept began above `upto` + 1: the leader sends again from there.
}

struct Chosen {
  # The leader to every voter, as soon as more is chosen and no Accept carries it. The receiver moves its watermark over
  # what it accepted in `ballot`, and fetches the rest (P10).
  ballot @0 :Ballot;
  upto @1 :UInt64;
}

# ---- Evidence ----

struct Heartbeat {
  # Between all voters, every interval; from the leader also when it needs a round. A leader's is answered at once with
  # the echo. Whoever knows a later configuration sends Learn up to it (P6).
  leading @0 :Ballot;
  # Null: the sender does not lead (never before its first Accept, P4).
  round @1 :UInt64;
  # The sender's own; echoes name it.
  echo @2 :Echo;
  # The newest round heard of the leader that the sender follows; null: none.
  incarnation @3 :UInt32;
  promised @4 :Ballot;
  watermark @5 :UInt64;
  lastAccepted @6 :UInt64;
  # These three as synced.
  configuration @7 :ConfigurationRef;
  # The newest known chosen.
  content @8 :Bool;
  # The sender hears its leader.
  diskFailing @9 :Bool;
  pauseSeenMs @10 :UInt32;
  # The longest pause of the sender's process since its last heartbeat to this peer.
  priority @11 :UInt8;
}

struct Echo {
  # "In `ballot` I heard your round `round`, and have promised nothing higher."
  ballot @0 :Ballot;
  round @1 :UInt64;
}

# ---- Learning and handover (rule P10) ----

struct Fetch {
  # Whoever lacks chosen entries, to a member whose watermark is past them. The receiver answers Learn.
  from @0 :UInt64;
  upto @1 :UInt64;
}

struct Learn {
  # To whoever fetched, follows or is behind. The receiver stores the entries as chosen.
  first @0 :UInt64;
  # The slot of the first entry; the others follow. None is above `watermark`.
  entries @1 :List(Entry);
  watermark @2 :UInt64;
  # The sender's.
}

struct Go {
  # The leader of `ballot` to `target`, which has everything up to `watermark`: stand at once, without a pre-vote.
  ballot @0 :Ballot;
  target @1 :Uuid;
  watermark @2 :UInt64;
}
