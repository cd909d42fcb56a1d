// What the holders and leaders of a world believe, and until when: as long as the node's own clock has not reached the
// deadline, whatever that clock does meanwhile.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "sim/checkers/history.hpp"
#include "sim/world.hpp"

namespace conclave::sim {

class BeliefKeeper {
 public:
  /// Writes to `history` in true time. Both, and the world, outlive this; so does this the last step of the world.
  BeliefKeeper(World& world, History& history) : world_(world), history_(history) {}

  struct Subject {
    std::string node;
    std::string res;
    std::int64_t number{0};
    friend auto operator<=>(const Subject&, const Subject&) = default;
  };
  /// Until when the handle says it is certain, by the node's clock: asked again after each renewal.
  using Deadline = std::function<Instant()>;

  /// `session` is empty for a leadership.
  void begin(const Subject& subject, std::string session, Deadline deadline);
  /// The holder has given it up, or was told of its end. Nothing if it had ended before.
  void end(const Subject& subject);
  /// Renewals, and changes of the clock.
  void review(const std::string& node);
  /// The process is gone, and its beliefs with it.
  void forget(const std::string& node);

 private:
  struct Belief {
    std::string session;
    Deadline deadline;
    /// As last written: by the node's clock, and in truth.
    Instant local;
    Instant until;
    /// The node's clock reached the deadline before the `until` that was written: it was set or sped up.
    bool lapsed{false};
  };

  void write(const Subject& subject, Belief& belief);
  void write_end(const Subject& subject, const Belief& belief);
  void lapse(const Subject& subject, Instant local);

  World& world_;
  History& history_;
  std::map<Subject, Belief> beliefs_;
};

}  // namespace conclave::sim
