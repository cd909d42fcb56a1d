// A member to talk to: it reads `acquire NAME`, `release NAME` and `status` from standard input, and says what happens with
// the time since the machine's start, so that several of them can be compared. `demo.sh` runs three.
#include <conclave/conclave.hpp>

#include <time.h>

#include <iostream>
#include <map>
#include <mutex>
#include <sstream>
#include <string>

using namespace std::chrono_literals;

namespace {

std::mutex printing;

/// "NAME MILLISECONDS TEXT" on a line of its own.
void say(const std::string& name, const std::string& text) {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  const std::lock_guard guard(printing);
  std::cout << name << ' ' << now.tv_sec * 1000 + now.tv_nsec / 1'000'000 << ' ' << text << std::endl;
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, ',');) parts.push_back(part);
  return parts;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::cerr << "usage: member NAME DATA-FOLDER LISTEN FOUNDER,FOUNDER,...\n";
    return 64;
  }
  const std::string name = argv[1];
  auto node = conclave::Node::open({.name = name, .data_dir = argv[2], .listen = argv[3], .founders = split(argv[4])});
  if (!node) {
    std::cerr << name << ": " << node.error().message() << '\n';
    return 1;
  }
  node->ready(1h, [&name](const conclave::Result<void>& ready) { say(name, ready ? "ready" : ready.error().message()); });

  std::map<std::string, conclave::Lock> locks;
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::string verb;
    std::string lock_name;
    words >> verb >> lock_name;
    if (verb == "acquire") {
      auto lock = node->lock(lock_name).acquire(1min);
      say(name, lock ? "acquired " + lock_name + " token " + std::to_string(lock->token().value)
                     : "failed " + lock_name + ": " + lock.error().message());
      if (lock) locks.insert_or_assign(lock_name, std::move(*lock));
    } else if (verb == "release") {
      locks.erase(lock_name);
      say(name, "released " + lock_name);
    } else if (verb == "status") {
      const auto status = node->status();
      say(name, status ? "status " + status->sentence : status.error().message());
    } else {
      say(name, "unknown: " + line);
    }
  }
}
