// Two candidates of one cluster: one leads, resigns, and the other takes over. Each runs in a node of its own, as two
// processes would.
#include <conclave/conclave.hpp>

#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <filesystem>
#include <mutex>
#include <thread>

using namespace std::chrono_literals;

namespace {

/// Counts leaderships, and who has the present one.
class Stage {
 public:
  void enter(const char* who) {
    const std::lock_guard guard(mutex_);
    std::printf("%s leads\n", who);
    ++terms_;
    changed_.notify_all();
  }
  bool wait_for_terms(int terms) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 30s, [&] { return terms_ >= terms; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int terms_ = 0;
};

conclave::CampaignCallbacks announce(Stage& stage, const char* who) {
  return {.on_elected = [&stage, who](const conclave::Term&) { stage.enter(who); },
          .on_revoked = [who](const conclave::Term&, const conclave::Error& reason) {
            std::printf("%s no longer leads: %s\n", who, reason.message().c_str());
          }};
}

}  // namespace

int main(int argc, char** argv) {
  const std::filesystem::path data = argc > 1 ? argv[1] : "leader-data";
  const std::string address = argc > 2 ? argv[2] : "127.0.0.1:7490";
  auto first = conclave::Node::open({.name = "first", .data_dir = data / "first", .listen = address, .single = true});
  if (!first || !first->ready(10s)) {
    std::fputs("no node\n", stderr);
    return 1;
  }
  // The second keeps nothing on disk: it joins, campaigns, and never votes.
  auto second = conclave::Node::open({.name = "second", .join = {address}});
  if (!second || !second->ready(10s)) {
    std::fputs("the second node could not join\n", stderr);
    return 1;
  }
  Stage stage;
  auto one = first->election("scheduler").campaign({.value = "first"}, announce(stage, "first"));
  if (!one || !stage.wait_for_terms(1)) return 1;
  auto two = second->election("scheduler").campaign({.value = "second"}, announce(stage, "second"));
  if (!two) return 1;
  // Its candidacy has to be in the queue before the leader resigns, else the leader is elected again.
  while (first->status()->elections.empty() || first->status()->elections.front().waiters == 0) std::this_thread::yield();
  if (auto resigned = one->resign(); !resigned || !stage.wait_for_terms(2)) return 1;
  const auto leader = first->election("scheduler").leader(10s);
  if (!leader || !*leader) return 1;
  std::printf("everybody sees that %s leads\n", (*leader)->member_name.c_str());
  std::puts("leader: ok");
}
