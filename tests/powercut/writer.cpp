// powercut_writer FOLDER SEED STEPS UPTO stop|die: one life of a voter's store. Opens it as a driver does, goes on where the
// last life ended, and tells the preloaded library of every step that has become durable, on the thread that says so.
// Its end: 0 all is durable, 3 it was refused or found no room, 4 the store has lost its vote.
#include <dlfcn.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "powercut/session.hpp"
#include "powercut/workload.hpp"

using namespace conclave;
using namespace conclave::powercut;

namespace {

constexpr int refused = 3;
constexpr int uncertain = 4;
constexpr int wrong_usage = 2;
constexpr int retries_max = 3;
constexpr std::uint64_t in_flight_max = 4;
constexpr unsigned seconds_max = 60;

using Acknowledge = void(std::uint64_t life, std::uint64_t steps);

int say(int code, const std::string& text) {
  std::printf("%s\n", text.c_str());
  std::fflush(stdout);
  return code;
}

/// A host that is told of a full disk makes room, and tries again.
int await(storage::Storage& store, Session& session, BatchId id) {
  for (int retries = 0; const auto failure = session.await(id);) {
    if (failure->kind == storage::FailureKind::uncertain) return say(uncertain, failure->error.message());
    if (retries++ == retries_max) return say(refused, failure->error.message());
    store.retry();
  }
  return 0;
}

int write(storage::Storage& store, driver::Recovery recovery, const Workload& workload, std::uint64_t upto,
          Acknowledge* acknowledge) {
  const std::uint64_t before = step_of(recovery.recovered);
  const std::uint64_t life = recovery.recovered.generation.boot_epoch;
  Session session([&](BatchId id) { acknowledge(life, before + id.value - 1); });
  store.start(session);
  BatchId id = recovery.opening.id;
  store.submit(std::move(recovery.opening));
  int failed = await(store, session, id);
  for (auto step = before + 1; step <= upto && failed == 0; ++step) {
    auto batch = workload.batch(step);
    batch.id = id = id.next();
    store.submit(std::move(batch));
    // Mostly alone, now and then several in one group.
    const bool waits = step / in_flight_max % 4 != 0 || step % in_flight_max == 0 || step == upto;
    if (waits) failed = await(store, session, id);
  }
  if (failed != 0) store.stop();
  return failed;
}

}  // namespace

int main(int count, char** words) {
  if (count != 6) return wrong_usage;
  auto* const acknowledge = reinterpret_cast<Acknowledge*>(::dlsym(RTLD_DEFAULT, "conclave_powercut_acknowledge"));
  if (!acknowledge) return say(wrong_usage, "nobody watches: this program runs with conclave-powercut-shim.so preloaded");
  ::alarm(seconds_max);
  const Workload workload(std::strtoull(words[2], nullptr, 10), std::strtoull(words[3], nullptr, 10));

  auto store = open_store(words[1]);
  if (!store) return say(refused, store.error().message());
  auto recovery = driver::recover(**store, life());
  if (!recovery) return say(refused, recovery.error().message());
  if (recovery->recovered.vote_lost) return say(refused, *recovery->recovered.vote_lost);

  const int failed = write(**store, std::move(*recovery), workload, std::strtoull(words[4], nullptr, 10), acknowledge);
  if (failed == 0 && std::string_view(words[5]) == "die") ::_exit(0);
  (*store)->stop();
  return failed;
}
