// The settings of a node: flags of the command line, and keys of the configuration file under the same names.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <toml++/toml.h>

#include <conclave/config.hpp>

namespace conclave::cli {

struct Setting {
  /// `--name` on the command line, `name` in the file.
  std::string name;
  /// What the library calls it when it complains.
  std::string knob;
  /// Also for a node that only visits a cluster; else for members alone.
  bool visitors{false};
  /// Adds the flag, which writes to `said`.
  std::function<CLI::Option*(CLI::App& app, Config& said)> offer;
  /// Reads the key's value; false when it has the wrong type or range.
  std::function<bool(const toml::node& value, Config& config)> read;
  std::function<void(const Config& from, Config& to)> copy;
};

[[nodiscard]] const std::vector<Setting>& settings();

/// Reads a TOML file. The error names file, key and complaint.
[[nodiscard]] Result<void> read_file(const std::filesystem::path& path, Config& config);

/// `validate`, in the words of the command line.
[[nodiscard]] Result<void> check(const Config& config);

}  // namespace conclave::cli
