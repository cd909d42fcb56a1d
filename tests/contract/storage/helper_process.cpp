#include "contract/storage/helper_process.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>

#include <doctest/doctest.h>

#include "contract/storage/recorder.hpp"
#include "storage/lmdb/lmdb_storage.hpp"

using namespace conclave;
using namespace conclave::storage;

namespace {

constexpr int say_to = 3;
constexpr const char* folder_variable = "CONCLAVE_HELPER_FOLDER";

void say(const std::string& text) {
  const std::string line = text + "\n";
  // Nobody listens any more: nothing is left to do.
  if (::write(say_to, line.data(), line.size()) != static_cast<ssize_t>(line.size())) std::_Exit(1);
}

/// Says what is durable while on the storage thread, so nothing can come between.
class Teller final : public Listener {
 public:
  explicit Teller(Slot last) : before_(last) {}
  void on_durable(BatchId upto) override {
    say(std::to_string(before_.value + upto.value));
    recorder_.on_durable(upto);
  }
  void on_failed(const Failure& failure) override {
    say(failure.error.message());
    std::_Exit(1);
  }
  void await(BatchId id) {
    while (recorder_.upto() < id) recorder_.await_change(std::chrono::milliseconds(100));
  }

 private:
  Slot before_;
  Recorder recorder_;
};

}  // namespace

TEST_CASE("helper process" * doctest::skip()) {
  const char* folder = std::getenv(folder_variable);
  REQUIRE(folder != nullptr);
  auto store = open_lmdb_storage({.folder = folder});
  if (!store) return say(store.error().message());
  Contents contents;
  REQUIRE((*store)->load(contents));
  const Slot last = contents.log.empty() ? Slot() : contents.log.back().slot;
  Teller teller(last);
  (*store)->start(teller);
  say("open");

  constexpr std::uint64_t in_flight = 8;
  for (BatchId id(1);; ++id) {
    const std::string number = std::to_string(last.value + id.value);
    (*store)->submit({.id = id, .log = {entry(last.value + id.value, number)}, .meta = {fact("last", number)}});
    if (id.value > in_flight) teller.await(BatchId(id.value - in_flight));
  }
}

namespace conclave::storage {

HelperProcess::HelperProcess(const std::filesystem::path& folder) {
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], say_to);

  ::setenv(folder_variable, folder.c_str(), 1);
  std::array<std::string, 3> words{"contract_storage", "--test-case=helper process", "--no-skip"};
  std::array<char*, 4> arguments{words[0].data(), words[1].data(), words[2].data(), nullptr};
  const int failed = ::posix_spawn(&pid_, "/proc/self/exe", &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  said_ = ends[0];
  REQUIRE(failed == 0);
}

HelperProcess::~HelperProcess() {
  if (pid_ > 0) kill();
  ::close(said_);
}

std::optional<std::string> HelperProcess::next_line() {
  for (auto end = unread_.find('\n'); end == std::string::npos; end = unread_.find('\n')) {
    std::array<char, 4096> piece{};
    const auto size = ::read(said_, piece.data(), piece.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return std::nullopt;
    unread_.append(piece.data(), static_cast<std::size_t>(size));
  }
  const auto end = unread_.find('\n');
  std::string line = unread_.substr(0, end);
  unread_.erase(0, end + 1);
  return line;
}

void HelperProcess::kill() {
  if (std::exchange(killed_, true)) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

}  // namespace conclave::storage
