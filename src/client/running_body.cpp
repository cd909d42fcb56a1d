#include "client/running_body.hpp"

#include <utility>

#include "client/grant.hpp"

namespace conclave::client {
namespace {

thread_local const RunningBody* innermost = nullptr;

}  // namespace

RunningBody::RunningBody(const Host& host, const Campaigning* candidacy, const Grant* grant)
    : host_(&host), candidacy_(candidacy), grant_(grant), around_(std::exchange(innermost, this)) {}

RunningBody::~RunningBody() { innermost = around_; }

template <class Test>
bool RunningBody::any(Test test) {
  for (const auto* body = innermost; body; body = body->around_)
    if (test(*body)) return true;
  return false;
}

bool RunningBody::here(const Host& host) {
  return any([&](const RunningBody& body) { return body.host_ == &host; });
}

bool RunningBody::here(const Campaigning& candidacy) {
  return any([&](const RunningBody& body) { return body.candidacy_ == &candidacy; });
}

bool RunningBody::holds_here(const Host& host, const std::string& name) {
  return any([&](const RunningBody& body) {
    return body.host_ == &host && body.grant_ && !body.grant_->ended() && body.grant_->facts().resource.name == name;
  });
}

}  // namespace conclave::client
