// One observer of an election.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <conclave/election.hpp>

#include "client/host.hpp"

namespace conclave::client {

class Observing : public std::enable_shared_from_this<Observing> {
 public:
  using Changed = std::function<void(const std::optional<Leader>&)>;

  Observing(std::weak_ptr<Client> client, std::shared_ptr<Host> host, std::string election, Changed changed)
      : client_(std::move(client)), host_(std::move(host)), election_(std::move(election)), changed_(std::move(changed)) {}

  [[nodiscard]] const std::string& election() const { return election_; }
  [[nodiscard]] std::weak_ptr<Client> client() const { return client_; }
  [[nodiscard]] const std::shared_ptr<Host>& host() const { return host_; }

  /// On the loop: calls back unless the leader is the one last told of.
  void tell(const std::optional<Leader>& leader) {
    if (told_ && *told_ == leader) return;
    told_ = leader;
    host_->call_back([self = shared_from_this(), leader] {
      if (!self->ended_) self->changed_(leader);
    });
  }

  /// From any thread: no callback starts any more.
  void end() { ended_ = true; }

 private:
  std::weak_ptr<Client> client_;
  std::shared_ptr<Host> host_;
  std::string election_;
  Changed changed_;
  std::optional<std::optional<Leader>> told_;
  std::atomic<bool> ended_{false};
};

}  // namespace conclave::client
