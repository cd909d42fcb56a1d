# What members say to each other. PROTOCOL.md has the words, the rules and who owes what in full; the comment of each
# message says who sends it, when, and what the receiver owes.
#
# A frame on a link: length and CRC32C of the body (little-endian, 32 bits each), then the body. A datagram: CRC32C of
# the body, then the body. A body is one segment, bare: no segment table, no far pointers, all of it reachable from the
# root `Frame` or `Datagram`. A reader follows no more words than about twice the body's, nests at most 16 deep, and
# refuses what is over these caps (src/wire/limits.hpp):
#   a body of a frame 16 MiB, of a datagram 1,228 bytes · messages in a frame 16,384 · entries or commands in a message
#   65,536 · renewals in a message 65,536, ending tokens of one 4,096 · founders, voters 64 · nonces of openings 1,024 ·
#   members, locks, elections in a status 1,024 each · a payload 1 MiB + 4 KiB · a part of an image 1 MiB · bytes of
#   the names of members, clusters and state machines 64, of resources 128 · a value 1,024 · a host 255, of a rumour 64 ·
#   a sentence for a person 1,024
#
# Growing: fields and union arms are only added, never removed or given a new meaning; a reader ignores the fields and
# drops the messages that it does not know. A message with an enum value that the reader does not know is dropped alike.
# Text is UTF-8 without NUL. What replicas store or compare is Data: they keep its bytes as they came.
@0xdf3bbb82f8ceb53a;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("conclave::schema");

using Words = import "words.capnp";
using Uuid = Words.Uuid;
using Lineage = Words.Lineage;
using Address = Words.Address;
using Founder = Words.Founder;
using Role = Words.Role;
using Ballot = Words.Ballot;
using Consensus = import "consensus.capnp";
using Gossip = import "gossip.capnp".Gossip;

# ---- Frames and datagrams ----

struct Header {
  # Heads every frame and every datagram. The receiver refuses another cluster or lineage (but for a Hello, which it
  # answers with a Refusal), an unknown version, and a superseded `storeNonce`.
  # It is one run of words without pointers, because every frame carries it.
  version @0 :UInt16;
  storeNonce @1 :UInt64;
  # Of the sender's present opening of its store.
  cluster :group {
    # None before genesis.
    high @2 :UInt64;
    low @3 :UInt64;
  }
  lineage :group {
    number @4 :UInt64;
    recovery :group {
      high @5 :UInt64;
      low @6 :UInt64;
    }
  }
  sender :group {
    high @7 :UInt64;
    low @8 :UInt64;
  }
}

struct Frame {
  # The messages of one step to one peer, in order.
  header @0 :Header;
  messages @1 :List(Message);
}

struct Datagram {
  header @0 :Header;
  clusterName @1 :Text;
  # Names the cluster also before it exists. The receiver drops a datagram of another.
  gossip @2 :Gossip;
}

struct Message {
  union {
    hello @0 :Hello;
    refusal @1 :Refusal;
    goodbye @2 :Goodbye;

    lockIn @3 :LockIn;
    lockedIn @4 :LockedIn;
    commit @5 :Commit;

    forward @6 :Forward;
    forwardReply @7 :ForwardReply;
    renew @8 :Renew;
    renewAck @9 :RenewAck;
    endFormer @10 :EndFormer;

    readIndex @11 :ReadIndex;
    readIndexReply @12 :ReadIndexReply;

    attach @13 :Attach;
    imageRequest @14 :ImageRequest;
    imagePart @15 :ImagePart;
    freshness @16 :Freshness;

    statusRequest @17 :StatusRequest;
    statusReply @18 :StatusReply;

    preVote @19 :Consensus.PreVote;
    preVoteReply @20 :Consensus.PreVoteReply;
    prepare @21 :Consensus.Prepare;
    promise @22 :Consensus.Promise;
    refused @23 :Consensus.Refused;
    accept @24 :Consensus.Accept;
    accepted @25 :Consensus.Accepted;
    chosen @26 :Consensus.Chosen;
    heartbeat @27 :Consensus.Heartbeat;
    fetch @28 :Consensus.Fetch;
    learn @29 :Consensus.Learn;
    go @30 :Consensus.Go;
  }
}

