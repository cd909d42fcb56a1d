// One frame for each message, one datagram for each gossip body, one record and one command of each kind, and an image; a
// seed decides their values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "unit/wire/message_fields.hpp"
#include "unit/wire/state_fields.hpp"

namespace conclave::test {

template <class T>
struct Sample {
  std::string name;
  T value;
};

/// A seed whose samples have something in nearly every list, text and option.
inline constexpr std::uint64_t full_seed = 1926;

/// The names are those of the schema's arms.
[[nodiscard]] std::vector<Sample<engine::Message>> messages(std::uint64_t seed);
[[nodiscard]] std::vector<Sample<engine::Frame>> frames(std::uint64_t seed);
[[nodiscard]] std::vector<Sample<engine::Datagram>> datagrams(std::uint64_t seed);
[[nodiscard]] std::vector<Sample<engine::Record>> records(std::uint64_t seed);
[[nodiscard]] std::vector<Sample<coordination::Command>> commands(std::uint64_t seed);
[[nodiscard]] coordination::Image image(std::uint64_t seed);

}  // namespace conclave::test
