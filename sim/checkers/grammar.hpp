// Which event may follow which, and what each has to carry: the rules of the format beyond single keys. The reader refuses
// by them, and `complete` judges recorded histories by them.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "sim/checkers/history.hpp"

namespace conclave::sim {

class Grammar {
 public:
  /// Takes the next event, or says why it may not stand here; such an event changes nothing.
  [[nodiscard]] std::optional<std::string> admit(const Event& event);

 private:
  struct Asked {
    Op op{};
    bool answered{false};
  };

  [[nodiscard]] std::optional<std::string> judge(const Call& call) const;
  [[nodiscard]] std::optional<std::string> judge(const Return& answer) const;
  [[nodiscard]] std::optional<std::string> judge(const SessionFact& fact) const;
  [[nodiscard]] std::optional<std::string> judge(const auto&) const { return std::nullopt; }

  TrueTime last_{TrueTime::min()};
  std::map<std::uint64_t, Asked> asked_;
};

}  // namespace conclave::sim
