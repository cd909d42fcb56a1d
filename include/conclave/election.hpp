/// \file
/// Elections by name: any number of processes campaign, one leads, all observe the same sequence of leaders and terms.
///
/// The order, which no fault changes. Promotion: the grant is chosen, the winner has applied it and everything before it,
/// `on_elected(term)` is called, and from just before that call `term.active()`. Demotion: the deadline is reached or the
/// revocation seen, `term.active()` turns false and the stop token fires, `on_revoked(term, reason)` is called, the
/// resignation is sent, the next grant is made. The next leader's `on_elected` never starts before the old one's deadline.
///
/// Thread safety, and what a body may call: as in lock.hpp.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include <conclave/export.hpp>
#include <conclave/result.hpp>
#include <conclave/types.hpp>

namespace conclave {

namespace client {
class Campaigning;
class Client;
class Grant;
class Observing;
}  // namespace client

/// One leadership. Copies refer to the same one; moving copies.
class CONCLAVE_API Term {
 public:
  Term(const Term&) = default;
  Term& operator=(const Term&) = default;
  ~Term() = default;

  /// The election's name.
  [[nodiscard]] const std::string& election() const;
  /// The fencing token; later leaders of this election have larger ones.
  [[nodiscard]] Token token() const;
  /// True while this process certainly leads.
  [[nodiscard]] bool active() const;
  /// Until when this process leads if no renewal succeeds any more; by CLOCK_BOOTTIME.
  [[nodiscard]] Instant deadline() const;
  /// How much is left until `deadline()`; zero when it has passed.
  [[nodiscard]] std::chrono::nanoseconds remaining() const;
  /// Fires when the leadership ends, whatever the cause.
  [[nodiscard]] std::stop_token stop_token() const;

 private:
  friend class client::Client;
  friend class client::Campaigning;
  explicit Term(std::shared_ptr<client::Grant> grant);

  std::shared_ptr<client::Grant> grant_;
};

/// Who leads, as every observer sees it.
struct Leader {
  MemberId member;
  std::string member_name;
  Token token;
  /// The value that the leader campaigned with.
  Bytes value;

  friend bool operator==(const Leader&, const Leader&) = default;
};

/// How to campaign.
struct CampaignOptions {
  /// Shown to observers while this candidate leads, for example its address; at most 1,024 bytes.
  std::string value{};
  /// Among waiting candidates the higher one is elected first; equals in the order of asking. 0 to 255.
  unsigned priority{100};
};

/// A candidacy that goes on, through losses and new sessions, until it is cancelled. Destruction cancels it and resigns.
///
/// One that is empty, or was moved away, has no term, and its calls answer `errc::invalid_argument`; it belongs to no node, so
/// `done` runs within the call.
class CONCLAVE_API Campaign {
 public:
  Campaign();
  Campaign(Campaign&&) noexcept;
  Campaign& operator=(Campaign&&) noexcept;
  ~Campaign();

  /// The present leadership of this candidate, if it leads.
  [[nodiscard]] std::optional<Term> term() const;
  /// Ends a present leadership and stands again at the end of the queue. With a body running (`NamedElection::run`) it is
  /// stopped and waited for first. `errc::not_owner` if this candidate does not lead; `errc::lock_lost` if its session ended
  /// before the resignation was chosen. `errc::would_deadlock` for this form in the campaign's own body.
  Result<void> resign();
  void resign(std::function<void(Result<void>)> done);
  /// Gives the leadership to the waiting candidate of the member called `member_name`. `errc::not_found` if that member has
  /// none, `errc::invalid_argument` if candidates of two members of that name wait; then this candidate goes on leading. If it withdraws meanwhile, the next in the queue leads, and the answer is
  /// `errc::not_found` too. `errc::would_deadlock` for this form in the campaign's own body.
  Result<void> hand_over(std::string member_name);
  void hand_over(std::string member_name, std::function<void(Result<void>)> done);
  /// Withdraws for good: stops and waits for a running body, resigns, and returns when that is chosen. Each call returns then,
  /// also when another, or a loss, began it. `errc::would_deadlock` for this form in the campaign's own body.
  Result<void> cancel();
  void cancel(std::function<void(Result<void>)> done);

 private:
  friend class client::Client;
  explicit Campaign(std::shared_ptr<client::Campaigning> campaigning);

  std::shared_ptr<client::Campaigning> campaigning_;
};

/// Who is told about a candidacy; each runs on the callback executor, alternately, beginning with `on_elected`.
struct CampaignCallbacks {
  std::function<void(Term term)> on_elected{};
  std::function<void(const Term& term, const Error& reason)> on_revoked{};
};

/// A subscription; destruction ends it, and no callback starts after that.
class CONCLAVE_API Observation {
 public:
  Observation();
  Observation(Observation&&) noexcept;
  Observation& operator=(Observation&&) noexcept;
  ~Observation();

 private:
  friend class client::Client;
  explicit Observation(std::shared_ptr<client::Observing> observing);

  std::shared_ptr<client::Observing> observing_;
};

/// An election by its name: a light handle, made by `Node::election`, copied freely; moving copies.
class CONCLAVE_API NamedElection {
 public:
  NamedElection(const NamedElection&) = default;
  NamedElection& operator=(const NamedElection&) = default;
  ~NamedElection() = default;

  /// Stands until cancelled; the callbacks tell of each leadership. Fails at once or never: with `errc::invalid_argument`,
  /// or with `errc::closed` on a node that was closed, or with the reason for which the node has stopped.
  [[nodiscard]] Result<Campaign> campaign(CampaignOptions options, CampaignCallbacks callbacks);
  /// Stands until cancelled; runs `body` on a thread of its own for each leadership. When the leadership ends or is given
  /// up, the body's stop token fires, the body is waited for, and only then the leadership is given back. A body that
  /// returns of itself gives the leadership back too, and the candidate stands again at the end of the queue. Fails as
  /// `campaign` does.
  [[nodiscard]] Result<Campaign> run(std::function<void(Term term)> body, CampaignOptions options = {});

  /// Who leads now, by a linearizable read; empty if nobody does.
  [[nodiscard]] Result<std::optional<Leader>> leader(std::chrono::milliseconds timeout);
  void leader(std::chrono::milliseconds timeout, std::function<void(Result<std::optional<Leader>>)> done);
  /// Calls `changed` on the callback executor with the present leader as this node knows it, then at each change: the end of
  /// a term is one, also where the next begins at once. All observers see the same sequence; one on an ephemeral node that
  /// was cut off sees where it went on. An empty function hears nothing.
  [[nodiscard]] Observation observe(std::function<void(const std::optional<Leader>& leader)> changed);

  [[nodiscard]] const std::string& name() const;

 private:
  friend class client::Client;
  NamedElection(std::shared_ptr<client::Client> client, std::string name);

  std::shared_ptr<client::Client> client_;
  std::string name_;
};

}  // namespace conclave
