#include "sim/expectation.hpp"

#include <algorithm>
#include <array>

namespace conclave::sim {
namespace {

// How often the world is looked at while something is expected.
constexpr auto period = std::chrono::milliseconds(5);

constexpr auto kinds = std::to_array<ExpectationKind>({
    {"commit", "D", "within D a slot is applied that nobody had applied before"},
    {"no-commit", "D", "for D no node applies a slot that nobody had applied before"},
    {"leader", "D", "within D some node leads"},
    {"same-leader", "D", "for D nobody else leads than now"},
    {"leader-moves", "D", "within D another node leads than now"},
    {"stops-leading", "N D", "within D the node leads no more"},
    {"stopped", "N D", "within D the node has stopped itself, or refused to start"},
    {"runs", "N D", "for D the node runs"},
});

const ExpectationKind* find_kind(std::string_view name) {
  const auto found = std::ranges::find(kinds, name, &ExpectationKind::name);
  return found == kinds.end() ? nullptr : &*found;
}

}  // namespace

struct Expectations::Open {
  Words words;
  /// Nothing where no machine is named, or none led.
  std::optional<std::string> node;
  Instant from;
  Instant until;
  std::optional<std::string> leader;
  std::optional<Slot> newest;
};

std::span<const ExpectationKind> expectation_kinds() { return kinds; }

Result<void> check_expectation(const Words& words, const std::set<std::string>& names) {
  const auto wrong = [&](const std::string& why) { return Error(errc::invalid_argument, '"' + join(words) + "\": " + why); };
  const auto* kind = words.empty() ? nullptr : find_kind(words.front());
  if (!kind) return wrong("no such expectation");
  const auto parameters = split(kind->parameters);
  const auto usage = "it is `" + std::string(kind->name) + ' ' + std::string(kind->parameters) + '`';
  if (words.size() != parameters.size() + 1) return wrong(usage);
  if (!parse_duration(words.back())) return wrong('"' + words.back() + "\" is no duration; " + usage);
  if (parameters.size() == 2 && words[1] != "leader" && !names.contains(words[1])) return wrong("no machine \"" + words[1] + '"');
  return {};
}

Words parameters_of_expectation(const Words& words) {
  auto parameters = split(find_kind(words.front())->parameters);
  parameters.insert(parameters.begin(), "");
  return parameters;
}

Expectations::Expectations(World& world, const std::vector<Step>& steps) : world_(world) {
  for (const auto& step : steps) world_.timeline().at(Instant(step.at), [this, &step] { begin(step.words); });
}

Expectations::~Expectations() = default;

void Expectations::begin(const Words& words) {
  Open open{.words = words,
            .node = {},
            .from = world_.now(),
            .until = world_.now() + *parse_duration(words.back()),
            .leader = world_.leader(),
            .newest = newest_slot()};
  if (words.size() == 3) open.node = words[1] == "leader" ? open.leader : words[1];
  open_.push_back(std::move(open));
  if (!std::exchange(looking_, true)) look();
}

void Expectations::look() {
  std::erase_if(open_, [this](Open& open) { return settled(open); });
  looking_ = !open_.empty();
  if (looking_) world_.timeline().after(period, [this] { look(); });
}

bool Expectations::settled(Open& open) {
  const auto& name = open.words.front();
  const bool over = world_.now() >= open.until;
  const auto broken = [&](const std::string& sentence) {
    violations_.push_back({.check = find_kind(name)->name,
                           .subject = join(open.words),
                           .from = open.from.time_since_epoch(),
                           .to = world_.now().time_since_epoch(),
                           .events = {},
                           .sentence = sentence});
    return true;
  };
  /// Must come true before the time is over; or must not.
  const auto must = [&](bool came, const std::string& sentence) { return came || (over && broken(sentence)); };
  const auto must_not = [&](bool came, const std::string& sentence) { return (came && broken(sentence)) || over; };

  const auto leader = world_.leader();
  if (name == "commit") return must(newest_slot() > open.newest, "nothing new was applied");
  if (name == "no-commit") return must_not(newest_slot() > open.newest, "a new slot was applied");
  if (name == "leader") return must(leader.has_value(), "nobody leads");
  if (name == "same-leader") return must_not(leader && leader != open.leader, leader.value_or("") + " leads now");
  if (name == "leader-moves") return must(leader && leader != open.leader, "nobody else came to lead");
  // The others are about a machine.
  if (!open.node) return broken("no such machine: nobody led");
  if (name == "stops-leading") return must(!leads(*open.node), *open.node + " leads on");
  if (name == "stopped") return must(!world_.runs(*open.node), *open.node + " runs on");
  return must_not(!world_.runs(*open.node), *open.node + " runs no more");
}

std::optional<Slot> Expectations::newest_slot() {
  std::optional<Slot> newest;
  for (const auto& name : world_.names())
    if (world_.runs(name) && world_.engine(name).replica())
      newest = std::max(newest, std::optional(world_.engine(name).replica()->watermark()));
  return newest;
}

bool Expectations::leads(const std::string& name) {
  if (!world_.runs(name)) return false;
  const auto& replica = world_.engine(name).replica();
  return replica && replica->term_started();
}

}  // namespace conclave::sim
