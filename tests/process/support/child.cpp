#include "process/support/child.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

extern char** environ;

namespace conclave::process {
namespace {

[[noreturn]] void fail(const std::string& what) { throw std::system_error(errno, std::generic_category(), what); }

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (auto& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

int code_of(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

// The letter that the system shows for it; empty when there is none.
std::string state_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string number, name, state;
  file >> number >> name >> state;
  return state;
}

}  // namespace

Child::Child(Command command) : output_(command.output) {
  std::vector<std::string> words{command.program.string()};
  words.insert(words.end(), command.arguments.begin(), command.arguments.end());
  std::vector<std::string> variables;
  for (char** entry = environ; *entry; ++entry) variables.emplace_back(*entry);
  for (const auto& [name, value] : command.environment) variables.push_back(name + "=" + value);
  const auto arguments = pointers(words);
  const auto environment = pointers(variables);
  int input[2];
  int failure[2];
  const int output = ::open(output_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (output < 0 || ::pipe2(input, O_CLOEXEC) != 0 || ::pipe2(failure, O_CLOEXEC) != 0) fail("cannot prepare " + words.front());
  const auto parent = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0) fail("cannot fork");
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);  // it died before the call
    ::dup2(input[0], STDIN_FILENO);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
    ::execve(arguments.front(), arguments.data(), environment.data());
    const int error = errno;
    (void)!::write(failure[1], &error, sizeof error);
    ::_exit(127);
  }
  ::close(input[0]);
  ::close(output);
  ::close(failure[1]);
  input_ = input[1];
  // Until exec the child has this program's signal handlers: nobody may signal it before.
  int error = 0;
  const bool failed = ::read(failure[0], &error, sizeof error) > 0;
  ::close(failure[0]);
  if (!failed) return;
  end();
  errno = error;
  fail("cannot execute " + words.front());
}

Child::Child(Child&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      input_(std::exchange(other.input_, -1)),
      code_(other.code_),
      output_(std::move(other.output_)) {}

Child& Child::operator=(Child&& other) noexcept {
  if (this == &other) return *this;
  end();
  pid_ = std::exchange(other.pid_, -1);
  input_ = std::exchange(other.input_, -1);
  code_ = other.code_;
  output_ = std::move(other.output_);
  return *this;
}

Child::~Child() { end(); }

void Child::end() {
  kill();
  if (input_ >= 0) ::close(std::exchange(input_, -1));
}

bool Child::runs() {
  if (pid_ < 0) return false;
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) != pid_) return true;
  pid_ = -1;
  code_ = code_of(status);
  return false;
}

void Child::signal(int number) const {
  if (pid_ > 0) ::kill(pid_, number);
}

void Child::kill() {
  signal(SIGKILL);
  (void)wait();
}

int Child::wait() {
  if (pid_ < 0) return code_;
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  return code_ = code_of(status);
}

void Child::tell(const std::string& line) const {
  const auto text = line + "\n";
  if (::write(input_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) fail("the child does not listen");
}

std::string Child::said() const {
  std::ifstream file(output_);
  return {std::istreambuf_iterator<char>(file), {}};
}

bool is_gone(pid_t pid) {
  const auto state = state_of(pid);
  // One that nobody has waited for yet has ended all the same.
  return state.empty() || state == "Z";
}

bool is_stopped(pid_t pid) { return state_of(pid) == "T"; }

std::filesystem::path own_program() { return std::filesystem::read_symlink("/proc/self/exe"); }

}  // namespace conclave::process
