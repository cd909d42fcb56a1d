# What gossip says, one message to a datagram (of conclave.capnp): who is alive and at which address. It adds or removes no
# vote.
@0xa749fc84507c56ff;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("conclave::schema");

using Words = import "words.capnp";
using Uuid = Words.Uuid;
using Address = Words.Address;
using Role = Words.Role;

struct Gossip {
  # One datagram's worth: what it asks or answers, and rumours that ride along. A body of an unknown arm reads as `tell`:
  # its rumours count.
  union {
    tell @0 :Void;
    # Rumours and nothing else. No answer is owed.
    ping @1 :Ping;
    pingRequest @2 :PingRequest;
    ack @3 :UInt64;
    # The target of the Ping or PingRequest of this number, or who pinged it for the sender: it lives.
    nack @4 :UInt64;
    # Who was asked by the PingRequest of this number: I live, but had no answer from the target either.
    join @5 :Join;
    joinReply @6 :JoinReply;
  }
  rumours @7 :List(Rumour);
}

struct Ping {
  # To one member per period. The target owes an ack at once, to where the ping came from; anybody else owes nothing.
  number @0 :UInt64;
  target @1 :Uuid;
}

struct PingRequest {
  # To a few members, when a ping had no answer. The receiver pings the target itself and owes an ack if that is answered
  # in time, otherwise a nack.
  number @0 :UInt64;
  target @1 :Uuid;
  address @2 :Address;
}

struct Join {
  # To a seed, to a member believed dead, now and then to a live one: asks for all that the receiver knows of members
  # above `after`, in the order of ids. The receiver owes JoinReplies.
  number @0 :UInt64;
  after @1 :Uuid;
  # None: from the start, and then the first rumour is the sender's own.
  askBack @2 :Bool;
  # The sender knows more than itself: the receiver shall ask it, too.
}

struct JoinReply {
  # A page of the answer to a Join: the rumours are those of the members next above `after`.
  number @0 :UInt64;
  after @1 :Uuid;
  last @2 :Bool;
  # No member above these is known.
}

struct Rumour {
  # All that gossip says of one member. The one with the greater (bootEpoch, incarnation, state) replaces the other. One
  # with an unknown state or evidence is skipped. Without pointers where it can be: a datagram holds 1,232 bytes.
  member :group {
    high @0 :UInt64;
    low @1 :UInt64;
  }
  bootEpoch @2 :UInt64;
  incarnation @3 :UInt64;
  # Of this boot, raised by the member alone, to refute; not the voter's.
  accuser :group {
    # Who says so, of a suspect or dead member.
    high @4 :UInt64;
    low @5 :UInt64;
  }
  name @6 :Text;
  host @7 :Text;
  # At most 64 bytes.
  port @8 :UInt16;
  role @9 :Role;
  state @10 :State;
  evidence @11 :Evidence;

  enum State {
    alive @0;
    suspect @1;
    dead @2;
    left @3;
  }

  enum Evidence {
    silence @0;
    # Probes had no answer.
    refused @1;
    # The machine answered that nobody listens there.
  }
}
