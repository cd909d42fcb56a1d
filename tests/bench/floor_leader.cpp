#include "bench/floor_leader.hpp"

#include <algorithm>
#include <iostream>

#include "bench/closed_loop.hpp"
#include "bench/floors.hpp"
#include "bench/process.hpp"

namespace conclave::bench {

FloorLeader::FloorLeader(const std::filesystem::path& folder, const std::vector<int>& followers) : file_(folder / "log") {
  for (const auto port : followers) followers_.push_back(Socket::connect(static_cast<std::uint16_t>(port)));
  threads_.emplace_back([this] { write(); });
  for (std::size_t at = 0; at < followers_.size(); ++at) threads_.emplace_back([this, at] { hear(at); });
}

FloorLeader::~FloorLeader() {
  stop();
  for (auto& thread : threads_) thread.detach();  // they wait in the kernel; the process ends next
}

void FloorLeader::submit(const char* data, std::size_t size) {
  // The own disk begins before the copies leave, and works meanwhile.
  {
    const std::lock_guard guard(mutex_);
    group_.insert(group_.end(), data, data + size);
  }
  to_write_.notify_one();
  for (const auto& follower : followers_) follower.send(data, size);
}

std::uint64_t FloorLeader::wait(std::uint64_t seen) {
  std::unique_lock guard(mutex_);
  replicated_.wait(guard, [&] { return stopped_ || committed_ > seen; });
  return stopped_ ? 0 : committed_;
}

void FloorLeader::stop() {
  const std::lock_guard guard(mutex_);
  stopped_ = true;
  replicated_.notify_all();
}

void FloorLeader::write() {
  std::vector<char> group;
  std::uint64_t bytes = 0;
  while (true) {
    group.clear();
    {
      std::unique_lock guard(mutex_);
      to_write_.wait(guard, [&] { return !group_.empty(); });
      group.swap(group_);
    }
    file_.append(group.data(), group.size());
    bytes += group.size();
    advance(0, bytes / payload_bytes);
  }
}

void FloorLeader::hear(std::size_t follower) {
  std::uint64_t records = 0;
  while (followers_[follower].receive(&records, sizeof records)) advance(follower + 1, records);
}

void FloorLeader::advance(std::size_t who, std::uint64_t records) {
  const std::lock_guard guard(mutex_);
  durable_[who] = records;
  auto sorted = durable_;
  std::ranges::sort(sorted);
  if (sorted[1] <= committed_) return;
  committed_ = sorted[1];
  replicated_.notify_all();
}

namespace {

/// One client over TCP: its bytes go in, running totals of what is replicated come out.
void serve(FloorLeader& leader, const Socket& client) {
  std::thread answers([&] {
    for (std::uint64_t seen = 0; (seen = leader.wait(seen)) != 0;) client.send(&seen, sizeof seen);
  });
  std::vector<char> bytes(std::size_t{1} << 18);
  while (const auto got = client.receive_some(bytes.data(), bytes.size())) leader.submit(bytes.data(), got);
  leader.stop();
  answers.join();
}

}  // namespace

int floor_leader_role(const std::string& folder, const std::vector<int>& followers) {
  FloorLeader leader(folder, followers);
  const auto listener = Socket::listen();
  std::cout << nlohmann::json{{"port", listener.port()}} << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    const auto order = nlohmann::json::parse(line);
    if (order.at("do") == "serve") {
      serve(leader, listener.accept());
      break;
    }
    static std::uint64_t first = 0;
    ClosedLoop loop(order.at("in_flight"), std::chrono::milliseconds(order.at("ms").get<int>()), first);
    loop.run([&](const char* data, std::size_t size) { leader.submit(data, size); },
             [&](std::uint64_t seen) { return leader.wait(seen); });
    first = loop.completed();
    std::cout << loop.report() << std::endl;
  }
  std::cout.flush();
  std::_Exit(0);
}

}  // namespace conclave::bench
