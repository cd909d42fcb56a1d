#include "cli/settings.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <utility>

namespace conclave::cli {
namespace {

// ---- A value from the file ----

bool read_value(const toml::node& node, std::string& value) {
  const auto text = node.value<std::string>();
  if (text) value = *text;
  return text.has_value();
}

bool read_value(const toml::node& node, std::filesystem::path& value) {
  const auto text = node.value<std::string>();
  if (text) value = *text;
  return text.has_value();
}

bool read_value(const toml::node& node, std::vector<std::string>& value) {
  const auto* array = node.as_array();
  if (!array) return false;
  std::vector<std::string> texts(array->size());
  for (std::size_t at = 0; at < texts.size(); ++at)
    if (!read_value(*array->get(at), texts[at])) return false;
  value = std::move(texts);
  return true;
}

bool read_value(const toml::node& node, bool& value) {
  const auto flag = node.value<bool>();
  if (flag) value = *flag;
  return flag.has_value();
}

bool read_value(const toml::node& node, unsigned& value) {
  const auto number = node.value<std::int64_t>();
  if (!number || *number < 0 || *number > std::numeric_limits<unsigned>::max()) return false;
  value = static_cast<unsigned>(*number);
  return true;
}

bool read_value(const toml::node& node, milliseconds& value) {
  unsigned number = 0;
  if (!read_value(node, number)) return false;
  value = milliseconds(number);
  return true;
}

// ---- A flag of the command line ----

template <class Value>
CLI::Option* add_flag(CLI::App& app, const std::string& flag, Value& value, const std::string& about) {
  return app.add_option(flag, value, about);
}

CLI::Option* add_flag(CLI::App& app, const std::string& flag, bool& value, const std::string& about) {
  return app.add_flag(flag, value, about);
}

CLI::Option* add_flag(CLI::App& app, const std::string& flag, std::vector<std::string>& value, const std::string& about) {
  return app.add_option(flag, value, about)->delimiter(',')->allow_extra_args(false)->type_name("A,B,C");
}

CLI::Option* add_flag(CLI::App& app, const std::string& flag, milliseconds& value, const std::string& about) {
  return app.add_option_function<unsigned>(flag, [&value](unsigned number) { value = milliseconds(number); }, about);
}

// ---- Where it lands ----

template <class Value>
auto& at(auto& config, Value Config::*member) {
  return config.*member;
}

auto& at(auto& config, milliseconds Timing::*member) { return config.timing.*member; }

template <class Member>
Setting setting(std::string name, std::string knob, Member member, std::string about) {
  return {.name = name,
          .knob = std::move(knob),
          .offer = [=](CLI::App& app, Config& said) { return add_flag(app, "--" + name, at(said, member), about); },
          .read = [=](const toml::node& node, Config& config) { return read_value(node, at(config, member)); },
          .copy = [=](const Config& from, Config& to) { at(to, member) = at(from, member); }};
}

Setting for_visitors(Setting setting) {
  setting.visitors = true;
  return setting;
}

std::vector<Setting> make_settings() {
  return {
      for_visitors(setting("name", "name", &Config::name,
                           "What this node is called, and shown as; by default the host's name, and without a data folder the "
                           "process id")),
      for_visitors(setting("cluster", "cluster", &Config::cluster, "The cluster's name (conclave)")),
      for_visitors(setting("join", "join", &Config::join, "Addresses of members of the cluster")),
      setting("founders", "founders", &Config::founders, "All founders' addresses, this one's included"),
      setting("single", "single", &Config::single, "Found a cluster of this one voter"),
      setting("data-dir", "data_dir", &Config::data_dir, "Where ballots and log are kept"),
      setting("listen", "listen", &Config::listen, "host:port to listen on"),
      setting("advertise", "advertise", &Config::advertise, "The address that others dial, if it is not the one of --listen"),
      setting("priority", "priority", &Config::priority,
              "Among equally up-to-date voters the higher one leads first, 0 to 255 (100)"),
      for_visitors(setting("ttl-ms", "timing.session_ttl", &Timing::session_ttl,
                           "How long this node's locks outlive its death (4000)")),
      setting("heartbeat-ms", "timing.heartbeat", &Timing::heartbeat, "How often a voter speaks to every other (50)"),
      setting("election-timeout-min-ms", "timing.election_timeout_min", &Timing::election_timeout_min,
              "The shortest silence of a leader after which another is elected, at least 3 heartbeats (150)"),
      setting("election-timeout-max-ms", "timing.election_timeout_max", &Timing::election_timeout_max,
              "The longest, where the network is slow (1000)"),
      setting("gossip-period-ms", "timing.gossip_period", &Timing::gossip_period,
              "How often gossip probes one member (1000)"),
  };
}

std::string unknown_key(std::string_view key) {
  std::string text = "there is no setting called '" + std::string(key) + "'; there are";
  for (const auto& setting : settings()) text += (&setting == &settings().front() ? " " : ", ") + setting.name;
  return text;
}

}  // namespace

const std::vector<Setting>& settings() {
  static const auto all = make_settings();
  return all;
}

Result<void> read_file(const std::filesystem::path& path, Config& config) try {
  std::error_code unusable;
  if (std::filesystem::is_directory(path, unusable))
    return Error(errc::invalid_argument, "--config: " + path.string() + " is a folder; name a TOML file");
  if (unusable) return Error(errc::invalid_argument, "--config: " + path.string() + " cannot be read: " + unusable.message());
  const auto table = toml::parse_file(path.string());
  for (const auto& [key, value] : table) {
    const auto setting = std::ranges::find(settings(), key.str(), &Setting::name);
    if (setting == settings().end()) return Error(errc::invalid_argument, path.string() + ": " + unknown_key(key.str()));
    if (!setting->read(value, config))
      return Error(errc::invalid_argument, path.string() + ": '" + setting->name + "' has the wrong type or range");
  }
  return {};
} catch (const toml::parse_error& error) {
  return Error(errc::invalid_argument, path.string() + ", line " + std::to_string(error.source().begin.line) + ": " +
                                           std::string(error.description()));
}

Result<void> check(const Config& config) {
  auto valid = validate(config);
  if (valid) return valid;
  auto error = valid.error();
  for (const auto& setting : settings())
    if (error.detail.starts_with(setting.knob + ":")) error.detail.replace(0, setting.knob.size(), setting.name);
  return error;
}

}  // namespace conclave::cli
