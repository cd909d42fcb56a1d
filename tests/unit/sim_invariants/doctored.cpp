#include "unit/sim_invariants/doctored.hpp"

namespace doctored {

paxos::Entry entry(const std::string& text) {
  Bytes bytes;
  for (const char letter : text) bytes.push_back(static_cast<std::byte>(letter));
  return {paxos::EntryKind::command, {}, Payload(std::move(bytes))};
}

}  // namespace doctored
