// One candidacy: stands in session after session until it is cancelled, and keeps the order of promotion and demotion that
// election.hpp promises.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <conclave/election.hpp>

#include "client/client.hpp"

namespace conclave::client {

class Campaigning : public std::enable_shared_from_this<Campaigning> {
 public:
  using Body = std::function<void(Term)>;

  /// Either callbacks or a body.
  Campaigning(std::shared_ptr<Client> client, std::string election, CampaignOptions options, CampaignCallbacks callbacks,
              Body body);

  // ---- From any thread ----
  [[nodiscard]] std::optional<Term> term() const;
  [[nodiscard]] const std::shared_ptr<Client>& client() const { return client_; }
  /// Why a call on this thread must not wait for the leadership's end: then it would wait for itself.
  [[nodiscard]] std::optional<Error> deadlock() const;

  // ---- On the loop ----
  void start();
  void resign(Done<void> done);
  void hand_over(const std::string& member_name, Done<void> done);
  /// `done` runs once nothing of the candidacy is left: body and callbacks have ended, and the resignation is chosen.
  void cancel(Done<void> done);
  /// The client is over: nothing is sent any more.
  void abandon();
  /// Its process has died: nobody waits for callbacks or body any more.
  void let_go();

 private:
  enum class Phase {
    no_session,  ///< waits for one
    waiting,     ///< asked, or in the queue
    leading,
    demoting,  ///< the leadership is over; callbacks and body have still to end
    over,
  };

  void ask();
  void on_answer(const Result<coordination::Outcome>& outcome);
  void on_dropped();
  void on_granted(const coordination::Granted& granted);
  void promote(const std::shared_ptr<Grant>& grant);
  /// Ends the leadership for everybody to see, then calls `then` on the loop, after `on_revoked` and the body's end.
  void demote(const Error& reason, Task then);
  void finish_demotion();
  void on_body_ended(const std::shared_ptr<Grant>& grant);
  void stand_again();
  /// Nothing of the candidacy is left.
  void leave();
  void publish(std::shared_ptr<Grant> grant);

  std::shared_ptr<Client> client_;
  const std::string election_;
  const CampaignOptions options_;
  const CampaignCallbacks callbacks_;
  const Body body_;

  Phase phase_{Phase::no_session};
  bool cancelled_{false};
  /// Who waits for the end of a cancelled candidacy.
  std::vector<Done<void>> on_left_;
  SessionId session_;
  Sequence sequence_;
  std::shared_ptr<Grant> grant_;
  /// The body of this leadership is running.
  bool body_running_{false};
  /// What waits for the end of callbacks and body.
  Task after_demotion_;

  mutable std::mutex mutex_;  // guards what follows
  std::shared_ptr<Grant> published_;
};

}  // namespace conclave::client
