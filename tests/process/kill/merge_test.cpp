// What the processes left becomes one history: in order, with the crashes, and with what the log did of itself.
#include <doctest/doctest.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

#include "process/kill/log_line.hpp"
#include "process/kill/merge.hpp"
#include "process/support/temp_folder.hpp"
#include "sim/checkers/check.hpp"
#include "sim/checkers/json_lines.hpp"

using namespace conclave::process;
namespace sim = conclave::sim;

namespace {

// a gets the lock in s1, is killed with it in its hands and an apply under way, and b is granted it after the end of s1.
const std::string of_a =
    R"({"type":"session","at":5,"node":"a","session":"s1","what":"grant","ttl":100,"until":90}
{"type":"call","at":10,"id":1,"client":"a.1","obj":"lock:red","op":"acquire","session":"-"}
log 12 0 red s1 7 0
{"type":"ret","at":14,"id":1,"status":"ok","token":7}
{"type":"hold","at":14,"node":"a","session":"s1","res":"red","token":7,"until":90}
{"type":"call","at":20,"id":2,"client":"a.1","obj":"once:journal","op":"apply","cmd":"a.1-1"}
)";
const std::string of_b =
    R"({"type":"call","at":15,"id":11,"client":"b.2","obj":"lock:red","op":"acquire","session":"s2"}
log 13 0 red s1 7 0
log 205 1 - - 7 1
log 205 2 - s1 0 1
log 206 0 red s2 9 0
{"type":"ret","at":210,"id":11,"status":"ok","token":9}
)";

struct Parts {
  void leave(const std::string& life, const std::string& lines) { std::ofstream(folder.path() / (life + ".jsonl")) << lines; }
  std::string merged(const Deaths& deaths) {
    std::ostringstream out;
    sim::write_history(out, merge(folder.path(), deaths));
    return out.str();
  }
  TempFolder folder;
};

const Deaths death_of_a{{"a.1", sim::TrueTime(50)}};

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a killed process: its crash, and what was under way is lost") {
  Parts parts;
  parts.leave("a.1", of_a + R"({"type":"call","at":21,"id":3,"cl)");
  parts.leave("b.2", of_b);
  const auto text = parts.merged(death_of_a);
  CHECK(has(text, R"({"type":"crash","at":50,"node":"a"})"));
  CHECK(has(text, R"({"type":"ret","at":50,"id":2,"status":"lost"})"));
  CHECK_FALSE(has(text, R"("id":3)"));
  CHECK(sim::check(merge(parts.folder.path(), death_of_a)).empty());
}

TEST_CASE("the log: a session's end frees its lock, once, from the first who saw it") {
  Parts parts;
  parts.leave("a.1", of_a);
  parts.leave("b.2", of_b);
  parts.leave("c.3", "log 300 2 - s1 0 1\n");
  const auto text = parts.merged(death_of_a);
  CHECK(has(text, R"("op":"acquire","session":"s1")"));
  CHECK(has(text, R"("at":205,"node":"a","session":"s1","what":"expire")"));
  CHECK(has(text, R"("client":"log","obj":"lock:red","op":"expire","session":"s1")"));
  CHECK(text.find(R"("op":"expire")") == text.rfind(R"("op":"expire")"));
}

TEST_CASE("a history in which two hold the lock at once is not sound") {
  Parts parts;
  parts.leave("a.1", of_a);
  parts.leave("b.2", of_b + R"({"type":"hold","at":60,"node":"b","session":"s2","res":"red","token":9,"until":95})" + "\n");
  std::string found;
  for (const auto& violation : sim::check(merge(parts.folder.path(), {}))) found += violation.check;
  CHECK(has(found, "single-believer"));
}

TEST_CASE("an acquire that its session left behind is a call only if the log granted it") {
  Parts parts;
  const std::string acquire = R"({"type":"call","at":10,"id":1,"client":"a.1","obj":"lock:red","op":"acquire","session":"s1"})" "\n";
  parts.leave("a.1", acquire + "log 20 3 - s1 1 0\n");
  CHECK_FALSE(has(parts.merged({}), R"("status":"lost")"));
  parts.leave("b.2", "log 15 0 red s1 7 0\n");
  CHECK(has(parts.merged({}), R"("status":"lost")"));
}

TEST_CASE("a line in the midst that makes no sense is refused") {
  Parts parts;
  parts.leave("a.1", "log 12 nonsense\n");
  CHECK_THROWS_AS((void)merge(parts.folder.path(), {}), std::runtime_error);
}
