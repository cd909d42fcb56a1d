#include "cli/commands.hpp"

#include <algorithm>
#include <atomic>
#include <future>
#include <iostream>
#include <memory>
#include <optional>
#include <utility>

#include <conclave/conclave.hpp>

#include "cli/print.hpp"
#include "cli/printable.hpp"
#include "cli/supervise.hpp"

namespace conclave::cli {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds for_ever = std::chrono::hours(24 * 365);
/// For a question that the cluster answers at once.
constexpr milliseconds answer_within = std::chrono::seconds(10);

int complain(const Error& error, int code) {
  std::cerr << "conclave: " << printable(error.message()) << '\n';
  return code;
}

int exit_code_of(const Error& error) {
  return error == errc::invalid_argument || error == errc::address_unusable ? usage_error : not_available;
}

/// Waits for what the node's callbacks bring, and for a signal, which ends the wait.
class Wait {
 public:
  /// `start(done)` begins; `done` may be called from any thread, once. `errc::cancelled` after a signal, `errc::timeout`
  /// when `limit` has passed.
  template <class T, class Start>
  Result<T> for_result(Start start, milliseconds limit = for_ever) {
    auto promise = std::make_shared<std::promise<Result<T>>>();
    auto result = promise->get_future();
    start([promise](Result<T> came) { promise->set_value(std::move(came)); });
    const auto begun = std::chrono::steady_clock::now();
    // The longer it takes, the less a look more matters.
    for (milliseconds patience(1); result.wait_for(milliseconds(0)) != std::future_status::ready;
         patience = std::min(2 * patience, milliseconds(50))) {
      if ((signal_ = wait_for_signal(patience))) return Error(errc::cancelled, "told to stop");
      if (std::chrono::steady_clock::now() - begun >= limit) return Error(errc::timeout, "not in time");
    }
    return result.get();
  }

  /// After a signal, the exit code that a shell gives a command which ended by it.
  [[nodiscard]] int complain(const Error& error, int code) const {
    return cli::complain(error, signal_ ? 128 + *signal_ : code);
  }
  [[nodiscard]] int complain(const Error& error) const { return complain(error, exit_code_of(error)); }

 private:
  std::optional<int> signal_;
};

milliseconds waiting_time(const HoldOptions& options) {
  return options.timeout_ms > 0 ? milliseconds(options.timeout_ms) : for_ever;
}

// SIGTERM comes so long before the deadline: a quarter of the TTL that holds, wherever it was set, and at most a second.
milliseconds margin_of(const Config& config) { return std::min(config.timing.session_ttl / 4, milliseconds(1000)); }

// With less, a command could not end by itself between SIGTERM and SIGKILL.
constexpr milliseconds margin_min(100);

Result<Config> visitor_config(const HoldOptions& options) {
  auto config = options.node.resolve();
  if (!config) return config.error();
  // With one, this would be a member that has to come back, and no visitor that is forgotten.
  if (!config->data_dir.empty())
    return Error(errc::invalid_argument, "data_dir: " + options.node.config_file.string() +
                                             " is a member's; this command keeps nothing. Give it a file without data_dir, or none");
  if (config->join.empty()) return Error(errc::invalid_argument, "--join ADDRESS: name a member of the cluster");
  if (margin_of(*config) < margin_min)
    return Error(errc::invalid_argument, "timing.session_ttl: is " + std::to_string(config->timing.session_ttl.count()) +
                                             " ms; raise it to at least " + std::to_string(4 * margin_min.count()) +
                                             " ms to hold something for a command: its last quarter is the command's to end in");
  return config;
}

struct Visitor {
  Node node;
  milliseconds margin;
};

/// Opens an ephemeral node and waits until it can lock.
Result<Visitor> visit(HoldOptions& options, Wait& wait) {
  options.node.quiet = true;
  const auto config = visitor_config(options);
  if (!config) return config.error();
  auto node = Node::open(*config);
  if (!node) return node.error();
  const auto patience = std::min(answer_within, waiting_time(options));
  const auto ready = wait.for_result<void>([&](auto done) { node->ready(patience, std::move(done)); });
  if (!ready) return ready.error();
  return Visitor{std::move(*node), margin_of(*config)};
}

/// An answer without waiting, as `try_acquire` gives it. An election takes no such request, so this stands only where it saw
/// nobody lead, and only until it leads or sees that another was faster.
Result<Term> try_to_lead(Node& node, const std::string& election, Campaign& campaign, Wait& wait) {
  const auto self = node.status();
  if (!self) return self.error();
  bool stands = false;
  while (true) {
    const auto leader = wait.for_result<std::optional<Leader>>(
        [&](auto done) { node.election(election).leader(answer_within, std::move(done)); });
    if (!leader) return leader.error();
    if (*leader && (*leader)->member != self->self)
      return Error(errc::not_acquired, "'" + (*leader)->member_name + "' leads '" + election + "'");
    if (auto term = campaign.term()) return *term;
    if (stands) continue;
    auto begun = node.election(election).campaign({}, {});
    if (!begun) return begun.error();
    campaign = std::move(*begun);
    stands = true;
  }
}

/// Stands and waits until it leads.
Result<Term> wait_to_lead(Node& node, const std::string& election, milliseconds limit, Campaign& campaign, Wait& wait) {
  return wait.for_result<Term>([&](auto done) {
    auto begun = node.election(election).campaign({}, {.on_elected = [done, told = false](Term won) mutable {
      if (!std::exchange(told, true)) done(std::move(won));
    }});
    if (!begun) return done(begun.error());
    campaign = std::move(*begun);
  }, limit);
}

/// 75 says that somebody else has it: for one who does not wait, no answer in time says nothing of that.
int not_held(const Error& error, const HoldOptions& options, const Wait& wait) {
  const bool taken = error == errc::not_acquired || (error == errc::timeout && !options.try_once);
  return wait.complain(error, taken ? not_acquired : exit_code_of(error));
}

int finish(const Result<int>& code, bool kept, const std::string& what) {
  if (!code) return complain(code.error(), code.error().code == std::errc::no_such_file_or_directory ? 127 : 126);
  if (kept) return *code;
  std::cerr << "conclave: " << printable(what) << " was lost before the command had ended\n";
  return *code == 0 ? lock_lost : *code;
}

}  // namespace

