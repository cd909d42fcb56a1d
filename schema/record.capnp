# What a node keeps on disk. The disk is private to one implementation: nobody else reads these bytes, and a peer written
# in another language keeps its own. The storage adds a CRC32C over key and value to each.
#
# A value is one bare segment whose root is `Record`, whatever its key, so that a value under a wrong key is told. Growing
# is as in conclave.capnp; a record that this build does not know is refused, for it may hold a promise.
@0xabe3b737be53612a;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("conclave::schema");

using Words = import "words.capnp";

struct Record {
  union {
    identity @0 :IdentityRecord;
    generation @1 :GenerationRecord;
    genesis @2 :GenesisRecord;
    promise @3 :PromiseRecord;
    accepted @4 :AcceptedRecord;
    watermark @5 :WatermarkRecord;
    peer @6 :PeerRecord;
    voteLost @7 :VoteLostRecord;
    session @8 :SessionRecord;
  }
}

struct IdentityRecord {
  # Key "identity". Made with the data folder and never changed.
  member @0 :Words.Uuid;
  foundingNonce @1 :Words.Uuid;
  clusterName @2 :Text;
  name @3 :Text;
}

struct GenerationRecord {
  # Key "generation". Written and synced at each opening, before anything is sent (I5).
  member @0 :Words.Uuid;
  bootEpoch @1 :UInt64;
  nonces @2 :List(UInt64);
  # Newest first, at most 1,024: each opening's predecessor follows it.
  machineBoot @3 :Words.Uuid;
  lockDevice @4 :UInt64;
  lockInode @5 :UInt64;
  # These three for S4: the machine boot that opened the store, and its lock file.
}

struct GenesisRecord {
  # Key "genesis". How far genesis has come (F2, F3); never overwritten but by the commit of the same cluster.
  committed @0 :Bool;
  cluster @1 :Words.Uuid;
  lineage @2 :Words.Lineage;
  founders @3 :List(Words.Founder);
  incarnation @4 :UInt32;
}

struct PromiseRecord {
  # Key "promise". Synced before a Promise or Prepare that speaks of it leaves (P2).
  cluster @0 :Words.Uuid;
  member @1 :Words.Uuid;
  incarnation @2 :UInt32;
  promised @3 :Words.Ballot;
}

struct AcceptedRecord {
  # In the log, by slot. Synced before an Accepted that speaks of it leaves (P2).
  slot @0 :UInt64;
  ballot @1 :Words.Ballot;
  entry @2 :Words.Entry;
}

struct WatermarkRecord {
  # Key "watermark": every slot up to it is known chosen here. It may lag behind.
  watermark @0 :UInt64;
}

struct PeerRecord {
  # Key "peer/" and the member's uuid: the last this voter saw of another's store (I5).
  member @0 :Words.Uuid;
  nonce @1 :UInt64;
  promised @2 :Words.Ballot;
  lastSlot @3 :UInt64;
}

struct VoteLostRecord {
  # Key "vote-lost". While it is there, this store has no vote (P8, P9).
  reason @0 :Text;
}

struct SessionRecord {
  # Key "session". The session that this process opened, so that the next one can end it (S4).
  session @0 :UInt64;
  nonce @1 :UInt64;
}
