// What the command line and the configuration file say, as a `conclave::Config`.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <conclave/config.hpp>

namespace conclave::cli {

/// The options that every command which opens a node has in common.
struct NodeOptions {
  std::filesystem::path config_file;
  Config config;
  unsigned ttl_ms = 0;
  bool verbose = false;
  bool quiet = false;

  /// For a node with a data folder that founds or joins: `conclave run`.
  void add_member_options(CLI::App& app);
  /// For an ephemeral node that only joins: `conclave lock`, `conclave elect`.
  void add_visitor_options(CLI::App& app);
  /// The configuration: the file first, then what the command line says. The error names file, key and complaint.
  [[nodiscard]] Result<Config> resolve() const;

 private:
  void add_common_options(CLI::App& app);
};

}  // namespace conclave::cli