void HoldOptions::add_to(CLI::App& app, const char* about_name) {
  node.add_visitor_options(app);
  app.add_option("--timeout-ms", timeout_ms, "How long to wait for it; 0: for ever");
  app.add_flag("--try", try_once, "Ask the cluster once, and do not wait while somebody else has it");
  app.add_option("NAME", name, about_name)->required();
  app.add_option("COMMAND", command, "The command and its arguments, after --")->required();
  app.footer("The command's environment has CONCLAVE_NAME and CONCLAVE_TOKEN. Its exit code is passed on; 74: lost "
             "before it ended, 75: not free in time, 69: no cluster, 64: wrong use, 126 and 127: the command cannot be run.\n"
             "It may use the terminal, as this command may. Ctrl-Z does not stop it: others would wait for one that rests.\n"
             "Killed with SIGKILL, conclave takes the command along, but not what the command started, and no set-user-ID "
             "program. Whatever these write to should check the token.");
}

void StatusOptions::add_to(CLI::App& app) {
  app.add_option("ADDRESS", addresses, "Members to ask, one after the other until one answers")->required();
  app.add_option("--timeout-ms", timeout_ms, "How long to wait for each");
}

int run_member(const NodeOptions& options) {
  auto config = options.resolve();
  if (!config) return complain(config.error(), exit_code_of(config.error()));
  std::promise<Error> stopped;
  auto reason = stopped.get_future();
  std::atomic<bool> asking = false;
  std::atomic<bool> told = false;
  config->on_stopped = [&stopped](const Error& error) { stopped.set_value(error); };
  auto node = Node::open(*config);
  if (!node) return complain(node.error(), exit_code_of(node.error()));
  do {
    if (reason.wait_for(milliseconds(0)) == std::future_status::ready) return complain(reason.get(), not_available);
    // Asked again and again: founders that disagree may be set right, one after the other.
    if (told || asking.exchange(true)) continue;
    node->ready(for_ever, [&told, &asking, name = config->name](const Result<void>& ready) {
      if (ready) std::cout << "conclave: '" << printable(name) << "' is ready" << std::endl;
      told = ready.has_value();
      asking = false;
    });
  } while (!wait_for_signal(milliseconds(100)));
  (void)node->close();
  return 0;
}

int hold_lock(HoldOptions options) {
  Wait wait;
  auto visitor = visit(options, wait);
  if (!visitor) return wait.complain(visitor.error());
  auto& node = visitor->node;
  auto lock = wait.for_result<Lock>([&](auto done) {
    if (options.try_once) return node.lock(options.name).try_acquire(std::move(done));
    (void)node.lock(options.name).acquire({.timeout = waiting_time(options)}, std::move(done));
  });
  if (!lock) return not_held(lock.error(), options, wait);
  const auto code = run_while_held(options.command,
                                   {{"CONCLAVE_NAME", options.name}, {"CONCLAVE_TOKEN", std::to_string(lock->token().value)}},
                                   {.remaining = [&] { return lock->remaining(); },
                                    .ended = [&] { return lock->stop_token().stop_requested(); }},
                                   visitor->margin);
  return finish(code, lock->release().has_value(), "the lock '" + options.name + "'");
}

int hold_leadership(HoldOptions options) {
  Wait wait;
  auto visitor = visit(options, wait);
  if (!visitor) return wait.complain(visitor.error());
  auto& node = visitor->node;
  Campaign campaign;
  const auto term = options.try_once ? try_to_lead(node, options.name, campaign, wait)
                                     : wait_to_lead(node, options.name, waiting_time(options), campaign, wait);
  if (!term) return not_held(term.error(), options, wait);
  const auto code = run_while_held(options.command,
                                   {{"CONCLAVE_NAME", options.name}, {"CONCLAVE_TOKEN", std::to_string(term->token().value)}},
                                   {.remaining = [&] { return term->remaining(); },
                                    .ended = [&] { return term->stop_token().stop_requested(); }},
                                   visitor->margin);
  const bool kept = term->active();
  (void)campaign.cancel();
  return finish(code, kept, "the leadership of '" + options.name + "'");
}

int show_status(const StatusOptions& options) {
  Error last;
  for (const auto& address : options.addresses) {
    const auto status = ask_status(address, milliseconds(options.timeout_ms));
    if (status) {
      print(std::cout, *status);
      return 0;
    }
    last = status.error();
  }
  return complain(last, exit_code_of(last));
}

}  // namespace conclave::cli
