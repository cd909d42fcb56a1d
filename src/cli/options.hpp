// The options that every command which opens a node has in common.
#pragma once

#include <filesystem>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include <conclave/config.hpp>

namespace conclave::cli {

struct Setting;

struct NodeOptions {
  std::filesystem::path config_file;
  /// What the command line says.
  Config config;
  bool verbose = false;
  bool quiet = false;

  /// For a node with a data folder that founds or joins: `conclave run`.
  void add_member_options(CLI::App& app);
  /// For an ephemeral node that only joins: `conclave lock`, `conclave elect`.
  void add_visitor_options(CLI::App& app);
  /// The configuration: the file first, then what the command line says. Still to be checked (`check`). The error names file,
  /// key and complaint.
  [[nodiscard]] Result<Config> resolve() const;

 private:
  void add_options(CLI::App& app, bool visitor);

  std::vector<std::pair<const CLI::Option*, const Setting*>> flags_;
};

}  // namespace conclave::cli
