// A follower of the replication floor: append what has arrived, sync once, acknowledge by a running total.
#include <iostream>
#include <vector>

#include "bench/append_file.hpp"
#include "bench/floors.hpp"
#include "bench/process.hpp"
#include "bench/socket.hpp"

namespace conclave::bench {

int floor_follower_role(const std::string& folder) {
  const AppendFile file(std::filesystem::path(folder) / "log");
  const auto listener = Socket::listen();
  std::cout << nlohmann::json{{"port", listener.port()}} << std::endl;
  const auto leader = listener.accept();
  // While one sync runs, the next group gathers in the socket: group commit without a second thread.
  std::vector<char> group(std::size_t{1} << 20);
  std::uint64_t bytes = 0;
  while (const auto got = leader.receive_some(group.data(), group.size())) {
    file.append(group.data(), got);
    bytes += got;
    const std::uint64_t records = bytes / payload_bytes;
    leader.send(&records, sizeof records);
  }
  return 0;
}

}  // namespace conclave::bench
