#include "sim/report/page.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "sim/checkers/beliefs.hpp"
#include "sim/checkers/json_lines.hpp"
#include "sim/checkers/words.hpp"
#include "sim/expectation.hpp"
#include "sim/fault.hpp"
#include "sim/report/chronicle.hpp"
#include "sim/report/page_parts.hpp"
#include "sim/report/rules.hpp"
#include "sim/report/thin.hpp"

namespace conclave::sim {
namespace {

using Json = nlohmann::ordered_json;

/// The page counts in microseconds.
std::int64_t us(std::chrono::nanoseconds at) { return std::chrono::duration_cast<std::chrono::microseconds>(at).count(); }

std::string text_of(const paxos::Ballot& ballot) { return ballot.is_none() ? std::string() : paxos::to_string(ballot); }

/// The last that was said of when a belief would end by the believer's own clock; nothing: never, as things stood.
std::optional<TrueTime> deadline_of(const Belief& belief, const History& history) {
  const auto says = [&](const auto& fact, std::int64_t number) {
    return fact.node == belief.who.node && fact.res == belief.who.res && number == belief.who.number;
  };
  for (auto place = belief.last;; --place) {
    const auto& event = history.events[place];
    if (const auto* hold = std::get_if<Hold>(&event); hold && says(*hold, hold->token)) return hold->until;
    if (const auto* lead = std::get_if<Lead>(&event); lead && says(*lead, lead->epoch)) return lead->until;
    if (place == belief.opened) return std::nullopt;
  }
}

/// Gives each text a number, each once.
class Texts {
 public:
  std::size_t operator()(const std::string& text) {
    const auto [found, is_new] = places_.try_emplace(text, all_.size());
    if (is_new) all_.push_back(text);
    return found->second;
  }
  [[nodiscard]] const Json& all() const { return all_; }

 private:
  std::map<std::string, std::size_t> places_;
  Json all_ = Json::array();
};

class Data {
 public:
  Data(const Shown& shown, Facts facts) : shown_(shown), facts_(std::move(facts)) {
    for (std::size_t i = 0; i < facts_.nodes.size(); ++i) numbers_[facts_.nodes[i]] = i;
  }

  Json make() {
    std::vector<Span> interesting;
    for (const auto& violation : shown_.outcome.violations) interesting.push_back({violation.from, violation.to});
    const auto left_out = thin(facts_, interesting);
    Json data;
    data["about"] = about();
    data["violations"] = violations();
    data["rules"] = rules_;
    data["expectations"] = expectations();
    data["nodes"] = facts_.nodes;
    data["owners"] = owners();
    data["faults"] = faults();
    data["lives"] = lives();
    data["conditions"] = conditions();
    data["standings"] = standings();
    data["clocks"] = clocks();
    data["levels"] = levels();
    data["unsynced"] = unsynced();
    data["remarks"] = remarks();
    data["holdings"] = holdings();
    data["beliefs"] = beliefs();
    data["calls"] = calls();
    data["messages"] = messages();
    data["messages_left_out"] = left_out.messages;
    data["texts"] = texts_.all();
    return data;
  }

 private:
  /// A machine's place; -1 for what is none.
  [[nodiscard]] int number(const std::string& node) const {
    const auto found = numbers_.find(node);
    return found == numbers_.end() ? -1 : static_cast<int>(found->second);
  }

  [[nodiscard]] Json about() const {
    const auto& plan = shown_.plan;
    return {{"name", shown_.name},
            {"comment", plan.comment},
            {"replay", shown_.replay},
            {"plan", to_string(plan)},
            {"seed", std::to_string(plan.seed)},
            {"prefer", plan.prefer},
            {"violates", plan.violates},
            {"surprises", surprises(plan, shown_.outcome)},
            {"calls_planned", plan.calls.size()},
            {"healed", us(plan.faults_for)},
            {"settle", us(plan.settle_for)},
            {"end", us(shown_.outcome.simulated)},
            {"drift_ppm", shown_.outcome.history.meta.drift_ppm}};
  }

  Json violations() {
    Json all = Json::array();
    for (const auto& violation : shown_.outcome.violations) {
      Json events = Json::array();
      std::set<int> nodes{number(violation.subject)};
      for (const auto place : violation.events) {
        const auto& event = shown_.outcome.history.events[place];
        events.push_back({{"at", us(at(event))}, {"line", place + 2}, {"text", to_line(event)}});
        nodes.insert(node_of(event));
      }
      nodes.erase(-1);
      auto rules = rules_of(violation);
      for (const auto& rule : rules) rules_[rule] = sim::text_of(rule, page_parts::protocol);
      all.push_back({{"check", violation.check},
                     {"subject", violation.subject},
                     {"undecided", violation.verdict == Verdict::undecided},
                     {"from", us(violation.from)},
                     {"to", us(violation.to)},
                     {"sentence", violation.sentence},
                     {"rules", rules},
                     {"nodes", nodes},
                     {"events", events}});
    }
    return all;
  }

