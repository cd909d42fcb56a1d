// The user's state machine under test: registers, once-counters and guards, as an application would write them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <conclave/state_machine.hpp>

namespace conclave::sim {

class App : public StateMachine {
 public:
  // ---- Commands ----
  [[nodiscard]] static Bytes write(std::string_view key, std::string_view value);
  /// `old` nothing: only if it was never written.
  [[nodiscard]] static Bytes cas(std::string_view key, const std::optional<std::string>& old, std::string_view value);
  [[nodiscard]] static Bytes count(std::string_view key);
  [[nodiscard]] static Bytes guarded_write(std::string_view key, Token token, std::string_view value);
  /// Any of them, so that it may be asked again while nobody knows whether it was done: it is done once for each `id`. What the
  /// library gives to this machine twice is one attempt, and done twice.
  [[nodiscard]] static Bytes once(std::string_view id, std::string_view attempt, const Bytes& command);

  /// What a command answers.
  struct Answer {
    /// False: the state refused it.
    bool done{false};
    /// Of a counter: the count after it.
    std::int64_t n{0};
    friend bool operator==(const Answer&, const Answer&) = default;
  };
  /// Nothing: these bytes are no answer of an `App`.
  [[nodiscard]] static std::optional<Answer> parse(BytesView answer);

  // ---- Reads ----
  [[nodiscard]] std::optional<std::string> value(const std::string& key) const;
  [[nodiscard]] std::optional<std::string> guarded_value(const std::string& key) const;

  // StateMachine
  [[nodiscard]] std::string name() const override { return "conclave-sim/1"; }
  Bytes apply(const Applied& at, BytesView command) override;
  void snapshot(const std::function<void(BytesView chunk)>& write) const override;
  Result<void> restore(const std::function<BytesView()>& read) override;
  [[nodiscard]] std::uint64_t digest() const override;

 protected:
  // What a careless application would do otherwise.
  /// Whether a command that was done is answered as it was when it is asked again.
  [[nodiscard]] virtual bool remembers_commands() const { return true; }
  /// Whether a guard refuses tokens older than the newest it has seen.
  [[nodiscard]] virtual bool heeds_tokens() const { return true; }

 private:
  struct Done {
    std::string attempt;
    Answer answer;
  };
  struct Guard {
    std::uint64_t newest{0};
    std::optional<std::string> value;
  };

  using Fields = std::span<const std::string>;
  [[nodiscard]] Answer apply(Fields fields);
  [[nodiscard]] Answer apply_once(Fields fields);
  [[nodiscard]] bool restore(Fields fields);

  std::map<std::string, std::string> registers_;
  std::map<std::string, std::int64_t> counters_;
  std::map<std::string, Guard> guards_;
  /// By id: the answer that it got, for ever.
  std::map<std::string, Done> done_;
};

}  // namespace conclave::sim
