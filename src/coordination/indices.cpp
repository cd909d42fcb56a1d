#include "coordination/indices.hpp"

#include "base/invariant.hpp"

namespace conclave::coordination {

Requests::OfSession Requests::close(SessionId session) {
  const auto node = sessions_.extract(session);
  return node ? std::move(node.mapped()) : OfSession();
}

void Requests::add(const RequestId& request, Where where) {
  const auto found = sessions_.find(request.session);
  CONCLAVE_INVARIANT(found != sessions_.end(), request);
  const bool fresh = found->second.emplace(request.sequence, std::move(where)).second;
  CONCLAVE_INVARIANT(fresh, request);
}

void Requests::grant(const RequestId& request) {
  const auto session = sessions_.find(request.session);
  CONCLAVE_INVARIANT(session != sessions_.end(), request);
  const auto found = session->second.find(request.sequence);
  CONCLAVE_INVARIANT(found != session->second.end() && found->second.waiting, request);
  found->second.waiting.reset();
}

void Requests::remove(const RequestId& request) {
  const auto found = sessions_.find(request.session);
  if (found != sessions_.end()) found->second.erase(request.sequence);
}

const Requests::Where* Requests::find(const RequestId& request) const {
  const auto session = sessions_.find(request.session);
  if (session == sessions_.end()) return nullptr;
  const auto found = session->second.find(request.sequence);
  return found == session->second.end() ? nullptr : &found->second;
}

std::size_t Requests::count(SessionId session) const {
  const auto found = sessions_.find(session);
  return found == sessions_.end() ? 0 : found->second.size();
}

std::vector<Token> Endings::of(SessionId session) const {
  std::vector<Token> tokens;
  for (auto at = grants_.lower_bound({session, Token{0}}); at != grants_.end() && at->first.first == session; ++at)
    tokens.push_back(at->first.second);
  return tokens;
}

std::vector<EndingGrant> Endings::all() const {
  std::vector<EndingGrant> grants;
  grants.reserve(grants_.size());
  for (const auto& [key, resource] : grants_)
    grants.push_back({.session = key.first, .resource = resource, .token = key.second});
  return grants;
}

}  // namespace conclave::coordination
