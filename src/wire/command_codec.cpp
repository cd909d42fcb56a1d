// Commands: what sessions submit, and what leaders judge.
#include "wire/command_codec.hpp"

namespace conclave::schema {
namespace {

using std::chrono::milliseconds;

// Release, Revoke, Ended and Guard name a grant in the same two fields.
void put_grant(GrantRef::Builder out, const auto& value) {
  put(out.initResource(), value.resource);
  out.setToken(value.token.value);
}

template <class T>
T take_grant(GrantRef::Reader in) {
  return {.resource = take(in.getResource()), .token = Token(in.getToken())};
}

struct PutOp {
  Submission::Op::Builder out;

  void operator()(const coordination::Acquire& value) {
    auto acquire = out.initAcquire();
    put(acquire.initResource(), value.resource);
    acquire.setTry(!value.wait);
    acquire.setPriority(value.priority);
    acquire.setValue(blob(value.value));
    acquire.setMaxHoldMs(value.max_hold.count());
  }
  void operator()(const coordination::Cancel& value) { out.setCancel(value.sequence.value); }
  void operator()(const coordination::Release& value) { put_grant(out.initRelease(), value); }
  void operator()(const coordination::HandOver& value) {
    auto hand_over = out.initHandOver();
    put_grant(hand_over.initGrant(), value);
    put(hand_over.initTarget(), value.target);
  }
  void operator()(const coordination::Revoke& value) { put_grant(out.initRevoke(), value); }
  void operator()(const coordination::Apply& value) {
    auto apply = out.initApply();
    apply.setPayload(blob(value.payload));
    auto guards = apply.initGuards(count(value.guards));
    for (unsigned i = 0; i < guards.size(); ++i) put_grant(guards[i], value.guards[i]);
  }
  void operator()(const coordination::CloseSession&) { out.setCloseSession(); }
  void operator()(const coordination::UnknownOp&) { CONCLAVE_INVARIANT(!"an unknown operation is never proposed"); }
};

coordination::Acquire take_acquire(Acquire::Reader in) {
  return {.resource = take(in.getResource()),
          .wait = !in.getTry(),
          .value = take_bytes(in.getValue(), any_size, "Acquire.value"),
          .priority = in.getPriority(),
          .max_hold = milliseconds(in.getMaxHoldMs())};
}

coordination::HandOver take_hand_over(HandOver::Reader in) {
  const auto grant = in.getGrant();
  return {
      .resource = take(grant.getResource()), .token = Token(grant.getToken()), .target = take_member(in.getTarget())};
}

coordination::Apply take_apply(Apply::Reader in) {
  return {.payload = take_payload(in.getPayload(), any_size, "Apply.payload"),
          .guards = take_list(in.getGuards(), any_size, "Apply.guards",
                              [](auto guard) { return take_grant<coordination::Guard>(guard); })};
}

coordination::Op take_op(Submission::Op::Reader in) {
  switch (in.which()) {
    case Submission::Op::ACQUIRE:
      return take_acquire(in.getAcquire());
    case Submission::Op::CANCEL:
      return coordination::Cancel{Sequence(in.getCancel())};
    case Submission::Op::RELEASE:
      return take_grant<coordination::Release>(in.getRelease());
    case Submission::Op::HAND_OVER:
      return take_hand_over(in.getHandOver());
    case Submission::Op::REVOKE:
      return take_grant<coordination::Revoke>(in.getRevoke());
    case Submission::Op::APPLY:
      return take_apply(in.getApply());
    case Submission::Op::CLOSE_SESSION:
      return coordination::CloseSession{};
  }
  return coordination::UnknownOp{};
}

struct PutVerdict {
  Judgement::Verdict::Builder out;

