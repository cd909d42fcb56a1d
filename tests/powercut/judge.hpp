// Opens a folder with the real code, in a process of its own: damage may end it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "powercut/workload.hpp"

namespace conclave::powercut {

/// What was found; a text that is empty says "no".
struct Found {
  std::uint64_t step = 0;  ///< of the last promise
  std::uint64_t life = 0;  ///< how often the store was opened, as far as it knows
  std::string refused;     ///< it could not be opened, or not be understood: why
  std::string vote_lost;   ///< it opened, and knows that it may have forgotten something: why
  std::string wrong;       ///< it is not what its steps stored, cannot go on, or ended the process

  [[nodiscard]] bool noticed() const { return !refused.empty() || !vote_lost.empty(); }
};

/// What must be there.
struct Required {
  std::uint64_t step = 0;
  std::uint64_t life = 0;
};

/// Opens the store in `folder`, compares it with `workload`, and if `goes_on`, stores one more step in it and reads it again.
[[nodiscard]] Found look(const std::filesystem::path& folder, const Workload& workload, bool goes_on);

/// After a power cut alone: everything acknowledged is there, whole, and there is nothing to notice. Nothing: it is so.
[[nodiscard]] std::optional<std::string> complaint(const Found& found, const Required& required);
/// After a failed call: the same, or the store has noticed; what is found is whole all the same.
[[nodiscard]] std::optional<std::string> complaint_unless_noticed(const Found& found, const Required& required);

}  // namespace conclave::powercut
