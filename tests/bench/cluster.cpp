#include "bench/cluster.hpp"

#include <chrono>
#include <stdexcept>
#include <thread>

#include "bench/socket.hpp"

namespace conclave::bench {

Cluster::Cluster(std::filesystem::path folder) : folder_(std::move(folder)) {
  std::filesystem::create_directories(folder_);
  {
    std::vector<Socket> held;  // all at once, so that the ports differ
    for (std::size_t at = 0; at < size; ++at) held.push_back(Socket::listen());
    for (const auto& socket : held) addresses_.push_back("127.0.0.1:" + std::to_string(socket.port()));
  }
  for (std::size_t at = 0; at < size; ++at) nodes_.push_back(start(at));
  for (auto& node : nodes_) (void)node.ask({{"do", "ready"}});
}

Process Cluster::start(std::size_t at) const {
  const std::string name(1, static_cast<char>('a' + at));
  std::vector<std::string> arguments{"node", name, folder_ / name, addresses_[at]};
  arguments.insert(arguments.end(), addresses_.begin(), addresses_.end());
  return {arguments, folder_ / (name + ".counts")};
}

std::size_t Cluster::leader() {
  for (int tries = 0; tries < 1000; ++tries) {
    for (std::size_t at = 0; at < size; ++at)
      if (nodes_[at].ask({{"do", "leads"}}).at("leads")) return at;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  throw std::runtime_error("no node leads");
}

Usage Cluster::usage() const {
  Usage all;
  for (const auto& node : nodes_) all += node.usage();
  return all;
}

void Cluster::restart(std::size_t at) {
  nodes_[at] = start(at);
  (void)nodes_[at].ask({{"do", "ready"}});
}

}  // namespace conclave::bench
