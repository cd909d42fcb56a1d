#include "bench/process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace conclave::bench {
namespace {

[[noreturn]] void fail(const std::string& what) { throw std::system_error(errno, std::generic_category(), what); }

std::filesystem::path own_path() { return std::filesystem::read_symlink("/proc/self/exe"); }

Counts* map_counts(const std::filesystem::path& path, int flags) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC | flags, 0600);
  if (fd < 0 || ::ftruncate(fd, sizeof(Counts)) != 0) fail("cannot make " + path.string());
  void* mapped = ::mmap(nullptr, sizeof(Counts), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  ::close(fd);
  if (mapped == MAP_FAILED) fail("cannot map " + path.string());
  return static_cast<Counts*>(mapped);
}

std::chrono::nanoseconds cpu_of(clockid_t clock) {
  timespec used{};
  if (::clock_gettime(clock, &used) != 0) fail("cannot read a process's CPU time");
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

}  // namespace

void preload_counter(char** arguments) {
  if (std::getenv(counts_variable)) return;
  // Unlinked once mapped would be neater, but the second life has to open it by name.
  const auto counts = std::filesystem::temp_directory_path() / ("conclave-bench-counts." + std::to_string(::getpid()));
  ::munmap(map_counts(counts, O_CREAT | O_TRUNC), sizeof(Counts));
  ::setenv(counts_variable, counts.c_str(), 1);
  ::setenv("LD_PRELOAD", (own_path().parent_path() / "conclave-bench-counter.so").c_str(), 1);
  ::execv(own_path().c_str(), arguments);
  fail("cannot execute this program again");
}

Usage own_usage() {
  static const Counts* const counts = map_counts(std::getenv(counts_variable), 0);
  return {cpu_of(CLOCK_PROCESS_CPUTIME_ID), counts->flushes.load(), counts->sent_bytes.load()};
}

struct Process::State {
  pid_t pid{-1};
  std::string role;
  std::FILE* to{nullptr};
  std::FILE* from{nullptr};
  Counts* counts{nullptr};

  void end() {
    if (pid < 0) return;
    ::kill(pid, SIGKILL);
    ::waitpid(std::exchange(pid, -1), nullptr, 0);
  }
  ~State() {
    end();
    if (to) std::fclose(to);
    if (from) std::fclose(from);
    if (counts) ::munmap(counts, sizeof(Counts));
  }
};

Process::Process(const std::vector<std::string>& arguments, const std::filesystem::path& counts)
    : state_(std::make_unique<State>()) {
  state_->role = arguments.front();
  state_->counts = map_counts(counts, O_CREAT | O_TRUNC);
  int in[2];
  int out[2];
  if (::pipe2(in, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0) fail("cannot make a pipe");
  const std::string self = own_path();
  std::vector<char*> words{const_cast<char*>(self.c_str())};
  for (const auto& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  state_->pid = ::fork();
  if (state_->pid < 0) fail("cannot fork");
  if (state_->pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // nothing that was started for a measurement outlives it
    ::dup2(in[0], STDIN_FILENO);
    ::dup2(out[1], STDOUT_FILENO);
    ::setenv(counts_variable, counts.c_str(), 1);
    ::execv(self.c_str(), words.data());
    ::_exit(127);
  }
  ::close(in[0]);
  ::close(out[1]);
  state_->to = ::fdopen(in[1], "w");
  state_->from = ::fdopen(out[0], "r");
}

Process::Process(Process&&) noexcept = default;
Process& Process::operator=(Process&&) noexcept = default;
Process::~Process() = default;

void Process::write(const nlohmann::json& line) {
  const auto text = line.dump() + "\n";
  std::fwrite(text.data(), 1, text.size(), state_->to);
  if (std::fflush(state_->to) != 0) throw std::runtime_error("the " + state_->role + " process does not listen");
}

nlohmann::json Process::read() {
  char* text = nullptr;
  std::size_t room = 0;
  const auto length = ::getline(&text, &room, state_->from);
  const std::unique_ptr<char, decltype(&std::free)> owner(text, &std::free);
  if (length <= 0) throw std::runtime_error("the " + state_->role + " process has ended");
  auto answer = nlohmann::json::parse(text, text + length);
  if (const auto error = answer.find("error"); error != answer.end())
    throw std::runtime_error("the " + state_->role + " process: " + error->get<std::string>());
  return answer;
}

nlohmann::json Process::ask(const nlohmann::json& line) {
  write(line);
  return read();
}

pid_t Process::pid() const { return state_->pid; }

Usage Process::usage() const {
  clockid_t clock{};
  if (::clock_getcpuclockid(state_->pid, &clock) != 0) throw std::runtime_error("the " + state_->role + " process is gone");
  return {cpu_of(clock), state_->counts->flushes.load(), state_->counts->sent_bytes.load()};
}

double Process::resident_mib() const {
  std::ifstream file("/proc/" + std::to_string(state_->pid) + "/statm");
  double total = 0;
  double resident = 0;
  file >> total >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE)) / (1 << 20);
}

void Process::kill() { state_->end(); }

}  // namespace conclave::bench
