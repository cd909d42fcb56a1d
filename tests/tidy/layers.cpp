#include "tidy/layers.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

namespace tidy {

namespace {

using Names = std::set<std::string_view>;

const Names core = {"base", "paxos", "gossip", "coordination", "engine"};

/// For each folder of src, and for sim: the layers beneath it.
const std::map<std::string_view, Names> beneath = {
    {"base", {}},
    {"paxos", {"base"}},
    {"gossip", {"base"}},
    {"coordination", {"base"}},
    {"engine", {"base", "paxos", "gossip", "coordination"}},
    {"wire", {"base"}},
    {"storage", {"base"}},
    {"transport", {"base"}},
    {"driver", {"base", "paxos", "gossip", "coordination", "engine", "wire", "storage", "transport"}},
    {"client", {"base", "paxos", "gossip", "coordination", "engine", "driver"}},
    {"node", {"base", "paxos", "gossip", "coordination", "engine", "wire", "storage", "transport", "driver", "client"}},
    {"sim", {"base", "paxos", "gossip", "coordination", "engine", "wire", "storage", "transport", "driver", "client"}},
    // conclave-sim: a program around the simulator.
    {"sim/cli", {"base"}},
    // The command line is a user of the public headers; `status` also asks a member without joining.
    {"cli", {"base", "wire", "transport"}},
};

/// The plain structs that wire turns into bytes and back; it sees nothing else of the core.
const Names message_structs = {"engine/message.hpp",    "engine/record.hpp",  "paxos/message.hpp",
                               "paxos/types.hpp",       "gossip/message.hpp", "coordination/command.hpp",
                               "coordination/image.hpp"};

/// Third-party libraries by how their headers begin, and the folders that may know them.
const std::map<std::string_view, Names> third_party = {
    {"isa-l/", {"base"}},   {"openssl/", {"base"}}, {"xxhash.h", {"base"}},  {"utf8.h", {"base", "cli"}},
    {"capnp/", {"wire"}},   {"kj/", {"wire"}},      {"lmdb.h", {"storage"}}, {"asio", {"transport", "node"}},
    {"spdlog/", {"node"}},  {"fmt/", {"node"}},     {"CLI/", {"cli", "sim/cli"}},       {"toml++/", {"cli"}},
    {"nlohmann/", {"cli"}}, {"doctest/", {}},       {"boost/", {}},
};

/// Standard headers with an effect, a thread, or an order that differs between runs.
const Names impure = {
    "atomic",       "barrier",    "condition_variable", "cstdio", "cstdlib",       "ctime",        "filesystem",
    "fstream",      "future",     "iostream",           "latch",  "mutex",         "random",       "semaphore",
    "shared_mutex", "stop_token", "syncstream",         "thread", "unordered_map", "unordered_set"};

struct Include {
  std::string_view name;
  bool angled{false};
};

std::optional<Include> include_of(std::string_view line) {
  if (!line.starts_with("#include ")) return std::nullopt;
  line.remove_prefix(std::string_view("#include ").size());
  const bool angled = line.starts_with('<');
  const auto end = line.find(angled ? '>' : '"', 1);
  if (end == std::string_view::npos) return std::nullopt;
  return Include{line.substr(1, end - 1), angled};
}

/// The folder whose rules bind `path`: a folder of src, "sim", "sim/cli", "include", "tests", or none.
std::string_view folder_of(std::string_view path) {
  if (path.starts_with("sim/cli/")) return "sim/cli";
  if (const auto layer = folder_below(path, "src/"); !layer.empty()) return layer;
  for (std::string_view top : {"include", "sim", "tests"})
    if (path.starts_with(top) && path.substr(top.size()).starts_with('/')) return top;
  return {};
}

bool is_layer(std::string_view name) { return name != "sim" && beneath.contains(name); }

/// True for a header of the standard library: no folder, no suffix.
bool is_standard(std::string_view name) { return name.find_first_of("/.") == std::string_view::npos; }

std::optional<std::string> judge_neighbour(std::string_view folder, std::string_view name) {
  if (name.ends_with(".capnp.h") && folder != "wire") return "generated code outside src/wire";
  const auto layer = name.substr(0, name.find('/'));
  if (layer == folder || !is_layer(layer)) return std::nullopt;
  if (folder == "include") return "a public header includes the layer " + std::string(layer);
  const auto rule = beneath.find(folder);
  if (rule == beneath.end() || rule->second.contains(layer)) return std::nullopt;
  if (folder == "wire" && message_structs.contains(name)) return std::nullopt;
  return std::string(folder) + " includes " + std::string(layer) + ", which is not beneath it";
}

std::optional<std::string> judge_library(std::string_view folder, std::string_view name) {
  for (const auto& [beginning, places] : third_party)
    if (name.starts_with(beginning) && folder != "tests" && !places.contains(folder))
      return std::string(name) + " is no business of " + std::string(folder);
  const bool pure = core.contains(folder);
  if (pure && impure.contains(name)) return "the core is pure: no <" + std::string(name) + ">";
  const auto is_known = [&](const auto& library) { return name.starts_with(library.first); };
  const bool known = std::ranges::any_of(third_party, is_known);
  if (pure && !known && !is_standard(name)) return "the core is pure: no system header <" + std::string(name) + ">";
  return std::nullopt;
}

/// Single files that know a library which is no business of their folder.
const std::map<std::string_view, std::string_view> adapters = {
    // What a program includes if it uses Asio itself.
    {"include/conclave/asio.hpp", "asio/"},
    // The format of histories.
    {"sim/checkers/json_lines.cpp", "nlohmann/"},
    // The data of a report's page.
    {"sim/report/page.cpp", "nlohmann/"},
};

std::optional<std::string> judge(const SourceFile& file, std::string_view folder, const Include& include) {
  const auto adapter = adapters.find(file.path);
  if (adapter != adapters.end() && include.name.starts_with(adapter->second)) return std::nullopt;
  if (include.name.starts_with("conclave/")) {
    if (!include.angled) return "write <" + std::string(include.name) + ">";
    return std::nullopt;
  }
  if (folder == "include") {
    if (!include.angled || !is_standard(include.name)) return "a public header includes " + std::string(include.name);
    return std::nullopt;
  }
  return include.angled ? judge_library(folder, include.name) : judge_neighbour(folder, include.name);
}

}  // namespace

Complaints forbidden_includes(const SourceFile& file) {
  Complaints found;
  const auto folder = folder_of(file.path);
  if (folder.empty() || !is_cpp(file)) return found;
  for (std::size_t i = 0; i < file.lines.size(); ++i)
    if (const auto include = include_of(file.lines[i]))
      if (const auto text = judge(file, folder, *include)) found.push_back(complaint(file, i + 1, *text));
  return found;
}

Complaints own_header_not_first(const std::vector<SourceFile>& files) {
  Names paths;
  for (const auto& file : files) paths.insert(file.path);
  Complaints found;
  for (const auto& file : files) {
    if (!file.path.ends_with(".cpp") || !is_layer(folder_of(file.path))) continue;
    const auto own = file.path.substr(0, file.path.size() - 3) + "hpp";
    if (!paths.contains(own)) continue;
    const auto first = std::ranges::find_if(file.lines, [](const auto& line) { return include_of(line).has_value(); });
    const auto name = std::string_view(own).substr(own.starts_with("src/") ? std::string_view("src/").size() : 0);
    if (first == file.lines.end() || include_of(*first)->name != name)
      found.push_back(complaint(file, static_cast<std::size_t>(first - file.lines.begin()) + 1,
                                "the first include is not " + std::string(name) + ", so nothing shows that it compiles alone"));
  }
  return found;
}

}  // namespace tidy