  [[nodiscard]] int node_of(const Event& event) const {
    return std::visit(
        [this](const auto& held) {
          if constexpr (requires { held.node; }) return number(held.node);
          else if constexpr (requires { held.client; }) return number(held.client);
          else return -1;
        },
        event);
  }

  [[nodiscard]] Json expectations() const {
    Json all = Json::array();
    for (const auto& step : shown_.plan.expectations) {
      const auto kinds = expectation_kinds();
      const auto kind = std::ranges::find(kinds, step.words.front(), &ExpectationKind::name);
      const bool broken = std::ranges::any_of(shown_.outcome.violations, [&](const Violation& violation) {
        return violation.check == step.words.front() && violation.subject == join(step.words) && violation.from == step.at;
      });
      all.push_back({{"at", us(step.at)},
                     {"until", us(step.at + *parse_duration(step.words.back()))},
                     {"text", join(step.words)},
                     {"meaning", kind->meaning},
                     {"came_true", !broken}});
    }
    return all;
  }

  /// Traces write a ballot with the last byte of its owner's identity: whose is it?
  [[nodiscard]] Json owners() const {
    Json all = Json::object();
    for (const auto& [member, node] : facts_.members) {
      const auto text = paxos::to_string(paxos::Ballot{.round = paxos::Round{1}, .member = member});
      all[text.substr(text.find('.') + 1)] = number(node);
    }
    return all;
  }

  [[nodiscard]] Json faults() const {
    Json all = Json::array();
    for (const auto& fault : facts_.faults) {
      const auto kinds = fault_kinds();
      const auto kind = std::ranges::find(kinds, fault.words.front(), &FaultKind::name);
      std::set<int> nodes;
      for (const auto& word : fault.words)
        if (const auto group = parse_group(word))
          for (const auto& name : *group) nodes.insert(number(name));
      const auto parameters = split(kind->parameters);
      for (std::size_t i = 1; i < fault.words.size() && i <= parameters.size(); ++i)
        if (parameters[i - 1] == "N" || parameters[i - 1] == "M") nodes.insert(number(fault.words[i]));
      nodes.erase(-1);
      all.push_back({{"at", us(fault.at)}, {"text", join(fault.words)}, {"effect", kind->effect}, {"nodes", nodes}});
    }
    return all;
  }

  [[nodiscard]] Json lives() const {
    Json all = Json::array();
    for (const auto& life : facts_.lives)
      all.push_back({{"node", number(life.node)},
                     {"number", life.number},
                     {"from", us(life.span.from)},
                     {"to", us(life.span.to)},
                     {"stopped", life.stopped ? Json(us(*life.stopped)) : Json()},
                     {"why", life.why},
                     {"ending", life.ending}});
    return all;
  }

  [[nodiscard]] Json conditions() const {
    Json all = Json::array();
    for (const auto& condition : facts_.conditions)
      all.push_back({number(condition.node), number(condition.to), condition.what, us(condition.span.from), us(condition.span.to)});
    return all;
  }

  [[nodiscard]] Json standings() const {
    Json all = Json::array();
    for (const auto& standing : facts_.standings)
      all.push_back({number(standing.node), paxos::to_string(standing.role), text_of(standing.ballot), standing.term_started ? 1 : 0,
                     us(standing.span.from), us(standing.span.to)});
    return all;
  }

  [[nodiscard]] Json clocks() const {
    Json all = Json::array();
    for (const auto& clock : facts_.clocks)
      all.push_back({number(clock.node), us(clock.at), us(clock.reading), clock.gains_ppm});
    return all;
  }

  /// For each node columns, times as differences.
  Json levels() {
    std::vector<Json> all(facts_.nodes.size(), Json::array());
    std::vector<std::int64_t> last(facts_.nodes.size());
    for (const auto& level : facts_.levels) {
      const auto node = static_cast<std::size_t>(number(level.node));
      const auto at = us(level.at);
      for (const auto value : {at - std::exchange(last[node], at), static_cast<std::int64_t>(texts_(text_of(level.promised))),
                               static_cast<std::int64_t>(texts_(text_of(level.promised_synced))),
                               static_cast<std::int64_t>(level.accepted.value), static_cast<std::int64_t>(level.accepted_synced.value),
                               static_cast<std::int64_t>(level.watermark.value)})
        all[node].push_back(value);
    }
    return all;
  }

  [[nodiscard]] Json unsynced() const {
    std::vector<Json> all(facts_.nodes.size(), Json::array());
    std::vector<std::int64_t> last(facts_.nodes.size());
    for (const auto& written : facts_.unsynced) {
      const auto node = static_cast<std::size_t>(number(written.node));
      const auto from = us(written.span.from);
      all[node].push_back(from - std::exchange(last[node], from));
      all[node].push_back(us(written.span.to) - from);
      all[node].push_back(written.lost ? 1 : 0);
    }
    return all;
  }

  [[nodiscard]] Json remarks() const {
    Json all = Json::array();
    for (const auto& remark : facts_.remarks)
      all.push_back({us(remark.at), number(remark.node), static_cast<int>(remark.level), remark.text});
    return all;
  }

