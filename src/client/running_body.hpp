// Which bodies run on this thread, so that a call that would wait for one of them, and so for itself, can say so.
#pragma once

#include <string>

namespace conclave::client {

class Campaigning;
class Grant;
class Host;

/// A body of `NamedElection::run` or `NamedLock::run`, on the thread that runs it and for as long as it does. Bodies nest.
class RunningBody {
 public:
  RunningBody(const Host& host, const Campaigning& candidacy) : RunningBody(host, &candidacy, nullptr) {}
  /// `grant` outlives the body.
  RunningBody(const Host& host, const Grant& grant) : RunningBody(host, nullptr, &grant) {}
  RunningBody(const RunningBody&) = delete;
  RunningBody& operator=(const RunningBody&) = delete;
  ~RunningBody();

  /// This thread runs one of that node.
  [[nodiscard]] static bool here(const Host& host);
  /// This thread runs the body of that candidacy.
  [[nodiscard]] static bool here(const Campaigning& candidacy);
  /// This thread runs a body under the lock called `name`, which it still holds.
  [[nodiscard]] static bool holds_here(const Host& host, const std::string& name);

 private:
  RunningBody(const Host& host, const Campaigning* candidacy, const Grant* grant);
  template <class Test>
  [[nodiscard]] static bool any(Test test);

  const Host* host_;
  const Campaigning* candidacy_;
  const Grant* grant_;
  const RunningBody* around_;
};

}  // namespace conclave::client
