// A cluster of three `conclave run`, and the other commands run beside it.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <conclave/conclave.hpp>

#include "process/support/child.hpp"
#include "process/support/eventually.hpp"
#include "process/support/ports.hpp"
#include "process/support/temp_folder.hpp"

namespace conclave::process {

/// How a command ended, and what it said.
struct Ended {
  int code{0};
  std::string said;
};

class CommandLine {
 public:
  /// Begins `conclave` with `arguments`.
  [[nodiscard]] Child begin(std::vector<std::string> arguments) {
    return Child({.program = own_program().parent_path() / "conclave",
                  .arguments = std::move(arguments),
                  .output = folder_.path() / ("output." + std::to_string(++begun_)),
                  .environment = {{"FOLDER", folder_.path()}}});
  }
  /// The same without root's right to pass over file permissions, if this is root.
  [[nodiscard]] Child begin_bound(std::vector<std::string> arguments) {
    if (::geteuid() != 0) return begin(std::move(arguments));
    arguments.insert(arguments.begin(), {"--bounding-set", "-dac_override,-dac_read_search",
                                         (own_program().parent_path() / "conclave").string()});
    return Child({.program = "/usr/bin/setpriv",
                  .arguments = std::move(arguments),
                  .output = folder_.path() / ("output." + std::to_string(++begun_))});
  }
  /// Waits for its end; code -1 when it did not come within the limit.
  [[nodiscard]] static Ended end(Child& child) {
    if (!eventually([&] { return !child.runs(); })) return {.code = -1, .said = child.said()};
    return {.code = child.wait(), .said = child.said()};
  }
  [[nodiscard]] Ended run(std::vector<std::string> arguments) {
    auto child = begin(std::move(arguments));
    return end(child);
  }

  /// Writes a configuration file; its path.
  [[nodiscard]] std::string configure(const std::string& text) const {
    const auto path = file("conclave.toml");
    std::ofstream(path) << text;
    return path;
  }

  /// "What the commands share": the variable FOLDER is its path.
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }
  [[nodiscard]] std::filesystem::path file(const std::string& name) const { return folder_.path() / name; }
  [[nodiscard]] const Ports& ports() const { return ports_; }

 private:
  TempFolder folder_;
  Ports ports_;
  unsigned begun_{0};
};

/// Members a, b and c, founded and ready.
class Members : public CommandLine {
 public:
  Members() {
    for (std::uint16_t at = 0; at < 3; ++at) founders_ += (at > 0 ? "," : "") + ports().address(at);
    for (std::uint16_t at = 0; at < 3; ++at) {
      const std::string name{static_cast<char>('a' + at)};
      members_.push_back(begin({"run", "--name", name, "--data-dir", file(name), "--listen", ports().address(at), "--founders",
                                founders_}));
    }
    for (auto& member : members_)
      if (!eventually([&] { return !member.runs() || is_ready(member); }) || !member.runs())
        throw std::runtime_error("a member is not ready: " + member.said());
  }

  /// Begins `conclave VERB OPTION... NAME -- sh -c SCRIPT`.
  [[nodiscard]] Child hold(const std::string& verb, const std::string& name, const std::string& script,
                           const std::vector<std::string>& options = {}) {
    std::vector<std::string> words{verb, name, "--join", founders_};
    words.insert(words.end(), options.begin(), options.end());
    words.insert(words.end(), {"--", "sh", "-c", script});
    return begin(std::move(words));
  }
  [[nodiscard]] Ended held(const std::string& verb, const std::string& name, const std::string& script,
                           const std::vector<std::string>& options = {}) {
    auto child = hold(verb, name, script, options);
    return end(child);
  }

  [[nodiscard]] Status status(std::uint16_t at = 0) const {
    const auto status = ask_status(ports().address(at), std::chrono::seconds(10));
    if (!status) throw std::runtime_error(status.error().message());
    return *status;
  }
  void signal_all(int number) const {
    for (const auto& member : members_) member.signal(number);
  }
  [[nodiscard]] static bool is_ready(const Child& member) { return member.said().find("is ready") != std::string::npos; }
  [[nodiscard]] std::vector<Child>& members() { return members_; }
  [[nodiscard]] const std::string& founders() const { return founders_; }

 private:
  std::string founders_;
  std::vector<Child> members_;
};

[[nodiscard]] inline bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace conclave::process
