#include "sim/report/thin.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>

namespace conclave::sim {
namespace {

using namespace std::chrono_literals;

/// What took longer tells of a fault.
constexpr TrueTime in_time = 20ms;

}  // namespace

Thinned thin(Facts& facts, const std::vector<Span>& interesting, const Thinning& thinning) {
  const auto is_near = [&](TrueTime at) {
    return std::ranges::any_of(interesting, [&](const Span& span) {
      return at >= span.from - thinning.vicinity && at <= span.to + thinning.vicinity;
    });
  };
  Thinned left_out;
  if (facts.journeys.size() > thinning.messages_max) {
    const auto dull = [&](const Journey& journey) {
      return journey.routine && journey.fate == Fate::arrived && journey.arrived - journey.sent < in_time;
    };
    const auto dull_and_far = [&](const Journey& journey) { return dull(journey) && !is_near(journey.sent); };
    left_out.messages = std::erase_if(facts.journeys, dull_and_far);
    // Something that was wrong all the time is near to everything.
    if (facts.journeys.size() > thinning.messages_max) left_out.messages += std::erase_if(facts.journeys, dull);
  }

  // The last of a step stays: it stands for those before it.
  const auto ballots = [](const Level& level) { return std::tie(level.promised, level.promised_synced); };
  std::map<std::string, const Level*> next;
  std::vector<Level> kept;
  for (auto level = facts.levels.rbegin(); level != facts.levels.rend(); ++level) {
    const auto*& later = next[level->node];
    if (later && ballots(*later) == ballots(*level) && later->at - level->at < thinning.level_step && !is_near(level->at)) {
      ++left_out.levels;
      continue;
    }
    later = &*level;
    kept.push_back(*level);
  }
  std::ranges::reverse(kept);
  facts.levels = std::move(kept);
  return left_out;
}

}  // namespace conclave::sim
