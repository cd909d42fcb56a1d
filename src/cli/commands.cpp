// `conclave run` and `conclave status`.
#include "cli/commands.hpp"

#include <atomic>
#include <cstdlib>
#include <future>
#include <iostream>
#include <optional>
#include <utility>

#include <conclave/conclave.hpp>

#include "cli/print.hpp"
#include "cli/printable.hpp"
#include "cli/settings.hpp"
#include "cli/supervise.hpp"
#include "cli/wait.hpp"

namespace conclave::cli {

void StatusOptions::add_to(CLI::App& app) {
  app.add_option("ADDRESS", addresses, "Members to ask, one after the other until one answers")->required();
  app.add_option("--timeout-ms", timeout_ms, "How long to wait for each");
}

int run_member(const NodeOptions& options) {
  auto config = options.resolve();
  if (!config) return complain(config.error(), exit_code_of(config.error()));
  if (auto valid = check(*config); !valid) return complain(valid.error(), exit_code_of(valid.error()));
  std::promise<Error> stopped;
  auto reason = stopped.get_future();
  std::atomic<bool> asking = false;
  std::atomic<bool> told = false;
  config->on_stopped = [&stopped](const Error& error) { stopped.set_value(error); };
  auto opened = Node::open(*config);
  if (!opened) return complain(opened.error(), exit_code_of(opened.error()));
  std::optional<Node> node(std::move(*opened));
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
  if (const auto hurried = close_unless_told(node)) std::_Exit(128 + *hurried);
  return 0;
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
