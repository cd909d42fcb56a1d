// What every command that opens a node has in common: it waits for the node and for signals, complains, and leaves.
#pragma once

#include <algorithm>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <utility>

#include <conclave/node.hpp>

#include "cli/supervise.hpp"

namespace conclave::cli {

using std::chrono::milliseconds;

constexpr milliseconds for_ever = std::chrono::hours(24 * 365);

/// Says `error` on standard error; `code`.
[[nodiscard]] int complain(const Error& error, int code);
/// The exit code for `error`, one of `ExitCode`.
[[nodiscard]] int exit_code_of(const Error& error);

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

  /// The signal that ended the last wait, if one did.
  [[nodiscard]] std::optional<int> signal() const { return signal_; }

 private:
  std::optional<int> signal_;
};

/// Closes `node`, if there is one. A signal that comes meanwhile is returned: then the node is still closing, and the program
/// has to end without it (std::_Exit), which costs no more than being killed does: a session that is left ends after its TTL.
[[nodiscard]] std::optional<int> close_unless_told(std::optional<Node>& node);

}  // namespace conclave::cli
