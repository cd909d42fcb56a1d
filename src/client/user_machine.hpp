// Gives the user's state machine its commands, in log order and on its own thread, and brings the results back.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include <conclave/state_machine.hpp>

#include "client/host.hpp"
#include "coordination/event.hpp"

namespace conclave::client {

class UserMachine {
 public:
  /// `failed` is called on the loop, once, when the machine throws: it is given nothing more.
  UserMachine(std::shared_ptr<StateMachine> machine, std::shared_ptr<Host> host, std::function<void(const Error&)> failed);

  /// One command; it runs with the others of its batch once `applied` is called.
  void apply(const coordination::UserCommand& command);
  /// Everything up to `slot` has been seen: hands the batch over.
  void applied(Slot slot);
  /// Up to where commands were handed over: what runs on the machine's thread from now on sees them all.
  [[nodiscard]] Slot given() const { return given_; }

 private:
  std::shared_ptr<StateMachine> machine_;
  std::shared_ptr<Host> host_;
  std::function<void(const Error&)> failed_;
  /// Of the machine's thread alone.
  std::shared_ptr<bool> broken_ = std::make_shared<bool>(false);
  std::vector<coordination::UserCommand> batch_;
  Slot given_;
};

}  // namespace conclave::client