# ---- Links (rules I3 to I5) ----

struct Hello {
  # Both ends, first on every link. The receiver answers with its own Hello, or with a Refusal and closes; nothing else
  # counts before both Hellos are in. A member judges the other's store by it: one that leaves out the nonce last seen, or
  # is behind what was seen, has no vote.
  versionMin @0 :UInt16;
  versionMax @1 :UInt16;
  # The link speaks the highest version that both have.
  purpose @2 :Purpose;
  clusterName @3 :Text;
  cluster @4 :Uuid;
  # None while the sender belongs to no cluster.
  lineage @5 :Lineage;
  member @6 :Uuid;
  name @7 :Text;
  address @8 :Address;
  # Null: nobody can dial the sender.
  ephemeral @9 :Bool;
  # No data folder: never votes, never founds, and is forgotten when it goes.
  hasVote @10 :Bool;
  incarnation @11 :UInt32;
  # Of the voter; only what its present one says counts.
  bootEpoch @12 :UInt64;
  storeNonces @13 :List(UInt64);
  # Of the store's last openings, newest first, at most 1,024.
  promised @14 :Ballot;
  lastSlot @15 :UInt64;
  # Both as synced, no later.
  priority @16 :UInt8;
  stateMachine @17 :Text;
  # The user's state machine; empty: none.
  founders @18 :List(Address);
  # Before genesis: what this node would found.
  foundingNonce @19 :Uuid;
}

enum Purpose {
  member @0;
  # The dialler is, or wants to be, a member.
  inquiry @1;
  # The dialler asks for the status and joins nothing.
}

struct Refusal {
  # Whoever refuses a link, before it closes it. The receiver tells its host and does not dial again at once.
  code @0 :UInt16;
  # An error of the library (include/conclave/error.hpp); an unknown one reads as "incompatible".
  detail @1 :Text;
}

struct Goodbye {
  # Whoever closes on purpose, as its last message. The receiver takes it as evidence: no timeout need pass.
  restarting @0 :Bool;
}

# ---- Genesis (rules F1 to F6) ----

struct LockIn {
  # The smallest founder to the others, once all are reachable, pristine and of one mind. The receiver syncs it and answers
  # LockedIn; it never overwrites another lock-in.
  cluster @0 :Uuid;
  founders @1 :List(Founder);
  # Sorted by member.
}

struct LockedIn {
  # A founder to the smallest one, once its lock-in is synced. When all have said so, the cluster exists: Commit.
  cluster @0 :Uuid;
}

struct Commit {
  # Any member that knows the cluster exists, to a founder that is still locked in. The receiver syncs it; from then on it
  # votes.
  cluster @0 :Uuid;
  founders @1 :List(Founder);
}

# ---- Sessions (rules S1 to S9) ----

struct Forward {
  # Any node towards the leader, in the order of the session's sequence; a member passes it on. The leader admits each
  # command (then the log answers) or sends a ForwardReply.
  commands @0 :List(Data);
  # Each an encoded `Command` (state.capnp), stored and forwarded byte for byte.
}

struct ForwardReply {
  # The leader, or a member that knows none, to where a Forward came from, and back along its path.
  kind @0 :Kind;
  session @1 :UInt64;
  sequence @2 :UInt64;

  enum Kind {
    resend @0;
    # The sender sends everything from `sequence` again, in one batch.
    overloaded @1;
    # The leader's queue is full: the sender waits, then resends from `sequence`.
    notLeader @2;
    # The asked node does not lead and knows no leader.
    unknownSession @3;
    # The session has ended: outcomes of commands without an answer are unknown.
  }
}

struct Renew {
  # A session's owner towards the leader, with every heartbeat or by itself; members pass it on. The leader keeps it until
  # its term-start is applied, then proves its leadership with a round sent after, and answers RenewAck.
  items @0 :List(Item);

  struct Item {
    session @0 :UInt64;
    number @1 :UInt64;
    # Rises within the session; the acknowledgement names it.
  }
}

