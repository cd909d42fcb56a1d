// Gives the user's state machine its commands, in log order and on its own thread, and brings back what it says.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <conclave/state_machine.hpp>

#include "client/host.hpp"
#include "coordination/event.hpp"
#include "coordination/image.hpp"

namespace conclave::client {

class UserMachine {
 public:
  /// `failed` is called on the loop, once, when the machine throws or takes no image: it is given nothing more.
  UserMachine(std::shared_ptr<StateMachine> machine, std::shared_ptr<Host> host, std::function<void(const Error&)> failed);

  /// One command; it runs with the others of its batch once `applied` is called.
  void apply(const coordination::UserCommand& command);
  /// Everything up to `slot` has been seen: hands the batch over.
  void applied(Slot slot);
  /// Tells the engine the state after all that was handed over before (`UserSnapshot`).
  void snapshot();
  /// The state is that of an image of everything up to `slot`; null: an image without one.
  void replaced(Slot slot, std::shared_ptr<const coordination::UserState> state);
  /// Up to where commands were handed over: what runs on the machine's thread from now on sees them all.
  [[nodiscard]] Slot given() const { return given_; }

 private:
  /// What the machine has to say to the engine, if anything; an error: it must be given nothing more.
  using Said = Result<std::optional<engine::Event>>;
  using Work = std::function<Said(StateMachine&)>;
  /// Runs `work` on the machine's thread, unless the machine has failed.
  void run(Work work);

  std::shared_ptr<StateMachine> machine_;
  std::shared_ptr<Host> host_;
  std::function<void(const Error&)> failed_;
  /// Of the machine's thread alone.
  std::shared_ptr<bool> broken_ = std::make_shared<bool>(false);
  std::vector<coordination::UserCommand> batch_;
  Slot given_;
};

}  // namespace conclave::client
