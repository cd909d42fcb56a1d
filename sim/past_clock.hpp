// A node's clock as it has run so far: what it showed, and when that was in true time.
#pragma once

#include <algorithm>
#include <vector>

#include "sim/clock.hpp"

namespace conclave::sim {

class PastClock {
 public:
  /// `clock` as it is from `truth` on. Told at the beginning and at each change.
  void turned(const Clock& clock, Instant truth) { spans_.push_back({truth, clock}); }

  /// The last time, in truth, at which it began to show `reading`; the beginning if that is older.
  [[nodiscard]] Instant truth_of(Instant reading) const {
    auto end = Instant::max();
    for (auto span = spans_.rbegin(); span != spans_.rend(); ++span) {
      if (span->clock.at(span->from) <= reading) return std::min(span->clock.when(reading, span->from), end);
      end = span->from;
    }
    return spans_.empty() ? reading : spans_.front().from;
  }

 private:
  struct Span {
    Instant from;
    Clock clock;
  };
  std::vector<Span> spans_;
};

}  // namespace conclave::sim
