#include "cli/wait.hpp"

#include <iostream>
#include <thread>

#include "cli/commands.hpp"
#include "cli/printable.hpp"

namespace conclave::cli {

int complain(const Error& error, int code) {
  std::cerr << "conclave: " << printable(error.message()) << '\n';
  return code;
}

int exit_code_of(const Error& error) {
  return error == errc::invalid_argument || error == errc::address_unusable ? usage_error : not_available;
}

std::optional<int> close_unless_told(std::optional<Node>& node) {
  if (!node) return std::nullopt;
  // Not on this thread: closing waits for what cannot be interrupted, such as a name that is being resolved.
  std::thread closing;
  Wait wait;
  const auto closed = wait.for_result<void>([&](auto done) {
    closing = std::thread([&node, done]() mutable {
      node.reset();
      done({});
    });
  });
  if (closed)
    closing.join();
  else
    closing.detach();
  return wait.signal();
}

}  // namespace conclave::cli
