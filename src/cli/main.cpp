// conclave: run a member, hold a lock or a leadership around a command, look at a cluster.
#include <iostream>
#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "cli/options.hpp"
#include "cli/printable.hpp"
#include "cli/supervise.hpp"

#include <conclave/version.hpp>

namespace cli = conclave::cli;

int main(int argc, char** argv) {
  // Before any thread is started, so that all of them inherit it.
  cli::block_signals();
  CLI::App app("Conclave: processes agree, without a server. Locks, leaders and a replicated log.");
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string("conclave ") + CONCLAVE_VERSION);

  cli::NodeOptions member;
  auto* run = app.add_subcommand("run", "Run a member until it is told to stop");
  member.add_member_options(*run);

  cli::HoldOptions lock;
  cli::HoldOptions elect;
  lock.add_to(*app.add_subcommand("lock", "Run a command while holding a lock"), "The lock's name");
  elect.add_to(*app.add_subcommand("elect", "Run a command while leading an election"), "The election's name");

  cli::StatusOptions status;
  status.add_to(*app.add_subcommand("status", "Ask a member what it knows of its cluster"));

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // The parser would only say that a command is missing.
    const auto unknown = app.get_subcommands().empty() ? app.remaining() : std::vector<std::string>();
    if (!unknown.empty() && error.get_exit_code() != 0) {
      std::cerr << "conclave: there is no command or option '" << cli::printable(unknown.front()) << "'\n"
                << "Run with --help for more information.\n";
      return cli::usage_error;
    }
    // Help and version are told by an "error" too; everything else is a wrong use.
    return app.exit(error) == 0 ? 0 : cli::usage_error;
  }
  if (app.got_subcommand("run")) return cli::run_member(member);
  if (app.got_subcommand("lock")) return cli::hold_lock(lock);
  if (app.got_subcommand("elect")) return cli::hold_leadership(elect);
  return cli::show_status(status);
}
