// What a public `Node` keeps going: a runtime with its threads, or a process in the simulator.
#pragma once

#include <chrono>

#include <conclave/result.hpp>

namespace conclave::client {

class Backing {
 public:
  Backing() = default;
  Backing(const Backing&) = delete;
  Backing& operator=(const Backing&) = delete;
  virtual ~Backing() = default;

  /// See `Node::close`.
  virtual Result<void> close(std::chrono::milliseconds timeout) = 0;
  /// Nobody holds the node any more: closes it, in the background where this thread must not wait. Whatever goes on holds this.
  virtual void dispose(std::chrono::milliseconds timeout) = 0;
};

}  // namespace conclave::client
