#include "node/settings.hpp"

#include <algorithm>
#include <exception>

#include "base/utf8.hpp"
#include "client/timing.hpp"
#include "wire/limits.hpp"

namespace conclave {
namespace {

Error bad(const std::string& knob, const std::string& complaint) { return Error(errc::invalid_argument, knob + ": " + complaint); }

Result<void> check_name(const char* knob, const std::string& name, std::size_t bytes_max) {
  if (name.empty() || name.size() > bytes_max)
    return bad(knob, "must have 1 to " + std::to_string(bytes_max) + " bytes, has " + std::to_string(name.size()));
  if (!is_utf8(name)) return bad(knob, "must be UTF-8 without NUL");
  return {};
}

Result<void> check_membership(const Config& config) {
  const int ways = (config.founders.empty() ? 0 : 1) + (config.single ? 1 : 0) + (config.join.empty() ? 0 : 1);
  if (ways != 1)
    return bad("founders, single, join", "set exactly one of them: founders to found a cluster with others, single to found one "
                                         "alone, join to enter an existing one");
  if (config.data_dir.empty() && config.join.empty())
    return bad("data_dir", "a founder needs a data folder; only a node that joins may do without");
  if (config.listen.empty() && !config.founders.empty())
    return bad("listen", "a founder has to be reached by the others: set host:port");
  if (config.listen.empty() && !config.advertise.empty()) return bad("advertise", "there is no listen address to advertise");
  if (auto parsed = node::parse_all("founders", config.founders); !parsed) return parsed.error();
  if (auto parsed = node::parse_all("join", config.join); !parsed) return parsed.error();
  if (config.listen.empty()) return {};
  const auto listen = Address::parse(config.listen);
  if (!listen) return bad("listen", listen.error().detail);
  const auto own = node::advertised(config, *listen);
  if (!own) return own.error();
  if (config.founders.empty()) return {};
  if (config.founders.size() > wire::voters_max)
    return bad("founders", "are " + std::to_string(config.founders.size()) + "; name at most " + std::to_string(wire::voters_max) +
                               ", the rest can join");
  const auto founders = *node::parse_all("founders", config.founders);
  if (std::ranges::find(founders, **own) == founders.end())
    return bad("founders", "this node's own address " + to_string(**own) + " must be among them");
  auto sorted = founders;
  std::ranges::sort(sorted);
  if (std::ranges::adjacent_find(sorted) != sorted.end()) return bad("founders", "an address is named twice");
  return {};
}

Result<void> check_at_least(const char* knob, std::size_t value, std::size_t least) {
  if (value >= least) return {};
  return bad(knob, "is " + std::to_string(value) + "; raise it to at least " + std::to_string(least));
}

Result<void> check_limits(const Limits& limits) {
  constexpr std::size_t longest_frame = std::size_t{16} << 20;
  if (auto done = check_at_least("limits.pending_calls_max", limits.pending_calls_max, 1); !done) return done;
  if (auto done = check_at_least("limits.send_queue_frames_max", limits.send_queue_frames_max, 64); !done) return done;
  if (auto done = check_at_least("limits.send_queue_bytes_max", limits.send_queue_bytes_max, longest_frame); !done) return done;
  if (auto done = check_at_least("limits.data_bytes_max", limits.data_bytes_max, std::size_t{16} << 20); !done) return done;
  // The data file is mapped whole, and a process has 128 TiB of addresses at most.
  constexpr std::size_t data_bytes_most = std::size_t{16} << 40;
  if (limits.data_bytes_max > data_bytes_most)
    return bad("limits.data_bytes_max",
               "is " + std::to_string(limits.data_bytes_max) + "; lower it to at most " + std::to_string(data_bytes_most));
  return {};
}

/// The machine is the user's: what it throws is an answer here, and does not leave the library.
Result<std::string> name_of(const StateMachine& machine) {
  try {
    return machine.name();
  } catch (const std::exception& thrown) {
    return bad("state_machine", "its name() threw: " + std::string(thrown.what()));
  } catch (...) {
    return bad("state_machine", "its name() threw");
  }
}

}  // namespace

Result<void> validate(const Config& config) {
  if (auto done = check_name("name", config.name, member_name_bytes_max); !done) return done;
  if (auto done = check_name("cluster", config.cluster, cluster_name_bytes_max); !done) return done;
  if (config.priority > 255) return bad("priority", "is " + std::to_string(config.priority) + "; lower it to at most 255");
  if (auto done = check_membership(config); !done) return done;
  if (auto done = client::check_timing(config.timing); !done) return done;
  if (auto name = node::state_machine_name(config); !name) return name.error();
  return check_limits(config.limits);
}

namespace node {

Result<std::string> state_machine_name(const Config& config) {
  if (!config.state_machine) return std::string();
  auto name = name_of(*config.state_machine);
  if (!name) return name;
  if (auto done = check_name("state_machine", *name, state_machine_name_bytes_max); !done) return done.error();
  return name;
}

Result<std::vector<Address>> parse_all(const char* knob, const std::vector<std::string>& texts) {
  std::vector<Address> addresses;
  for (const auto& text : texts) {
    auto address = Address::parse(text);
    if (!address) return Error(address.error().code, std::string(knob) + ": " + address.error().detail);
    if (auto reachable = check_reachable(*address); !reachable)
      return Error(reachable.error().code, std::string(knob) + ": " + reachable.error().detail);
    addresses.push_back(std::move(*address));
  }
  return addresses;
}

Result<std::optional<Address>> advertised(const Config& config, const std::optional<Address>& listening_on) {
  if (config.listen.empty()) return std::optional<Address>();
  if (!config.advertise.empty()) {
    auto address = Address::parse(config.advertise);
    if (!address) return Error(address.error().code, "advertise: " + address.error().detail);
    if (auto reachable = check_reachable(*address); !reachable)
      return Error(reachable.error().code, "advertise: " + reachable.error().detail);
    return std::optional(*address);
  }
  auto address = *Address::parse(config.listen);
  if (address.port == 0 && listening_on) address.port = listening_on->port;
  if (address.is_wildcard())
    return Error(errc::address_unusable, "listen: nobody can dial " + to_string(address) +
                                             "; set advertise to an address at which the other members reach this machine");
  return std::optional(address);
}

}  // namespace node
}  // namespace conclave
