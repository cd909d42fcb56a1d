#include "cli/options.hpp"

#include <unistd.h>

#include <array>
#include <string>

#include "cli/settings.hpp"

namespace conclave::cli {
namespace {

/// The way into a cluster is one setting with three names: one that the command line names replaces whichever the file has.
void let_way_in_win(const Config& said, Config& resolved) {
  if (!said.single && said.founders.empty() && said.join.empty()) return;
  resolved.single = said.single;
  resolved.founders = said.founders;
  resolved.join = said.join;
}

}  // namespace

void NodeOptions::add_options(CLI::App& app, bool visitor) {
  app.add_option("--config", config_file, "A TOML file with settings; the command line wins");
  app.add_flag("-v,--verbose", verbose, "Tell more");
  for (const auto& setting : settings()) {
    if (visitor && !setting.visitors) continue;
    auto* flag = setting.offer(app, config);
    flag->group("Settings");
    flags_.emplace_back(flag, &setting);
  }
}

void NodeOptions::add_member_options(CLI::App& app) {
  add_options(app, false);
  app.footer("Each setting is a key of the --config file too, called as its flag:\n"
             "  name = 'a'\n  data-dir = '/var/lib/conclave'\n  founders = ['a:7400', 'b:7400', 'c:7400']\n  ttl-ms = 4000\n"
             "What the command line says wins; of single, founders and join, the one that it names replaces the file's.");
}

void NodeOptions::add_visitor_options(CLI::App& app) { add_options(app, true); }

Result<Config> NodeOptions::resolve() const {
  Config resolved;
  if (!config_file.empty())
    if (auto read = read_file(config_file, resolved); !read) return read.error();
  // Whether it was given is asked of the flag: a value equal to the default is given as well.
  for (const auto& [flag, setting] : flags_)
    if (!flag->empty()) setting->copy(config, resolved);
  let_way_in_win(config, resolved);
  if (resolved.name.empty()) {
    std::array<char, 256> host{};
    (void)::gethostname(host.data(), host.size() - 1);
    resolved.name = std::string(host.data()).substr(0, 40);
    // A data folder keeps its member's name; visitors from one host have to differ.
    if (resolved.data_dir.empty()) resolved.name += "-" + std::to_string(::getpid());
  }
  resolved.log = standard_error_log(verbose ? LogLevel::debug : quiet ? LogLevel::warning : LogLevel::info);
  return resolved;
}

}  // namespace conclave::cli
