# The words that messages and records share: identity, ballots, entries, configurations.
@0xc2c9b59639d93b31;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("conclave::schema");

# ---- Identity ----

struct Uuid {
  # 128 bits in network order: `high` is the first 8 bytes. All zero: none.
  high @0 :UInt64;
  low @1 :UInt64;
}

struct Lineage {
  # A cluster's life: a recovery raises the number and draws a new id.
  number @0 :UInt64;
  recovery @1 :Uuid;
}

struct Address {
  # Where a member is reached, TCP and UDP: a host name or an IP address, without brackets.
  host @0 :Text;
  port @1 :UInt16;
}

struct Founder {
  member @0 :Uuid;
  nonce @1 :Uuid;
  # Drawn when the founder's store was made.
  name @2 :Text;
  address @3 :Address;
}

enum Role {
  observer @0;
  voter @1;
}

# ---- The log ----

struct Ballot {
  # Ordered by round, then by the member's bytes. Round 0: none.
  round @0 :UInt64;
  member :group {
    high @1 :UInt64;
    low @2 :UInt64;
  }
}

struct Entry {
  # What a slot holds.
  kind @0 :UInt16;
  # 0 no-op, 1 command, 2 configuration, 3 configuration-done, 4 term-start. A number that the reader does not know is
  # kept and passed on like the others.
  stamp @1 :UInt64;
  # Milliseconds of cluster time, given by the first proposer and kept by every later one (P4).
  payload @2 :Data;
  # Stored and forwarded byte for byte. A command's is an encoded `Command` (state.capnp); the others' are fixed fields
  # (PROTOCOL.md).
}

struct ConfigurationRef {
  id @0 :UInt64;
  slot @1 :UInt64;
  # The founders' stands at slot 0.
}

struct Configuration {
  # Who votes, and from which slot on: it governs every slot above its own (P6).
  id @0 :UInt64;
  replaces @1 :UInt64;
  slot @2 :UInt64;
  voters @3 :List(Voter);
  # Sorted by member, each member once, at least one.
}

struct Voter {
  member :group {
    high @0 :UInt64;
    low @1 :UInt64;
  }
  incarnation @2 :UInt32;
}
