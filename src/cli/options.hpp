// What the command line and the configuration file say, as a `conclave::Config`.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <conclave/config.hpp>

namespace conclave::cli {

/// The options that every command which opens a node has in common.
struct NodeOptions {
  std::filesystem::path config_file;
  Config config;
  bool verbose = false;
  bool quiet = false;

  /// For a node with a data folder that founds or joins: `conclave run`.
  void add_member_options(CLI::App& app);
  /// For an ephemeral node that only joins: `conclave lock`, `conclave elect`.
  void add_visitor_options(CLI::App& app);
  /// The configuration: the file first, then what the command line says. The error names file, key and complaint.
  [[nodiscard]] Result<Config> resolve() const;

 private:
  /// Carries one setting of the command line over to `resolved`, if it was given there.
  using Override = std::function<void(const Config& said, Config& resolved)>;

  void add_common_options(CLI::App& app);
  template <class Value>
  CLI::Option* add(CLI::App& app, const char* name, Value Config::*member, const char* about);
  void add_list(CLI::App& app, const char* name, std::vector<std::string> Config::*member, const char* about, const char* type);

  std::vector<Override> overrides_;
};

}  // namespace conclave::cli
