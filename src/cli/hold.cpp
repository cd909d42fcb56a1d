// `conclave lock` and `conclave elect`: a command that runs while something is held.
#include <cstdlib>
#include <iostream>
#include <optional>
#include <utility>

#include <conclave/conclave.hpp>

#include "cli/commands.hpp"
#include "cli/patience.hpp"
#include "cli/printable.hpp"
#include "cli/settings.hpp"
#include "cli/supervise.hpp"
#include "cli/wait.hpp"

namespace conclave::cli {
namespace {

/// For a release: longer than a change of leader takes. What is not answered by then comes free after its TTL.
constexpr milliseconds given_back_within = std::chrono::seconds(5);

Patience patience_of(const HoldOptions& options) {
  std::optional<milliseconds> said;
  if (options.timeout_ms) said = milliseconds(*options.timeout_ms);
  return {said, options.try_once};
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
    return Error(errc::invalid_argument, "data-dir: " + options.node.config_file.string() +
                                             " is a member's; this command keeps nothing. Give it a file without data-dir, or none");
  if (config->join.empty()) return Error(errc::invalid_argument, "--join ADDRESS: name a member of the cluster");
  if (auto valid = check(*config); !valid) return valid.error();
  if (margin_of(*config) < margin_min)
    return Error(errc::invalid_argument, "ttl-ms: is " + std::to_string(config->timing.session_ttl.count()) +
                                             " ms; raise it to at least " + std::to_string(4 * margin_min.count()) +
                                             " ms to hold something for a command: its last quarter is the command's to end in");
  return config;
}

/// An ephemeral node of this command's own.
struct Visitor {
  Patience patience;
  std::optional<Node> node{};
  milliseconds margin{};
  Wait wait{};
};

/// Opens it and waits until it can lock.
Result<void> visit(HoldOptions& options, Visitor& visitor) {
  options.node.quiet = true;
  const auto config = visitor_config(options);
  if (!config) return config.error();
  auto node = Node::open(*config);
  if (!node) return node.error();
  visitor.node = std::move(*node);
  visitor.margin = margin_of(*config);
  return visitor.wait.for_result<void>([&](auto done) { visitor.node->ready(visitor.patience.for_cluster(), std::move(done)); });
}

Error too_late(const HoldOptions& options) {
  return {errc::timeout, "somebody else had '" + options.name + "' for all of the " + std::to_string(options.timeout_ms.value_or(0)) +
                             " ms of --timeout-ms"};
}

/// An answer without waiting, as `try_acquire` gives it. An election takes no such request, so this stands only where it saw
/// nobody lead, and only until it leads or sees that another was faster.
Result<Term> try_to_lead(const std::string& name, Visitor& visitor, Campaign& campaign) {
  auto election = visitor.node->election(name);
  const auto self = visitor.node->status();
  if (!self) return self.error();
  bool stands = false;
  while (true) {
    const auto leader = visitor.wait.for_result<std::optional<Leader>>(
        [&](auto done) { election.leader(visitor.patience.for_turn(), std::move(done)); });
    if (!leader) return leader.error();
    if (*leader && (*leader)->member != self->self)
      return Error(errc::not_acquired, "'" + (*leader)->member_name + "' leads '" + name + "'");
    if (auto term = campaign.term()) return *term;
    if (stands) continue;
    auto begun = election.campaign({}, {});
    if (!begun) return begun.error();
    campaign = std::move(*begun);
    stands = true;
  }
}

/// Stands and waits until it leads.
Result<Term> wait_to_lead(const std::string& name, Visitor& visitor, Campaign& campaign) {
  return visitor.wait.for_result<Term>([&](auto done) {
    auto begun = visitor.node->election(name).campaign({}, {.on_elected = [done, told = false](Term won) mutable {
      if (!std::exchange(told, true)) done(std::move(won));
    }});
    if (!begun) return done(begun.error());
    campaign = std::move(*begun);
  }, visitor.patience.for_turn());
}

/// What is still asked for when this gives up is withdrawn by closing the node, which frees what was granted meanwhile.
Result<Lock> take_lock(const std::string& name, Visitor& visitor) {
  auto lock = visitor.node->lock(name);
  return visitor.wait.for_result<Lock>([&](auto done) {
    if (visitor.patience.asks_once()) return lock.try_acquire(std::move(done));
    (void)lock.acquire({.timeout = for_ever}, std::move(done));
  }, visitor.patience.for_turn());
}

/// After a signal, the exit code that a shell gives a command which ended by it.
int complain(const Error& error, int code, const Wait& wait) {
  return cli::complain(error, wait.signal() ? 128 + *wait.signal() : code);
}

/// 75 says that somebody else has it: where the cluster is away, or does not answer the one question, nobody knows that.
int not_held(const Error& error, const HoldOptions& options, Visitor& visitor) {
  if (error == errc::not_acquired) return complain(error, not_acquired, visitor.wait);
  if (error != errc::timeout || visitor.patience.asks_once()) return complain(error, exit_code_of(error), visitor.wait);
  const auto ready = visitor.wait.for_result<void>([&](auto done) { visitor.node->ready(milliseconds(0), std::move(done)); });
  if (!ready) return complain(ready.error(), exit_code_of(ready.error()), visitor.wait);
  return complain(too_late(options), not_acquired, visitor.wait);
}

/// Runs the command while `held`, and has it given back by `give_back(done)`.
template <class GiveBack>
int run_command(const HoldOptions& options, Visitor& visitor, Token token, const Held& held, const std::string& what,
                GiveBack give_back) {
  const auto ran = run_while_held(
      options.command, {{"CONCLAVE_NAME", options.name}, {"CONCLAVE_TOKEN", std::to_string(token.value)}}, held, visitor.margin);
  const auto given_back = visitor.wait.for_result<void>(give_back, given_back_within);
  if (!ran) return cli::complain(ran.error(), ran.error().code == std::errc::no_such_file_or_directory ? 127 : 126);
  if (!ran->kept) {
    std::cerr << "conclave: " << printable(what) << " was lost before the command had ended\n";
    return ran->code == 0 ? lock_lost : ran->code;
  }
  // The command is over and was protected to its end; for others this means to wait, no more.
  if (!given_back)
    std::cerr << "conclave: nobody has confirmed that " << printable(what)
              << " was given back, so it may stay taken until its TTL has passed: " << printable(given_back.error().message()) << '\n';
  return ran->code;
}

int lock_and_run(HoldOptions& options, Visitor& visitor) {
  if (auto ready = visit(options, visitor); !ready) return complain(ready.error(), exit_code_of(ready.error()), visitor.wait);
  auto lock = take_lock(options.name, visitor);
  if (!lock) return not_held(lock.error(), options, visitor);
  const Held held{.remaining = [&] { return lock->remaining(); }, .ended = [&] { return lock->stop_token().stop_requested(); }};
  return run_command(options, visitor, lock->token(), held, "the lock '" + options.name + "'",
                     [&](auto done) { lock->release(std::move(done)); });
}

int lead_and_run(HoldOptions& options, Visitor& visitor) {
  if (auto ready = visit(options, visitor); !ready) return complain(ready.error(), exit_code_of(ready.error()), visitor.wait);
  Campaign campaign;
  const auto term = visitor.patience.asks_once() ? try_to_lead(options.name, visitor, campaign)
                                                 : wait_to_lead(options.name, visitor, campaign);
  if (!term) return not_held(term.error(), options, visitor);
  const Held held{.remaining = [&] { return term->remaining(); }, .ended = [&] { return term->stop_token().stop_requested(); }};
  return run_command(options, visitor, term->token(), held, "the leadership of '" + options.name + "'",
                     [&](auto done) { campaign.cancel(std::move(done)); });
}

int hold(HoldOptions& options, int (*run)(HoldOptions&, Visitor&)) {
  Visitor visitor{.patience = patience_of(options)};
  const int code = run(options, visitor);
  // Who is told to stop now has the command's end already, and its exit code.
  if (close_unless_told(visitor.node)) std::_Exit(code);
  return code;
}

}  // namespace

void HoldOptions::add_to(CLI::App& app, const char* about_name) {
  node.add_visitor_options(app);
  app.add_option("--timeout-ms", timeout_ms,
                 "How long to wait in all, for the cluster and for its turn. Without it: 10 s for the cluster, and for ever for "
                 "its turn. 0: as --try");
  app.add_flag("--try", try_once,
               "Ask the cluster once, and do not wait while somebody else has it; reached and answered within --timeout-ms, or 10 s");
  app.add_option("NAME", name, about_name)->required();
  app.add_option("COMMAND", command, "The command and its arguments, after --")->required();
  app.footer("The settings are keys of the --config file too, which may have those of `conclave run --help` as well.\n"
             "The command's environment has CONCLAVE_NAME and CONCLAVE_TOKEN. Its exit code is passed on; 74: it "
             "ended with 0, but had lost what it held before, 75: not free in time, 69: no cluster, 64: wrong use, 126 and 127: the command cannot be run.\n"
             "It may use the terminal, as this command may. Ctrl-Z does not stop it: others would wait for one that rests.\n"
             "Killed with SIGKILL, conclave takes the command along, but not what the command started, and no set-user-ID "
             "program. Whatever these write to should check the token.");
}

int hold_lock(HoldOptions options) { return hold(options, &lock_and_run); }

int hold_leadership(HoldOptions options) { return hold(options, &lead_and_run); }

}  // namespace conclave::cli