  [[nodiscard]] Json holdings() const {
    Json all = Json::array();
    for (const auto& holding : facts_.holdings)
      all.push_back({{"resource", holding.resource},
                     {"election", holding.election},
                     {"node", number(holding.owner)},
                     {"token", holding.token},
                     {"slot", holding.slot.value},
                     {"from", us(holding.span.from)},
                     {"to", us(holding.span.to)},
                     {"ending", holding.ending}});
    return all;
  }

  [[nodiscard]] Json beliefs() const {
    Json all = Json::array();
    const auto& history = shown_.outcome.history;
    const auto add = [&](const Beliefs& beliefs, bool election) {
      for (const auto& belief : beliefs.all) {
        const auto until = deadline_of(belief, history);
        all.push_back({{"node", number(belief.who.node)},
                       {"resource", belief.who.res},
                       {"election", election},
                       {"session", belief.who.session},
                       {"number", belief.who.number},
                       {"from", us(belief.from)},
                       {"to", us(std::min(belief.to, shown_.outcome.simulated))},
                       {"until", until ? Json(us(*until)) : Json()}});
      }
    };
    add(holds(history), false);
    add(leads(history), true);
    return all;
  }

  [[nodiscard]] Json calls() const {
    std::map<std::uint64_t, const Return*> answers;
    for (const auto& event : shown_.outcome.history.events)
      if (const auto* answer = std::get_if<Return>(&event)) answers[answer->id] = answer;
    Json all = Json::array();
    for (const auto& event : shown_.outcome.history.events) {
      const auto* call = std::get_if<Call>(&event);
      // What the log does of itself is no client's call.
      if (!call || number(call->client) < 0) continue;
      const auto found = answers.find(call->id);
      const auto* answer = found == answers.end() ? nullptr : found->second;
      Json asked{{"node", number(call->client)}, {"id", call->id},       {"object", to_string(call->object)},
                 {"op", word(call->op)},         {"from", us(call->at)}, {"to", answer ? Json(us(answer->at)) : Json()},
                 {"status", answer ? word(answer->status) : "lost"}};
      const auto set = [&](const char* key, const auto& value) {
        if (value) asked[key] = *value;
      };
      set("old", call->old);
      set("value", call->value);
      set("session", call->session);
      set("token", call->token);
      if (answer) {
        set("got", answer->value);
        set("got_token", answer->token);
        set("got_n", answer->n);
      }
      all.push_back(std::move(asked));
    }
    return all;
  }

  /// In one column, six numbers each, in the order of sending: time since the one before, time on the way, both ends, what
  /// became of it and what it is in one number, its text.
  Json messages() {
    auto& journeys = facts_.journeys;
    std::ranges::stable_sort(journeys, {}, &Journey::sent);
    Json all = Json::array();
    std::int64_t last = 0;
    for (const auto& journey : journeys) {
      const auto sent = us(journey.sent);
      const auto sort = static_cast<int>(journey.fate) + 4 * static_cast<int>(journey.kind) + (journey.routine ? 100 : 0);
      for (const auto value : {sent - std::exchange(last, sent), us(journey.arrived) - sent, std::int64_t{number(journey.from)},
                               std::int64_t{number(journey.to)}, std::int64_t{sort}, static_cast<std::int64_t>(texts_(journey.text))})
        all.push_back(value);
    }
    return all;
  }

  const Shown& shown_;
  Facts facts_;
  std::map<std::string, std::size_t> numbers_;
  std::map<std::string, std::string> rules_;
  Texts texts_;
};

void replace(std::string& text, std::string_view mark, std::string_view by) {
  const auto found = text.find(mark);
  if (found != std::string::npos) text.replace(found, mark.size(), by);
}

/// As the text of a script element: nothing in it ends the element or begins a comment.
std::string in_markup(const Json& data) {
  const auto plain = data.dump(-1, ' ', false, Json::error_handler_t::replace);
  std::string text;
  text.reserve(plain.size());
  for (const char c : plain) {
    if (c == '<')
      text += "\\u003c";
    else
      text += c;
  }
  return text;
}

}  // namespace

std::string page(const Shown& shown) {
  std::string html(page_parts::html);
  replace(html, "/*CSS*/", page_parts::css);
  replace(html, "/*SCRIPT*/", page_parts::script);
  // Last: what is named in a run could be a mark.
  replace(html, "/*DATA*/", in_markup(Data(shown, shown.facts).make()));
  return html;
}

Report report(const Plan& plan, std::string name, std::string replay) {
  Chronicle chronicle;
  Report result{.outcome = run(plan, [&](World& world) { chronicle.watch(world); }), .page = {}};
  const auto facts = chronicle.finish(result.outcome.simulated);
  result.page = page({.plan = plan, .outcome = result.outcome, .facts = facts, .name = std::move(name), .replay = std::move(replay)});
  return result;
}

}  // namespace conclave::sim
