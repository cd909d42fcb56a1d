// The power fails, at every point of what was recorded: the states that the disk may be in are made and opened.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <unordered_set>

#include "powercut/crash_states.hpp"
#include "powercut/failures.hpp"
#include "powercut/judge.hpp"
#include "powercut/recording.hpp"

namespace conclave::powercut {

struct CutOptions {
  std::uint64_t seed = 1;
  StateLimits limits;
  /// One image in so many also takes one more step.
  std::size_t goes_on_every = 4;
  /// One image in so many lives on under the shim, and its power fails again. 0: none.
  std::size_t second_cut_every = 0;
  /// Ends at the first failure.
  bool first_failure_only = false;
};

struct CutCounts {
  std::size_t points = 0;  ///< at which the power failed
  std::size_t whole = 0;   ///< of them: every state was looked at
  std::size_t images = 0;
  std::size_t second_lives = 0;

  CutCounts& operator+=(const CutCounts& other);
};

class Cuts {
 public:
  Cuts(const Workload& workload, CutOptions options, Failures& failures)
      : workload_(workload), options_(options), failures_(failures), place_(quick_place()), draw_(options.seed) {}

  /// `model` is the disk before `events`, on which `required` was acknowledged; `name` says which run this is.
  void run(DiskModel model, std::span<const Event> events, Required required, const std::string& name);
  [[nodiscard]] const CutCounts& counts() const { return counts_; }

 private:
  void cut(const DiskModel& model, const Required& required, const std::string& where);
  void examine(const Image& image, const Required& required, const std::string& where);
  void live_again(const Image& image, const Required& required, const std::string& where);
  [[nodiscard]] bool is_over() const { return options_.first_failure_only && failures_.count() > 0; }

  const Workload& workload_;
  CutOptions options_;
  Failures& failures_;
  Folder place_;
  Prng draw_;
  CutCounts counts_;
  std::unordered_set<std::uint64_t> seen_;
};

}  // namespace conclave::powercut
