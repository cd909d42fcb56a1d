#include "sim/call.hpp"

#include <algorithm>
#include <array>

namespace conclave::sim {
namespace {

constexpr auto kinds = std::to_array<CallKind>({
    {"acquire", "LOCK D D", "waits for the lock, holds it for the first D, and gives it back; gives up after the second D"},
    {"try", "LOCK D", "takes the lock if it is free, holds it for D, and gives it back"},
    {"acquire-and-die", "LOCK D", "as acquire, but the process dies in the callback that brings the lock; gives up after D"},
    {"revoke", "LOCK", "as an operator: takes the lock from whoever holds it"},
    {"campaign", "NAME D", "stands for the election for D, then withdraws; goes on if it stands already"},
    {"resign", "NAME", "gives a leadership back, if this machine has it"},
    {"hand-over", "NAME N", "gives a leadership to another machine, if this one has it"},
    {"observe", "NAME D", "observes the election for D: tokens only rise"},
    {"write", "KEY VALUE", "sets a register"},
    {"cas", "KEY VALUE VALUE", "sets a register to the second value if it holds the first; `-` is never written"},
    {"read", "KEY", "reads a register, linearizably"},
    {"stale-read", "KEY", "reads a register as this machine knows it; it is as old as it says at most"},
    {"apply", "KEY", "counts up, once: with an id of its own, and again with the same id while nobody knows whether it counted"},
    {"guard-write", "KEY LOCK", "takes the lock, writes with its token while it is held, and gives it back"},
    {"guard-old", "KEY LOCK", "takes the lock, gives it back, and writes with the token that is old now"},
    {"guard-read", "KEY", "reads what the guard holds, linearizably"},
    {"status", "", "asks for the machine's status"},
    {"ready", "D", "waits until the machine is ready, for D at most"},
    {"close", "", "closes the node in good order; the fault `start` starts it again"},
});

bool fits(const std::string& word, std::string_view parameter, const std::set<std::string>& names) {
  if (parameter == "N") return names.contains(word);
  if (parameter == "D") return parse_duration(word).has_value();
  return !word.empty();
}

}  // namespace

std::span<const CallKind> call_kinds() { return kinds; }

Result<void> check_call(const Words& words, const std::set<std::string>& names) {
  const auto wrong = [&](const std::string& why) {
    return Error(errc::invalid_argument, '"' + join(words) + "\": " + why);
  };
  if (words.size() < 2) return wrong("a call is a machine, a name and arguments");
  if (!names.contains(words[0]) && words[0] != "leader" && words[0] != "follower")
    return wrong("there is no machine \"" + words[0] + '"');
  const auto kind = std::ranges::find(kinds, words[1], &CallKind::name);
  if (kind == kinds.end()) return wrong("no such call; `conclave-sim vocabulary` lists them");
  const auto parameters = split(kind->parameters);
  const auto usage = "the call is `" + std::string(kind->name) + ' ' + std::string(kind->parameters) + '`';
  if (words.size() != parameters.size() + 2) return wrong(usage);
  for (std::size_t i = 0; i < parameters.size(); ++i)
    if (!fits(words[i + 2], parameters[i], names)) return wrong('"' + words[i + 2] + "\" is no " + parameters[i] + "; " + usage);
  return {};
}

Words parameters_of_call(const Words& words) {
  Words parameters{"N", ""};
  const auto arguments = split(std::ranges::find(kinds, words[1], &CallKind::name)->parameters);
  parameters.insert(parameters.end(), arguments.begin(), arguments.end());
  return parameters;
}

}  // namespace conclave::sim
