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

void NodeOptions::add_common_options(CLI::App& app) {
  app.add_option("--config", config_file, "A TOML file with the same settings; the command line wins");
  app.add_option("--cluster", config.cluster, "The cluster's name (conclave)");
  app.add_option("--join", config.join, "Addresses of members of the cluster")->delimiter(',')->allow_extra_args(false)->type_name("ADDRESS");
  app.add_option("--ttl-ms", ttl_ms, "How long this node's locks outlive its death (4000)");
  app.add_flag("-v,--verbose", verbose, "Tell more");
}

void NodeOptions::add_member_options(CLI::App& app) {
  add_common_options(app);
  app.add_option("--name", config.name, "What this member is called; by default the host's name");
  app.add_option("--data-dir", config.data_dir, "Where ballots and log are kept");
  app.add_option("--listen", config.listen, "host:port to listen on");
  app.add_option("--advertise", config.advertise, "The address that others dial, if it is not the one of --listen");
  app.add_option("--founders", config.founders, "All founders' addresses, this one's included")->delimiter(',')->allow_extra_args(false)->type_name("A,B,C");
  app.add_flag("--single", config.single, "Found a cluster of this one voter");
}

void NodeOptions::add_visitor_options(CLI::App& app) {
  add_common_options(app);
  app.add_option("--name", config.name, "Shown as the holder; by default the host's name and the process id");
}

Result<Config> NodeOptions::resolve() const {
  Config resolved;
  if (!config_file.empty())
    if (auto read = read_file(config_file, resolved); !read) return read.error();
  const Config untouched;
  const auto override_with = [&](auto member) {
    if (config.*member != untouched.*member) resolved.*member = config.*member;
  };
  override_with(&Config::name);
  override_with(&Config::cluster);
  override_with(&Config::data_dir);
  override_with(&Config::listen);
  override_with(&Config::advertise);
  override_with(&Config::founders);
  override_with(&Config::join);
  override_with(&Config::single);
  if (ttl_ms > 0) resolved.timing.session_ttl = milliseconds(ttl_ms);
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
