#include "sim/checkers/grammar.hpp"

#include <array>
#include <string_view>

#include "sim/checkers/words.hpp"

namespace conclave::sim {

namespace {

enum class Need { none, may, must };

/// What an operation on an object takes.
struct Shape {
  Kind kind{};
  Op op{};
  Need old{};
  Need value{};
  Need session{};
  Need token{};
  Need cmd{};
};

constexpr auto shapes = std::to_array<Shape>({
    {.kind = Kind::reg, .op = Op::read},
    {.kind = Kind::reg, .op = Op::write, .value = Need::must},
    {.kind = Kind::reg, .op = Op::cas, .old = Need::may, .value = Need::must},
    {.kind = Kind::lock, .op = Op::acquire, .session = Need::must},
    {.kind = Kind::lock, .op = Op::release, .session = Need::must, .token = Need::must},
    {.kind = Kind::lock, .op = Op::expire, .session = Need::must},
    {.kind = Kind::guard, .op = Op::read},
    {.kind = Kind::guard, .op = Op::write, .value = Need::must, .token = Need::must},
    {.kind = Kind::once, .op = Op::apply, .cmd = Need::must},
});

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

std::optional<std::string> judge_key(std::string_view key, Need need, bool is_there, Op op) {
  if (need == Need::must && !is_there) return "missing key " + quoted(key) + " of " + std::string(word(op));
  if (need == Need::none && is_there) return "key " + quoted(key) + " means nothing to " + std::string(word(op));
  return std::nullopt;
}

}  // namespace

std::optional<std::string> Grammar::admit(const Event& event) {
  const auto now = at(event);
  if (now < last_)
    return "time goes backwards, from " + std::to_string(last_.count()) + " to " + std::to_string(now.count());
  if (auto reason = std::visit([this](const auto& any) { return judge(any); }, event)) return reason;
  last_ = now;
  if (const auto* call = std::get_if<Call>(&event)) asked_.emplace(call->id, Asked{call->op});
  if (const auto* answer = std::get_if<Return>(&event)) asked_.at(answer->id).answered = true;
  return std::nullopt;
}

std::optional<std::string> Grammar::judge(const Call& call) const {
  if (asked_.contains(call.id)) return "a second call " + std::to_string(call.id);
  const auto fits = [&](const Shape& shape) { return shape.kind == call.object.kind && shape.op == call.op; };
  const auto shape = std::ranges::find_if(shapes, fits);
  if (shape == shapes.end())
    return std::string(word(call.op)) + " is no operation of a " + std::string(word(call.object.kind));
  for (const auto& reason : {judge_key("old", shape->old, call.old.has_value(), call.op),
                             judge_key("value", shape->value, call.value.has_value(), call.op),
                             judge_key("session", shape->session, call.session.has_value(), call.op),
                             judge_key("token", shape->token, call.token.has_value(), call.op),
                             judge_key("cmd", shape->cmd, call.cmd.has_value(), call.op)})
    if (reason) return reason;
  return std::nullopt;
}

std::optional<std::string> Grammar::judge(const Return& answer) const {
  const auto asked = asked_.find(answer.id);
  if (asked == asked_.end()) return "ret without call " + std::to_string(answer.id);
  if (asked->second.answered) return "a second ret of call " + std::to_string(answer.id);
  if (answer.status != Status::ok) return std::nullopt;
  const auto op = asked->second.op;
  if (op == Op::acquire && !answer.token) return judge_key("token", Need::must, false, op);
  if (op == Op::apply && !answer.n) return judge_key("n", Need::must, false, op);
  return std::nullopt;
}

std::optional<std::string> Grammar::judge(const SessionFact& fact) const {
  const bool granted = fact.what == What::grant;
  if (granted && !fact.ttl) return "missing key \"ttl\" of a grant";
  if ((granted || fact.what == What::keep) && !fact.until)
    return "missing key \"until\" of a " + std::string(word(fact.what));
  return std::nullopt;
}

}  // namespace conclave::sim
