// How what the library speaks of is called in a history.
#pragma once

#include <string>

#include <conclave/error.hpp>
#include <conclave/types.hpp>

#include "sim/checkers/history.hpp"

namespace conclave::sim {

/// `s7`.
[[nodiscard]] inline std::string name(SessionId session) { return 's' + std::to_string(session.value); }

[[nodiscard]] inline std::int64_t number(Token token) { return static_cast<std::int64_t>(token.value); }

/// What an error means for the question whether the call had an effect.
[[nodiscard]] Status status_of(const Error& error);

}  // namespace conclave::sim
