#include "storage/storage.hpp"

namespace conclave::storage {

std::string to_string(const RecordKey& key) {
  if (const auto* slot = std::get_if<Slot>(&key)) return "log record " + std::to_string(slot->value);
  return "meta record \"" + std::get<std::string>(key) + "\"";
}

}  // namespace conclave::storage
