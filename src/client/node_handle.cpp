// The public class of node.hpp over the client: each call is posted to the loop.
#include <conclave/node.hpp>

#include <utility>

#include "client/backing.hpp"
#include "client/blocking.hpp"
#include "client/client.hpp"

namespace conclave {

using client::Client;
using client::Done;

Node Client::make_node(std::shared_ptr<Client> client, std::shared_ptr<client::Backing> backing) {
  return Node(std::move(client), std::move(backing));
}

namespace {

/// Of a node that is destroyed, not closed.
constexpr std::chrono::milliseconds close_timeout = std::chrono::seconds(2);

}  // namespace

Node::Node(std::shared_ptr<Client> client, std::shared_ptr<client::Backing> backing)
    : client_(std::move(client)), backing_(std::move(backing)) {}
Node::Node(Node&&) noexcept = default;

Node& Node::operator=(Node&& other) noexcept {
  if (this == &other) return *this;
  const Node old(std::exchange(client_, std::move(other.client_)), std::exchange(backing_, std::move(other.backing_)));
  return *this;
}

Node::~Node() {
  client_.reset();
  if (backing_) std::exchange(backing_, nullptr)->dispose(close_timeout);
}

namespace {

/// Posts `call(client, done)` and waits, or hands the result to the executor.
template <class T, class Call>
Result<T> and_wait(const std::shared_ptr<Client>& client, Call call) {
  return client::wait_for<T>(*client->host(), [&](Done<T> done) {
    client->host()->post([client, call = std::move(call), done = std::move(done)]() mutable { call(*client, std::move(done)); });
  });
}

template <class T, class Call>
void and_call_back(const std::shared_ptr<Client>& client, std::function<void(Result<T>)> done, Call call) {
  client->host()->post([client, call = std::move(call),
                        done = client::on_executor<T>(client->host(), std::move(done))]() mutable { call(*client, std::move(done)); });
}

auto ready_within(std::chrono::milliseconds timeout) {
  return [timeout](Client& client, Done<void> done) { client.ready(timeout, std::move(done)); };
}

auto propose_it(Bytes command, ProposeOptions options) {
  return [command = std::move(command), options = std::move(options)](Client& client, Done<Bytes> done) mutable {
    client.propose(std::move(command), std::move(options), std::move(done));
  };
}

auto read_it(Consistency consistency, std::chrono::milliseconds timeout, std::function<void(const ReadPoint&)> body) {
  return [consistency, timeout, body = std::move(body)](Client& client, Done<ReadPoint> done) mutable {
    client.read(consistency, timeout, std::move(body), std::move(done));
  };
}

auto revoke_it(std::string name, Token token, std::chrono::milliseconds timeout) {
  return [name = std::move(name), token, timeout](Client& client, Done<void> done) {
    client.revoke_lock(name, token, timeout, std::move(done));
  };
}

constexpr auto tell_status = [](Client& client, const Done<Status>& done) {
  // A node that is closing still knows; one that has stopped would tell of a cluster that it is no part of.
  const auto over = client.over();
  done(over && *over == errc::stopped ? Result<Status>(*over) : client.host()->status());
};

}  // namespace

Result<void> Node::ready(std::chrono::milliseconds timeout) { return and_wait<void>(client_, ready_within(timeout)); }
void Node::ready(std::chrono::milliseconds timeout, std::function<void(Result<void>)> done) {
  and_call_back<void>(client_, std::move(done), ready_within(timeout));
}

NamedLock Node::lock(std::string name) { return client_->make_named_lock(std::move(name)); }
NamedElection Node::election(std::string name) { return client_->make_named_election(std::move(name)); }

Result<Bytes> Node::propose(Bytes command, ProposeOptions options) {
  return and_wait<Bytes>(client_, propose_it(std::move(command), std::move(options)));
}
void Node::propose(Bytes command, ProposeOptions options, std::function<void(Result<Bytes>)> done) {
  and_call_back<Bytes>(client_, std::move(done), propose_it(std::move(command), std::move(options)));
}

Result<ReadPoint> Node::read(Consistency consistency, std::chrono::milliseconds timeout,
                             std::function<void(const ReadPoint&)> body) {
  return and_wait<ReadPoint>(client_, read_it(consistency, timeout, std::move(body)));
}
void Node::read(Consistency consistency, std::chrono::milliseconds timeout, std::function<void(const ReadPoint&)> body,
                std::function<void(Result<ReadPoint>)> done) {
  and_call_back<ReadPoint>(client_, std::move(done), read_it(consistency, timeout, std::move(body)));
}

Result<Status> Node::status() { return and_wait<Status>(client_, tell_status); }
void Node::status(std::function<void(Result<Status>)> done) { and_call_back<Status>(client_, std::move(done), tell_status); }

Result<void> Node::revoke_lock(std::string name, Token token, std::chrono::milliseconds timeout) {
  return and_wait<void>(client_, revoke_it(std::move(name), token, timeout));
}
void Node::revoke_lock(std::string name, Token token, std::chrono::milliseconds timeout, std::function<void(Result<void>)> done) {
  and_call_back<void>(client_, std::move(done), revoke_it(std::move(name), token, timeout));
}

Result<void> Node::close(std::chrono::milliseconds timeout) {
  // Both pointers stay until this object goes: other threads may be in a call, or make one.
  return backing_ ? backing_->close(timeout) : Result<void>();
}

}  // namespace conclave
