// Invariants: facts of our own making that are always checked. A broken one discards the step's effects; the driver
// catches `InvariantBroken`, the node goes silent, and `on_stopped` tells the host. Bytes from a peer or the disk are
// input, never an invariant.
#pragma once

#include <sstream>
#include <stdexcept>
#include <string>

#include "base/text.hpp"

namespace conclave {

class InvariantBroken : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

namespace detail {

template <class... Values>
[[noreturn]] void break_invariant(const char* file, int line, const char* fact, const char* names,
                                  const Values&... values) {
  std::string text = std::string(file) + ":" + std::to_string(line) + ": " + fact;
  if constexpr (sizeof...(values) > 0) {
    text += " [" + std::string(names) + " =";
    ((text += " " + to_string(values)), ...);
    text += "]";
  }
  throw InvariantBroken(text);
}

}  // namespace detail
}  // namespace conclave

/// States one fact, with the values that explain a failure: `CONCLAVE_INVARIANT(ballot >= promised_, ballot, promised_);`
#define CONCLAVE_INVARIANT(fact, ...)                                                                                \
  do {                                                                                                               \
    if (!(fact)) [[unlikely]]                                                                                        \
      ::conclave::detail::break_invariant(__FILE_NAME__, __LINE__, #fact, #__VA_ARGS__ __VA_OPT__(, ) __VA_ARGS__);  \
  } while (false)