  void operator()(const coordination::EndSessions& value) {
    auto end = out.initEndSessions();
    put_numbers(end.initSessions(count(value.sessions)), value.sessions);
    end.setCause(static_cast<std::uint8_t>(value.cause));
  }
  void operator()(const coordination::Ended& value) { put_grant(out.initEnded(), value); }
};

coordination::Verdict take_verdict(Judgement::Verdict::Reader in) {
  switch (in.which()) {
    case Judgement::Verdict::END_SESSIONS:
      return coordination::EndSessions{
          .sessions = take_numbers<SessionId>(in.getEndSessions().getSessions(), any_size, "EndSessions.sessions"),
          .cause = static_cast<coordination::Cause>(in.getEndSessions().getCause())};
    case Judgement::Verdict::ENDED:
      return take_grant<coordination::Ended>(in.getEnded());
  }
  throw UnknownValue{};
}

struct PutCommand {
  Command::Builder out;

  void operator()(const coordination::OpenSession& value) {
    auto open = out.initOpenSession();
    put(open.initNonce(), value.nonce);
    put(open.initOwner(), value.owner);
    open.setOwnerName(blob(value.owner_name));
    open.setTtlMs(value.ttl.count());
    open.setEphemeral(value.ephemeral);
  }
  void operator()(const coordination::Submission& value) {
    auto submission = out.initSubmission();
    submission.setSession(value.session.value);
    submission.setSequence(value.sequence.value);
    submission.setAnsweredBelow(value.answered_below.value);
    std::visit(PutOp{submission.getOp()}, value.op);
  }
  void operator()(const coordination::Judgement& value) {
    auto judgement = out.initJudgement();
    judgement.getTerm().setRound(value.term.round);
    put(judgement.getTerm().initMember(), value.term.member);
    std::visit(PutVerdict{judgement.getVerdict()}, value.verdict);
  }
  void operator()(const coordination::Tick&) { out.setTick(); }
  void operator()(const coordination::Unknown&) { CONCLAVE_INVARIANT(!"an unknown command is never proposed"); }
};

coordination::OpenSession take_open_session(OpenSession::Reader in) {
  return {.nonce = take(in.getNonce()),
          .owner = take_member(in.getOwner()),
          .owner_name = take_string(in.getOwnerName(), any_size, "OpenSession.ownerName"),
          .ttl = milliseconds(in.getTtlMs()),
          .ephemeral = in.getEphemeral()};
}

coordination::Submission take_submission(Submission::Reader in) {
  return {.session = SessionId(in.getSession()),
          .sequence = Sequence(in.getSequence()),
          .answered_below = Sequence(in.getAnsweredBelow()),
          .op = take_op(in.getOp())};
}

coordination::Judgement take_judgement(Judgement::Reader in) {
  return {.term = {.round = in.getTerm().getRound(), .member = take_member(in.getTerm().getMember())},
          .verdict = take_verdict(in.getVerdict())};
}

coordination::Command take_known(Command::Reader in) {
  switch (in.which()) {
    case Command::OPEN_SESSION:
      return take_open_session(in.getOpenSession());
    case Command::SUBMISSION:
      return take_submission(in.getSubmission());
    case Command::JUDGEMENT:
      return take_judgement(in.getJudgement());
    case Command::TICK:
      return coordination::Tick{};
  }
  return coordination::Unknown{};
}

}  // namespace

void put(Resource::Builder out, const coordination::ResourceName& value) {
  out.setKind(static_cast<std::uint8_t>(value.kind));
  out.setName(blob(value.name));
}

coordination::ResourceName take(Resource::Reader in) {
  return {.kind = static_cast<coordination::ResourceKind>(in.getKind()),
          .name = take_string(in.getName(), any_size, "Resource.name")};
}

void put(Command::Builder out, const coordination::Command& value) { std::visit(PutCommand{out}, value); }

coordination::Command take(Command::Reader in) {
  try {
    return take_known(in);
  } catch (const UnknownValue&) {
    return coordination::Unknown{};
  }
}

}  // namespace conclave::schema
