#include "cli/options.hpp"

#include <unistd.h>

#include <array>
#include <functional>

#include <toml++/toml.h>

namespace conclave::cli {
namespace {

/// One key of the configuration file and how it lands in the configuration.
struct Key {
  const char* name;
  std::function<bool(const toml::node&, Config&)> take;
};

template <class Member>
Key text(const char* name, Member member) {
  return {name, [member](const toml::node& node, Config& config) {
            const auto value = node.value<std::string>();
            if (value) std::invoke(member, config) = *value;
            return value.has_value();
          }};
}

template <class Member>
Key list(const char* name, Member member) {
  return {name, [member](const toml::node& node, Config& config) {
            const auto* array = node.as_array();
            if (!array) return false;
            std::vector<std::string> values;
            for (const auto& element : *array) {
              const auto value = element.value<std::string>();
              if (!value) return false;
              values.push_back(*value);
            }
            std::invoke(member, config) = std::move(values);
            return true;
          }};
}

Key duration(const char* name, milliseconds Timing::*member) {
  return {name, [member](const toml::node& node, Config& config) {
            const auto value = node.value<std::int64_t>();
            if (value) config.timing.*member = milliseconds(*value);
            return value.has_value();
          }};
}

const std::array keys{
    text("name", &Config::name),
    text("data_dir", &Config::data_dir),
    text("listen", &Config::listen),
    text("advertise", &Config::advertise),
    text("cluster", &Config::cluster),
    list("founders", &Config::founders),
    list("join", &Config::join),
    Key{"single",
        [](const toml::node& node, Config& config) {
          const auto value = node.value<bool>();
          if (value) config.single = *value;
          return value.has_value();
        }},
    Key{"priority",
        [](const toml::node& node, Config& config) {
          const auto value = node.value<std::int64_t>();
          if (!value || *value < 0 || *value > 255) return false;
          config.priority = static_cast<unsigned>(*value);
          return true;
        }},
    duration("heartbeat_ms", &Timing::heartbeat),
    duration("election_timeout_min_ms", &Timing::election_timeout_min),
    duration("election_timeout_max_ms", &Timing::election_timeout_max),
    duration("session_ttl_ms", &Timing::session_ttl),
    duration("gossip_period_ms", &Timing::gossip_period),
};

Result<void> read_file(const std::filesystem::path& path, Config& config) try {
  const auto table = toml::parse_file(path.string());
  for (const auto& [name, node] : table) {
    const auto key = std::ranges::find_if(keys, [&](const Key& one) { return name.str() == one.name; });
    if (key == keys.end())
      return Error(errc::invalid_argument, path.string() + ": there is no setting called '" + std::string(name.str()) + "'");
    if (!key->take(node, config))
      return Error(errc::invalid_argument, path.string() + ": '" + std::string(name.str()) + "' has the wrong type or range");
  }
  return {};
} catch (const toml::parse_error& error) {
  return Error(errc::invalid_argument, path.string() + ", line " + std::to_string(error.source().begin.line) + ": " +
                                           std::string(error.description()));
}

}  // namespace

// Whether it was given is asked of the option: a value equal to the default is given as well.
template <class Value>
CLI::Option* NodeOptions::add(CLI::App& app, const char* name, Value Config::*member, const char* about) {
  auto* option = app.add_option(name, config.*member, about);
  overrides_.push_back([option, member](const Config& said, Config& resolved) {
    if (!option->empty()) resolved.*member = said.*member;
  });
  return option;
}

void NodeOptions::add_list(CLI::App& app, const char* name, std::vector<std::string> Config::*member, const char* about,
                           const char* type) {
  add(app, name, member, about)->delimiter(',')->allow_extra_args(false)->type_name(type);
}

void NodeOptions::add_common_options(CLI::App& app) {
  app.add_option("--config", config_file, "A TOML file with the same settings; the command line wins");
  add(app, "--cluster", &Config::cluster, "The cluster's name (conclave)");
  add_list(app, "--join", &Config::join, "Addresses of members of the cluster", "ADDRESS");
  const auto* ttl = app.add_option_function<unsigned>(
      "--ttl-ms", [this](unsigned ms) { config.timing.session_ttl = milliseconds(ms); },
      "How long this node's locks outlive its death (4000)");
  overrides_.push_back([ttl](const Config& said, Config& resolved) {
    if (!ttl->empty()) resolved.timing.session_ttl = said.timing.session_ttl;
  });
  app.add_flag("-v,--verbose", verbose, "Tell more");
}

void NodeOptions::add_member_options(CLI::App& app) {
  add_common_options(app);
  add(app, "--name", &Config::name, "What this member is called; by default the host's name");
  add(app, "--data-dir", &Config::data_dir, "Where ballots and log are kept");
  add(app, "--listen", &Config::listen, "host:port to listen on");
  add(app, "--advertise", &Config::advertise, "The address that others dial, if it is not the one of --listen");
  add_list(app, "--founders", &Config::founders, "All founders' addresses, this one's included", "A,B,C");
  const auto* single = app.add_flag("--single", config.single, "Found a cluster of this one voter");
  overrides_.push_back([single](const Config& said, Config& resolved) {
    if (!single->empty()) resolved.single = said.single;
  });
}

void NodeOptions::add_visitor_options(CLI::App& app) {
  add_common_options(app);
  add(app, "--name", &Config::name, "Shown as the holder; by default the host's name and the process id");
}

Result<Config> NodeOptions::resolve() const {
  Config resolved;
  if (std::filesystem::is_directory(config_file))
    return Error(errc::invalid_argument, "--config: " + config_file.string() + " is a folder; name a TOML file");
  if (!config_file.empty())
    if (auto read = read_file(config_file, resolved); !read) return read.error();
  for (const auto& take_over : overrides_) take_over(config, resolved);
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
