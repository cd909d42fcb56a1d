#include "sim/fault.hpp"

#include <algorithm>
#include <array>

namespace conclave::sim {
namespace {

// ---- Arguments, already checked ----

std::optional<std::string> node(World& world, const std::string& word) { return world.meant(word); }

BootClock::duration duration(const std::string& word) { return *parse_duration(word); }
unsigned permille(const std::string& word) { return static_cast<unsigned>(*parse_count(word)); }
std::uint32_t count(const std::string& word) {
  return word == "always" ? storage::DiskFaults::for_ever : static_cast<std::uint32_t>(*parse_count(word));
}

/// Calls `change` with each direction that the words `from` and `to` mean.
void each_direction(World& world, const std::string& from, const std::string& to,
                    const std::function<void(const std::string&, const std::string&)>& change) {
  const auto meant = [&](const std::string& word) {
    const auto name = node(world, word);
    return word == "*" ? world.names() : name ? std::vector{*name} : std::vector<std::string>{};
  };
  for (const auto& one : meant(from))
    for (const auto& other : meant(to))
      if (one != other) change(one, other);
}

/// Words: from, to, ..., and at `path` the path, if it is there.
void change_routes(World& world, const Words& words, std::size_t path, const std::function<void(Route&)>& change) {
  each_direction(world, words[0], words[1], [&](const auto& from, const auto& to) {
    for (const auto each : paths)
      if (words.size() <= path || words[path] == (each == Path::links ? "links" : "gossip"))
        change(world.network().route(from, to, each));
  });
}

void with_machine(World& world, const std::string& word, const std::function<void(const std::string&, Machine&)>& change) {
  if (const auto name = node(world, word)) change(*name, world.machine(*name));
}

void with_running(World& world, const std::string& word, const std::function<void(const std::string&)>& change) {
  with_machine(world, word, [&](const auto& name, Machine&) {
    if (world.runs(name)) change(name);
  });
}

/// Damage comes to a disk that nobody reads: the process is killed first.
void damage(World& world, const std::string& word, const std::function<void(storage::MemoryDisk&)>& change) {
  with_machine(world, word, [&](const auto& name, Machine& machine) {
    world.kill(name);
    change(machine.disk);
  });
}

std::optional<Slot> nth_slot(const storage::MemoryDisk& disk, std::int64_t place) {
  const auto& log = disk.visible().log;
  if (log.empty()) return std::nullopt;
  return std::next(log.begin(), place % static_cast<std::int64_t>(log.size()))->first;
}

// ---- What each one does ----

constexpr auto cut_kinds = std::to_array<FaultKind>({
    {"cut", "M M PATH", "nothing arrives in this direction; what is sent waits",
     [](World& world, const Words& words) { change_routes(world, words, 2, [](Route& route) { route.cut = true; }); }},
    {"release", "M M", "the direction is open again, and what waited arrives",
     [](World& world, const Words& words) {
       each_direction(world, words[0], words[1], [&](const auto& from, const auto& to) { world.network().release(from, to); });
     }},
    {"partition", "GROUP...", "only machines of one group hear each other",
     [](World& world, const Words& words) {
       std::vector<std::set<std::string>> groups;
       for (const auto& word : words) groups.push_back(*parse_group(word));
       world.network().partition(groups);
     }},
    {"isolate", "N", "all directions to and from this machine are cut",
     [](World& world, const Words& words) {
       with_machine(world, words[0], [&](const auto& name, Machine&) {
         const auto cut = [&](const auto& from, const auto& to) {
           world.network().change(from, to, [](Route& route) { route.cut = true; });
         };
         each_direction(world, name, "*", cut);
         each_direction(world, "*", name, cut);
       });
     }},
    {"heal", "", "every cut ends; other faults of the network stay", [](World& world, const Words&) { world.network().heal(); }},
    {"mend", "", "every fault of the network ends", [](World& world, const Words&) { world.network().mend(); }},
});

constexpr auto route_kinds = std::to_array<FaultKind>({
    {"latency", "M M D PATH", "the direction takes so long",
     [](World& world, const Words& words) {
       change_routes(world, words, 3, [by = duration(words[2])](Route& route) { route.latency = by; });
     }},
    {"jitter", "M M D PATH", "up to so much longer, uniformly",
     [](World& world, const Words& words) {
       change_routes(world, words, 3, [by = duration(words[2])](Route& route) { route.jitter = by; });
     }},
    {"tail", "M M P D PATH", "so many packets take so much longer; datagrams are overtaken",
     [](World& world, const Words& words) {
       change_routes(world, words, 4, [many = permille(words[2]), by = duration(words[3])](Route& route) {
         route.tail_permille = many;
         route.tail = by;
       });
     }},
    {"drop", "M M P PATH", "so many packets are lost: datagrams for good, frames until TCP repeats them",
     [](World& world, const Words& words) {
       change_routes(world, words, 3, [many = permille(words[2])](Route& route) { route.lost_permille = many; });
     }},
    {"corrupt", "M M P PATH", "so many packets arrive with a bit turned",
     [](World& world, const Words& words) {
       change_routes(world, words, 3, [many = permille(words[2])](Route& route) { route.corrupted_permille = many; });
     }},
    {"duplicate", "M M P", "so many datagrams arrive twice",
     [](World& world, const Words& words) {
       change_routes(world, words, 3, [many = permille(words[2])](Route& route) { route.doubled_permille = many; });
     }},
    {"bandwidth", "M M COUNT PATH", "so many bytes a second",
     [](World& world, const Words& words) {
       change_routes(world, words, 3, [bytes = count(words[2])](Route& route) { route.bytes_per_second = bytes; });
     }},
    {"replay", "M M D PATH", "everything arrives once more, so much later; 0s ends it",
     [](World& world, const Words& words) {
       change_routes(world, words, 3, [by = duration(words[2])](Route& route) { route.replayed_after = by; });
     }},
    {"reset", "M M", "the links between the two are reset at both ends",
     [](World& world, const Words& words) {
       each_direction(world, words[0], words[1], [&](const auto& from, const auto& to) {
         world.network().reset(from, to);
         world.network().reset(to, from);
       });
     }},
    {"half-open", "M M", "the first forgets its links with the second, which is not told",
     [](World& world, const Words& words) {
       each_direction(world, words[0], words[1], [&](const auto& from, const auto& to) { world.network().reset(from, to); });
     }},
});

constexpr auto process_kinds = std::to_array<FaultKind>({
    {"kill", "N", "SIGKILL: what was written stays, the system closes the links",
     [](World& world, const Words& words) { with_running(world, words[0], [&](const auto& name) { world.kill(name); }); }},
    {"power-off", "N", "what was not synced is gone, and nobody is told",
     [](World& world, const Words& words) {
       with_machine(world, words[0], [&](const auto& name, Machine&) { world.power_off(name); });
     }},
    {"start", "N", "the process is started, unless it runs",
     [](World& world, const Words& words) {
       with_machine(world, words[0], [&](const auto& name, Machine&) {
         if (!world.runs(name)) (void)world.start(name);
       });
     }},
    {"pause", "N", "SIGSTOP",
     [](World& world, const Words& words) { with_running(world, words[0], [&](const auto& name) { world.pause(name); }); }},
    {"resume", "N", "SIGCONT",
     [](World& world, const Words& words) {
       with_running(world, words[0], [&](const auto& name) {
         if (world.process(name).paused()) world.resume(name);
       });
     }},
    {"slow", "N D", "every piece of work of the process waits so long; 0s ends it",
     [](World& world, const Words& words) {
       with_machine(world, words[0], [&](const auto&, Machine& machine) { machine.slowness = duration(words[1]); });
     }},
    {"crash-at-write", "N COUNT", "the machine loses its power after so many more pieces of work on its disk",
     [](World& world, const Words& words) {
       with_machine(world, words[0], [&](const auto&, Machine& machine) { machine.works_left = count(words[1]); });
     }},
    {"wipe", "N", "the machine loses its disk, and gets an empty one with the same name and address",
     [](World& world, const Words& words) {
       damage(world, words[0], [](storage::MemoryDisk& disk) { disk = storage::MemoryDisk(disk.lock_inode() + 1); });
     }},
    {"backup", "N", "what is on the disk is kept for `restore`",
     [](World& world, const Words& words) {
       with_machine(world, words[0], [](const auto&, Machine& machine) { machine.backup = machine.disk.visible(); });
     }},
    {"restore", "N", "the disk is as it was at the last `backup`",
     [](World& world, const Words& words) {
       with_machine(world, words[0], [&](const auto& name, Machine& machine) {
         if (!machine.backup) return;
         world.kill(name);
         machine.disk = storage::MemoryDisk(machine.disk.lock_inode() + 1, *machine.backup);
       });
     }},
});

constexpr auto disk_kinds = std::to_array<FaultKind>({
    {"disk-latency", "N D", "each sync takes so long",
     [](World& world, const Words& words) {
       with_machine(world, words[0], [&](const auto&, Machine& machine) { machine.disk_latency = duration(words[1]); });
     }},
    {"disk-stall", "N", "the disk does nothing any more",
     [](World& world, const Words& words) { with_machine(world, words[0], [](const auto&, Machine& machine) { machine.disk_stalled = true; }); }},
    {"disk-go-on", "N", "a stalled disk goes on",
     [](World& world, const Words& words) {
       with_machine(world, words[0], [&](const auto& name, Machine& machine) {
         machine.disk_stalled = false;
         if (world.runs(name)) world.process(name).work_on_disk();
       });
     }},
    {"disk-full", "N", "writes find no room",
     [](World& world, const Words& words) { with_machine(world, words[0], [](const auto&, Machine& machine) { machine.disk.faults.full = true; }); }},
    {"disk-room", "N", "there is room again",
     [](World& world, const Words& words) { with_machine(world, words[0], [](const auto&, Machine& machine) { machine.disk.faults.full = false; }); }},
    {"fail-write", "N COUNT", "so many writes fail with EIO",
     [](World& world, const Words& words) {
       with_machine(world, words[0], [&](const auto&, Machine& machine) { machine.disk.faults.failing_writes = count(words[1]); });
     }},
    {"fail-sync", "N COUNT", "so many syncs fail with EIO",
     [](World& world, const Words& words) {
       with_machine(world, words[0], [&](const auto&, Machine& machine) { machine.disk.faults.failing_syncs = count(words[1]); });
     }},
    {"fail-read", "N COUNT", "so many reads fail with EIO",
     [](World& world, const Words& words) {
       with_machine(world, words[0], [&](const auto&, Machine& machine) { machine.disk.faults.failing_reads = count(words[1]); });
     }},
    {"lose-sync", "N COUNT", "the disk says of so many syncs that they are done, and lies",
     [](World& world, const Words& words) {
       with_machine(world, words[0], [&](const auto&, Machine& machine) { machine.disk.faults.lost_syncs = count(words[1]); });
     }},
    {"rot-entry", "N COUNT COUNT", "of the record at this place of the log, this bit turns; the process dies of it",
     [](World& world, const Words& words) {
       damage(world, words[0], [&](storage::MemoryDisk& disk) {
         if (const auto slot = nth_slot(disk, *parse_count(words[1]))) disk.flip_bit(*slot, count(words[2]));
       });
     }},
    {"rot-promise", "N COUNT", "of the stored promise this bit turns; the process dies of it",
     [](World& world, const Words& words) {
       damage(world, words[0], [&](storage::MemoryDisk& disk) { disk.flip_bit("promise", count(words[1])); });
     }},
    {"misdirect", "N COUNT COUNT", "the record at the first place of the log lies at the second, too; the process dies of it",
     [](World& world, const Words& words) {
       damage(world, words[0], [&](storage::MemoryDisk& disk) {
         const auto from = nth_slot(disk, *parse_count(words[1]));
         const auto to = nth_slot(disk, *parse_count(words[2]));
         if (from && to) disk.misdirect(*from, *to);
       });
     }},
});

constexpr auto clock_kinds = std::to_array<FaultKind>({
    {"clock", "N COUNT", "the clock gains so many millionths",
     [](World& world, const Words& words) {
       with_machine(world, words[0], [&](const auto& name, Machine&) { world.run_clock(name, *parse_count(words[1])); });
     }},
    {"clock-freeze", "N", "the clock stands still",
     [](World& world, const Words& words) {
       with_machine(world, words[0], [&](const auto& name, Machine&) { world.run_clock(name, Clock::frozen); });
     }},
    {"clock-jump", "N D", "the clock jumps ahead",
     [](World& world, const Words& words) {
       with_machine(world, words[0], [&](const auto& name, Machine&) { world.jump_clock(name, duration(words[1])); });
     }},
});

std::vector<FaultKind> all_kinds() {
  std::vector<FaultKind> all;
  const auto add = [&](const auto& kinds) { all.insert(all.end(), kinds.begin(), kinds.end()); };
  add(cut_kinds);
  add(route_kinds);
  add(process_kinds);
  add(disk_kinds);
  add(clock_kinds);
  return all;
}

const FaultKind* find_kind(std::string_view name) {
  const auto kinds = fault_kinds();
  const auto found = std::ranges::find(kinds, name, &FaultKind::name);
  return found == kinds.end() ? nullptr : &*found;
}

bool fits(const std::string& word, std::string_view parameter, const std::set<std::string>& names) {
  if (parameter == "N") return word == "leader" || word == "follower" || names.contains(word);
  if (parameter == "M") return word == "*" || fits(word, "N", names);
  if (parameter == "D") return parse_duration(word).has_value();
  if (parameter == "P") return parse_count(word) && *parse_count(word) >= 0 && *parse_count(word) <= 1000;
  if (parameter == "COUNT") return word == "always" || parse_count(word).has_value();
  if (parameter == "PATH") return word == "links" || word == "gossip";
  const auto group = parse_group(word);
  return group && std::ranges::all_of(*group, [&](const auto& name) { return names.contains(name); });
}

/// The parameters, with as many groups as `words` have.
Words expanded(const FaultKind& kind, const Words& words) {
  auto parameters = split(kind.parameters);
  if (!parameters.empty() && parameters.back() == "GROUP...") parameters.assign(std::max<std::size_t>(words.size() - 1, 1), "GROUP");
  return parameters;
}

}  // namespace

std::span<const FaultKind> fault_kinds() {
  static const auto kinds = all_kinds();
  return kinds;
}

Result<void> check_fault(const Words& words, const std::set<std::string>& names) {
  const auto wrong = [&](const std::string& why) {
    return Error(errc::invalid_argument, '"' + join(words) + "\": " + why);
  };
  const auto* kind = words.empty() ? nullptr : find_kind(words.front());
  if (!kind) return wrong("no such fault; `conclave-sim vocabulary` lists them");
  const auto parameters = expanded(*kind, words);
  const auto usage = "the fault is `" + std::string(kind->name) + ' ' + std::string(kind->parameters) + '`';
  const bool path_left_out = !parameters.empty() && parameters.back() == "PATH" && words.size() == parameters.size();
  if (words.size() != parameters.size() + 1 && !path_left_out) return wrong(usage);
  for (std::size_t i = 1; i < words.size(); ++i)
    if (!fits(words[i], parameters[i - 1], names)) return wrong('"' + words[i] + "\" is no " + parameters[i - 1] + "; " + usage);
  return {};
}

Words parameters_of_fault(const Words& words) {
  auto parameters = expanded(*find_kind(words.front()), words);
  parameters.insert(parameters.begin(), "");
  parameters.resize(words.size());  // a path may be left out
  return parameters;
}

void strike(World& world, const Words& words) {
  auto meant = words;
  for (auto word = std::next(meant.begin()); word != meant.end(); ++word)
    if (*word == "leader" || *word == "follower") *word = world.meant(*word).value_or(*word);
  find_kind(meant.front())->strike(world, Words(meant.begin() + 1, meant.end()));
  for (auto* watcher : world.watchers()) watcher->on_fault(meant);
}

}  // namespace conclave::sim
