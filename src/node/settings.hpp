// From the user's configuration to checked values.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <conclave/config.hpp>
#include <conclave/result.hpp>

#include "base/address.hpp"

namespace conclave::node {

/// Every address of the knob called `knob`; the error names the knob and the bad one.
[[nodiscard]] Result<std::vector<Address>> parse_all(const char* knob, const std::vector<std::string>& texts);

/// What the user's state machine calls itself; empty: there is none. `errc::invalid_argument` for a bad name, and for a machine
/// that throws when it is asked.
[[nodiscard]] Result<std::string> state_machine_name(const Config& config);

/// The address that others dial, given where the transport listens; nothing when this node listens nowhere.
/// `errc::address_unusable` for a wildcard.
[[nodiscard]] Result<std::optional<Address>> advertised(const Config& config, const std::optional<Address>& listening_on);

}  // namespace conclave::node