struct RenewAck {
  # The leader alone, through the same relays: the session lives one TTL longer than the *sending* of the renewal named.
  items @0 :List(Item);

  struct Item {
    session @0 :UInt64;
    number @1 :UInt64;
    ending @2 :List(UInt64);
    # Tokens whose deadline this does not extend (S5).
  }
}

struct EndFormer {
  # A node that restarted on the same store, machine boot and lock file, to the leader. The leader ends the session at
  # once, unless it has an open link from the former nonce (S4).
  session @0 :UInt64;
  formerNonce @1 :UInt64;
}

# ---- Reads (rules R1, R2) ----

struct ReadIndex {
  # Any node towards the leader, for a linearizable read. The leader notes its watermark, proves its leadership with a
  # round sent after, and answers.
  id @0 :UInt64;
}

struct ReadIndexReply {
  id @0 :UInt64;
  ok @1 :Bool;
  # False: the asked node does not lead, ask again.
  slot @2 :UInt64;
  # The asker answers once it has applied this far.
}

# ---- Observers and images (rules O1 to O4) ----

struct Attach {
  # An observer to a member. The member streams what is chosen above `applied`, or an image first.
  applied @0 :UInt64;
  wantsImage @1 :Bool;
}

struct ImageRequest {
  # Who installs an image, to who offers it (O2); any part can be asked for again.
  image @0 :UInt64;
  part @1 :UInt32;
}

struct ImagePart {
  # One part of an encoded `Image` (state.capnp). The receiver installs the whole, once its SHA-256 fits, or nothing.
  image @0 :UInt64;
  slot @1 :UInt64;
  # The image holds everything up to here.
  part @2 :UInt32;
  parts @3 :UInt32;
  sha256 @4 :Data;
  # Of the whole.
  bytes @5 :Data;
}

struct Freshness {
  # Between who follows and who is followed (a voter and its leader, an observer and its member), with each heartbeat: how
  # fresh the state is (R2), who leads.
  watermark @0 :UInt64;
  age :union {
    # Of the newest confirmed round when this was sent.
    unknown @1 :Void;
    milliseconds @2 :UInt64;
  }
  leader @3 :Uuid;
  # Null: none is known.
  stamp @4 :UInt64;
  # The sender's clock, which means something to the sender alone. 0: none.
  echo @5 :UInt64;
  # The receiver's last stamp that came over this link. 0: none.
}

# ---- Inquiry ----

struct StatusRequest {
  # Anybody whose Hello says `inquiry`. Any node answers StatusReply.
}

struct StatusReply {
  # What one node knows at this moment, for a person.
  sentence @0 :Text;
  clusterName @1 :Text;
  cluster @2 :Uuid;
  # Null: the node belongs to none.
  lineage @3 :UInt64;
  self @4 :Uuid;
  selfName @5 :Text;
  role @6 :Role;
  voteLost @7 :Text;
  # Why the store of a voter has no vote; empty: it has.
  leader @8 :Uuid;
  # Null: none is known.
  leaderReason @9 :Text;
  chosen @10 :UInt64;
  applied @11 :UInt64;
  sessions @12 :UInt64;
  members @13 :List(MemberStatus);
  # Lists hold what comes first, up to their caps.
  locks @14 :List(ResourceStatus);
  elections @15 :List(ResourceStatus);
}

enum Health {
  unknown @0;
  alive @1;
  suspect @2;
  dead @3;
  left @4;
}

struct MemberStatus {
  id @0 :Uuid;
  name @1 :Text;
  address @2 :Text;
  role @3 :Role;
  health @4 :Health;
  # An unknown value reads as `unknown`.
  leads @5 :Bool;
}

struct ResourceStatus {
  # A lock or an election that is held or waited for. Names, notes and values are what their users gave.
  name @0 :Data;
  holder @1 :Data;
  # Empty: nobody at this moment.
  token @2 :UInt64;
  version @3 :UInt64;
  waiters @4 :UInt64;
  note @5 :Data;
  # The holder's note or campaign value.
}
