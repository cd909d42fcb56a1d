// The public classes of election.hpp over the client: each call is posted to the loop.
#include <conclave/election.hpp>

#include <utility>

#include "client/blocking.hpp"
#include "client/campaigning.hpp"
#include "client/client.hpp"
#include "client/names.hpp"
#include "client/observing.hpp"

namespace conclave {

using client::Client;
using client::Done;

Campaign Client::make_campaign(std::shared_ptr<client::Campaigning> campaigning) { return Campaign(std::move(campaigning)); }
Observation Client::make_observation(std::shared_ptr<client::Observing> observing) {
  return Observation(std::move(observing));
}
NamedElection Client::make_named_election(std::string name) { return NamedElection(shared_from_this(), std::move(name)); }

// ---- Term ----

Term::Term(std::shared_ptr<client::Grant> grant) : grant_(std::move(grant)) {}
const std::string& Term::election() const { return grant_->facts().resource.name; }
Token Term::token() const { return grant_->facts().token; }
bool Term::active() const { return grant_->held(); }
Instant Term::deadline() const { return grant_->deadline(); }
std::chrono::nanoseconds Term::remaining() const { return grant_->remaining(); }
std::stop_token Term::stop_token() const { return grant_->stop_token(); }

// ---- Campaign ----

Campaign::Campaign() = default;
Campaign::Campaign(Campaign&&) noexcept = default;
Campaign::Campaign(std::shared_ptr<client::Campaigning> campaigning) : campaigning_(std::move(campaigning)) {}

Campaign& Campaign::operator=(Campaign&& other) noexcept {
  if (this != &other) {
    Campaign old(std::exchange(campaigning_, std::exchange(other.campaigning_, nullptr)));
  }
  return *this;
}

Campaign::~Campaign() {
  if (campaigning_) cancel([](const Result<void>&) {});
}

std::optional<Term> Campaign::term() const { return campaigning_ ? campaigning_->term() : std::nullopt; }

namespace {

Error moved_away() { return {errc::invalid_argument, "this campaign is empty, or was moved away"}; }

/// Posts `call` to the loop and waits for the result, or hands it to the executor.
template <class Call>
Result<void> and_wait(const std::shared_ptr<client::Campaigning>& campaigning, Call call) {
  if (!campaigning) return moved_away();
  if (auto deadlock = campaigning->deadlock()) return std::move(*deadlock);
  const auto host = campaigning->client()->host();
  return client::wait_for<void>(*host, [&](Done<void> done) {
    host->post([campaigning, call, done = std::move(done)] { call(*campaigning, done); });
  });
}

template <class Call>
void and_call_back(const std::shared_ptr<client::Campaigning>& campaigning, Done<void> done, Call call) {
  if (!campaigning) return done ? done(moved_away()) : void();
  const auto host = campaigning->client()->host();
  host->post([campaigning, call, done = client::on_executor<void>(host, std::move(done))] { call(*campaigning, done); });
}

constexpr auto resign_now = [](client::Campaigning& campaigning, const Done<void>& done) { campaigning.resign(done); };
constexpr auto cancel_now = [](client::Campaigning& campaigning, const Done<void>& done) { campaigning.cancel(done); };

auto hand_over_to(std::string member_name) {
  return [name = std::move(member_name)](client::Campaigning& campaigning, const Done<void>& done) {
    campaigning.hand_over(name, done);
  };
}

}  // namespace

Result<void> Campaign::resign() { return and_wait(campaigning_, resign_now); }
void Campaign::resign(std::function<void(Result<void>)> done) { and_call_back(campaigning_, std::move(done), resign_now); }

Result<void> Campaign::hand_over(std::string member_name) {
  return and_wait(campaigning_, hand_over_to(std::move(member_name)));
}
void Campaign::hand_over(std::string member_name, std::function<void(Result<void>)> done) {
  and_call_back(campaigning_, std::move(done), hand_over_to(std::move(member_name)));
}

Result<void> Campaign::cancel() { return and_wait(campaigning_, cancel_now); }
void Campaign::cancel(std::function<void(Result<void>)> done) { and_call_back(campaigning_, std::move(done), cancel_now); }

// ---- Observation ----

Observation::Observation() = default;
Observation::Observation(Observation&&) noexcept = default;
Observation::Observation(std::shared_ptr<client::Observing> observing) : observing_(std::move(observing)) {}

Observation& Observation::operator=(Observation&& other) noexcept {
  if (this != &other) {
    Observation old(std::exchange(observing_, std::exchange(other.observing_, nullptr)));
  }
  return *this;
}

Observation::~Observation() {
  if (!observing_) return;
  observing_->end();
  observing_->host()->post([observing = observing_] {
    if (const auto client = observing->client().lock()) client->unobserve(observing.get());
  });
}

// ---- NamedElection ----

NamedElection::NamedElection(std::shared_ptr<Client> client, std::string name)
    : client_(std::move(client)), name_(std::move(name)) {}

const std::string& NamedElection::name() const { return name_; }

namespace {

Result<Campaign> start(const std::shared_ptr<Client>& client, const std::string& election, CampaignOptions options,
                       CampaignCallbacks callbacks, client::Campaigning::Body body) {
  if (auto valid = client::check_resource(election, options.value); !valid) return valid.error();
  if (options.priority > 255) return Error(errc::invalid_argument, "CampaignOptions::priority is at most 255");
  if (auto over = client->over()) return std::move(*over);
  auto campaigning = std::make_shared<client::Campaigning>(client, election, std::move(options), std::move(callbacks),
                                                           std::move(body));
  client->host()->post([campaigning] { campaigning->start(); });
  return Client::make_campaign(std::move(campaigning));
}

}  // namespace

Result<Campaign> NamedElection::campaign(CampaignOptions options, CampaignCallbacks callbacks) {
  return start(client_, name_, std::move(options), std::move(callbacks), {});
}

Result<Campaign> NamedElection::run(std::function<void(Term)> body, CampaignOptions options) {
  return start(client_, name_, std::move(options), {}, std::move(body));
}

Result<std::optional<Leader>> NamedElection::leader(std::chrono::milliseconds timeout) {
  return client::wait_for<std::optional<Leader>>(*client_->host(), [&](Done<std::optional<Leader>> done) {
    client_->host()->post([client = client_, name = name_, timeout, done = std::move(done)] {
      client->leader(name, timeout, done);
    });
  });
}

void NamedElection::leader(std::chrono::milliseconds timeout, std::function<void(Result<std::optional<Leader>>)> done) {
  client_->host()->post([client = client_, name = name_, timeout,
                         done = client::on_executor<std::optional<Leader>>(client_->host(), std::move(done))] {
    client->leader(name, timeout, done);
  });
}

Observation NamedElection::observe(std::function<void(const std::optional<Leader>&)> changed) {
  if (!changed) changed = [](const std::optional<Leader>&) {};
  auto observing = std::make_shared<client::Observing>(client_, client_->host(), name_, std::move(changed));
  client_->host()->post([observing, client = client_] { client->observe(observing); });
  return Client::make_observation(std::move(observing));
}

}  // namespace conclave
