// Packets in words, for a person.
#pragma once

#include <string>

#include "sim/report/facts.hpp"
#include "transport/memory_network.hpp"

namespace conclave::sim {

struct PacketWords {
  MessageKind kind{};
  bool routine{false};
  std::string text;
};

/// What `packet` says. Bytes that no node reads are said to be so.
[[nodiscard]] PacketWords describe(const transport::Packet& packet);

}  // namespace conclave::sim
