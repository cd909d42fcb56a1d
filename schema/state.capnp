# What the log makes every member do, and the state that comes of it. Names, values and payloads are Data: replicas keep
# and compare their bytes. A number that the reader does not know is kept as it is, and refused by apply where it counts;
# so every version answers the same.
@0x8d498a7ed655728e;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("conclave::schema");

using Uuid = import "words.capnp".Uuid;

# ---- Commands (payload of an entry of kind 1) ----

struct Command {
  # Whoever makes one encodes it once; it is stored and forwarded byte for byte, and decoded to be applied. One of an
  # unknown arm changes nothing.
  union {
    openSession @0 :OpenSession;
    submission @1 :Submission;
    judgement @2 :Judgement;
    tick @3 :Void;
    # The leader's, when a timer is due and nothing else goes on: moves cluster time on.
  }
}

struct OpenSession {
  # Any node, through the leader: opens the session that is named by this command's slot. One repeated opens an orphan
  # that nobody renews.
  nonce @0 :Uuid;
  owner @1 :Uuid;
  ownerName @2 :Data;
  ttlMs @3 :Int64;
  ephemeral @4 :Bool;
  # Its owner has no data folder.
}

struct Submission {
  # A session's owner, through the leader: the session's command of this number, sent again unchanged until it is applied.
  session @0 :UInt64;
  sequence @1 :UInt64;
  answeredBelow @2 :UInt64;
  # The client has the answers to all numbers below.
  op :union {
    # One of an unknown arm takes its number and answers "not supported".
    acquire @3 :Acquire;
    cancel @4 :UInt64;
    # Withdraws the session's request that carried this sequence, whether it waits or holds.
    release @5 :GrantRef;
    # Gives a grant back; only its own session can.
    handOver @6 :HandOver;
    revoke @7 :GrantRef;
    # An operator's: marks another's grant as ending (S5).
    apply @8 :Apply;
    closeSession @9 :Void;
    # A clean exit: ends the session with all that hangs on it.
  }
}

struct Resource {
  # Locks and elections have a name space each.
  kind @0 :UInt8;
  # 0 lock, 1 election.
  name @1 :Data;
}

struct GrantRef {
  resource @0 :Resource;
  token @1 :UInt64;
}

struct Acquire {
  # Queues a request. Locks are granted in the order of the log; elections by priority, then in that order.
  resource @0 :Resource;
  try @1 :Bool;
  # Take it now, or answer "not acquired".
  priority @2 :UInt8;
  # Of a candidate: the higher one is elected first.
  value @3 :Data;
  # A candidate's value, or a note; shown to observers.
  maxHoldMs @4 :Int64;
  # By cluster time, from the grant; 0: no limit.
}

struct HandOver {
  # Gives a grant to the first waiting request of member `target`, past the rest of the queue.
  grant @0 :GrantRef;
  target @1 :Uuid;
}

struct Apply {
  # For the user's own state machine. Runs only while the token of each guard is current.
  payload @0 :Data;
  guards @1 :List(GrantRef);
}

struct Judgement {
  # What a leader proposes on its own judgement: valid exactly if `term` is that of the last term-start below it (P12).
  term :group {
    # The ballot of that term-start.
    round @0 :UInt64;
    member @1 :Uuid;
  }
  verdict :union {
    endSessions @2 :EndSessions;
    ended @3 :GrantRef;
    # The holder of an ending grant believes in it no longer (S5): the next one may have it.
  }
}

struct EndSessions {
  # Ends living sessions, each with all that hangs on it.
  sessions @0 :List(UInt64);
  cause @1 :UInt8;
  # 0 released, 1 cancelled, 2 handed over, 3 closed, 4 expired, 5 restarted, 6 refused, 7 revoked, 8 held too long.
}

# ---- The image (parts of it travel as ImagePart) ----

struct Image {
  # A member to whoever is behind its log, or has none: the state after slot `applied`. The receiver checks that it makes
  # a state, and that the state has this digest, and installs it whole or not at all (P11).
  applied @0 :UInt64;
  now @1 :UInt64;
  # Cluster time in milliseconds.
  term :group {
    # Of the last term-start.
    round @2 :UInt64;
    member @3 :Uuid;
  }
  lineage @4 :UInt64;
  grants @5 :UInt64;
  # How many there have been: the low 48 bits of the newest token.
  sessions @6 :List(Session);
  # By id.
  resources @7 :List(HeldResource);
  # By kind and name.
  free @8 :List(FreeResource);
  # By kind and name.
  versionFloor @9 :UInt64;
  losses @10 :List(Loss);
  # Oldest first.
  digest @11 :Data;
  # SHA-256 over the fields of the state, not over these bytes.
  user :union {
    none @12 :Void;
    state @13 :UserState;
    # For who runs the user's state machine (O4).
  }
}

struct UserState {
  digest @0 :UInt64;
  # What StateMachine::digest returned.
  chunks @1 :List(Data);
  # What StateMachine::snapshot wrote.
}

struct Request {
  session @0 :UInt64;
  sequence @1 :UInt64;
}

struct Session {
  id @0 :UInt64;
  # The slot of the entry that opened it.
  nonce @1 :Uuid;
  owner @2 :Uuid;
  ownerName @3 :Data;
  ttlMs @4 :Int64;
  ephemeral @5 :Bool;
  openedAt @6 :UInt64;
  nextSequence @7 :UInt64;
  answers @8 :List(Answer);
  # Of the numbers just below `nextSequence`, in order.
}

struct Answer {
  fromUser @0 :Bool;
  # The user's state machine gives it.
  outcome @1 :Outcome;
  # Null: the user's state machine owes it still, or the sender has none.
}

struct Outcome {
  status @0 :UInt8;
  # 0 ok, 1 queued, 2 not acquired, 3 not owner, 4 not found, 5 guard failed, 6 cancelled, 7 was granted,
  # 8 session ended, 9 pruned, 10 not supported, 11 invalid, 12 overloaded.
  token @1 :UInt64;
  version @2 :UInt64;
  result @3 :Data;
}

struct HeldResource {
  name @0 :Resource;
  version @1 :UInt64;
  holder @2 :Grant;
  waiters @3 :List(Waiter);
  # In the order of the queue.
}

struct Grant {
  token @0 :UInt64;
  version @1 :UInt64;
  request @2 :Request;
  owner @3 :Uuid;
  ownerName @4 :Data;
  slot @5 :UInt64;
  time @6 :UInt64;
  value @7 :Data;
  maxHoldMs @8 :Int64;
  ending :union {
    # Set: it is being taken from a living session, and why (the causes of EndSessions).
    no @9 :Void;
    cause @10 :UInt8;
  }
}

struct Waiter {
  priority @0 :UInt8;
  slot @1 :UInt64;
  request @2 :Request;
  owner @3 :Uuid;
  ownerName @4 :Data;
  since @5 :UInt64;
  value @6 :Data;
  maxHoldMs @7 :Int64;
}

struct FreeResource {
  # Nobody holds it, and it still remembers its version.
  name @0 :Resource;
  version @1 :UInt64;
  since @2 :UInt64;
  # The slot where it became free.
}

struct Loss {
  # The flight record: a grant, or a place in a queue, that its owner did not give up itself.
  slot @0 :UInt64;
  time @1 :UInt64;
  resource @2 :Resource;
  token @3 :UInt64;
  # 0: it waited.
  request @4 :Request;
  owner @5 :Uuid;
  ownerName @6 :Data;
  cause @7 :UInt8;
}
