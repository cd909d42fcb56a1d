#include "powercut/judge.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <sstream>
#include <system_error>

#include "powercut/session.hpp"

namespace conclave::powercut {
namespace {

constexpr unsigned seconds_max = 30;

/// One more step, through a sync and another opening.
std::string go_on(const std::filesystem::path& folder, std::unique_ptr<storage::Storage> store, storage::Batch opening,
                  const Workload& workload, std::uint64_t step) {
  if (step == workload.steps()) return {};
  Session session;
  store->start(session);
  auto batch = workload.batch(step + 1);
  batch.id = opening.id.next();
  store->submit(std::move(opening));
  store->submit(std::move(batch));
  if (const auto failure = session.await(BatchId(2))) return "it does not go on: " + failure->error.message();
  store.reset();

  auto again = open_store_briefly(folder);
  if (!again) return "it does not open again: " + again.error().message();
  const auto recovery = driver::recover(**again, life());
  if (!recovery) return "it cannot be recovered again: " + recovery.error().message();
  if (recovery->recovered.vote_lost) return "it loses its vote when opened again: " + *recovery->recovered.vote_lost;
  if (step_of(recovery->recovered) != step + 1 || !workload.explains(recovery->recovered))
    return "it forgets the step after the cut";
  return {};
}

Found look_here(const std::filesystem::path& folder, const Workload& workload, bool goes_on) {
  Found found;
  auto store = open_store_briefly(folder);
  if (!store) {
    found.refused = store.error().message();
    return found;
  }
  auto recovery = driver::recover(**store, life());
  if (!recovery) {
    found.refused = recovery.error().message();
    return found;
  }
  found.step = step_of(recovery->recovered);
  found.life = recovery->recovered.generation.boot_epoch - 1;  // this opening counts itself
  found.vote_lost = recovery->recovered.vote_lost.value_or("");
  if (!workload.explains(recovery->recovered))
    found.wrong = "what it holds is not what the steps up to " + std::to_string(found.step) + " stored";
  if (goes_on && found.wrong.empty() && !found.noticed())
    found.wrong = go_on(folder, std::move(*store), std::move(recovery->opening), workload, found.step);
  return found;
}

// One line each; messages have none inside.
std::string packed(const Found& found) {
  std::ostringstream out;
  out << found.step << '\n' << found.life << '\n' << found.refused << '\n' << found.vote_lost << '\n' << found.wrong << '\n';
  return out.str();
}

Found unpacked(const std::string& text) {
  std::istringstream in(text);
  Found found;
  std::string line;
  if (std::getline(in, line)) found.step = std::stoull(line);
  if (std::getline(in, line)) found.life = std::stoull(line);
  std::getline(in, found.refused);
  std::getline(in, found.vote_lost);
  std::getline(in, found.wrong);
  return found;
}

std::string read_all(int fd) {
  std::string all;
  std::array<char, 4096> piece{};
  for (ssize_t size = 0; (size = ::read(fd, piece.data(), piece.size())) > 0;)
    all.append(piece.data(), static_cast<std::size_t>(size));
  return all;
}

}  // namespace

Found look(const std::filesystem::path& folder, const Workload& workload, bool goes_on) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  const pid_t child = ::fork();
  if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (child == 0) {
    ::alarm(seconds_max);
    const std::string text = packed(look_here(folder, workload, goes_on));
    ::_exit(::write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()) ? 0 : 1);
  }
  ::close(ends[1]);
  const std::string text = read_all(ends[0]);
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return unpacked(text);
  Found found;
  found.wrong = WIFSIGNALED(status) ? std::string("opening it ended the process: ") + ::strsignal(WTERMSIG(status))
                                    : "opening it ended the process with " + std::to_string(WEXITSTATUS(status));
  return found;
}

std::optional<std::string> complaint(const Found& found, const Required& required) {
  if (!found.refused.empty()) return "a power cut alone, and it cannot be opened: " + found.refused;
  if (!found.vote_lost.empty()) return "a power cut alone, and the vote is lost: " + found.vote_lost;
  return complaint_unless_noticed(found, required);
}

std::optional<std::string> complaint_unless_noticed(const Found& found, const Required& required) {
  if (!found.wrong.empty()) return found.wrong;
  if (found.noticed()) return std::nullopt;
  const auto lost = [](const char* what, std::uint64_t acknowledged, std::uint64_t there) {
    return std::string(what) + " " + std::to_string(acknowledged) + " was acknowledged, the last that is there is " +
           std::to_string(there);
  };
  if (found.step < required.step) return lost("step", required.step, found.step);
  if (found.life < required.life) return lost("opening", required.life, found.life);
  return std::nullopt;
}

}  // namespace conclave::powercut
