#include "powercut/disk_log.hpp"

#include <fstream>
#include <stdexcept>

namespace conclave::powercut {

std::vector<Event> read_log(const std::filesystem::path& path) {
  std::vector<Event> events;
  std::error_code absent;
  auto left = std::filesystem::file_size(path, absent);
  if (absent) return events;
  std::ifstream file(path, std::ios::binary);
  Event event;
  while (file.read(reinterpret_cast<char*>(static_cast<EventHead*>(&event)), sizeof(EventHead))) {
    left -= sizeof(EventHead);
    if (event.size > left) throw std::runtime_error("the log of the shim is cut short");
    left -= event.size;
    event.text.resize(event.size);
    file.read(event.text.data(), static_cast<std::streamsize>(event.size));
    events.push_back(event);
  }
  return events;
}

}  // namespace conclave::powercut
