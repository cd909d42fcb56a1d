// conclave-history/1: what is written is read back, byte for byte the given format, and a bad line is refused by its number.
#include <doctest/doctest.h>

#include <sstream>

#include "sim/checkers/json_lines.hpp"

using namespace conclave;
using namespace conclave::sim;

namespace {

TrueTime t(std::int64_t count) { return TrueTime(count); }

const std::string meta_line = R"({"type":"meta","format":"conclave-history/1","drift_ppm":200})"
                              "\n";

/// One of each, as the format's description has them.
const std::string sample =
    meta_line +
    R"({"type":"call","at":1,"id":1,"client":"c1","obj":"lock:jobs","op":"acquire","session":"s1"}
{"type":"call","at":2,"id":2,"client":"c2","obj":"reg:x","op":"cas","old":"a","value":"b"}
{"type":"call","at":2,"id":3,"client":"c2","obj":"guard:g","op":"write","value":"b","token":7}
{"type":"call","at":2,"id":4,"client":"c2","obj":"once:o","op":"apply","cmd":"k1"}
{"type":"session","at":3,"node":"n1","session":"s1","what":"grant","ttl":1000,"until":900}
{"type":"ret","at":9,"id":1,"status":"ok","token":7}
{"type":"hold","at":9,"node":"n1","session":"s1","res":"jobs","token":7,"until":900}
{"type":"lead","at":9,"node":"n1","res":"GROUP","epoch":3,"until":900}
{"type":"apply","at":9,"node":"n1","life":1,"slot":4,"hash":"h4","digest":"d4"}
{"type":"restore","at":9,"node":"n1","life":2,"slot":4,"digest":"d4"}
{"type":"ret","at":9,"id":2,"status":"no"}
{"type":"ret","at":9,"id":4,"status":"ok","n":1}
{"type":"drop","at":10,"node":"n1","session":"s1","res":"jobs","token":7}
{"type":"unlead","at":10,"node":"n1","res":"GROUP","epoch":3}
{"type":"ret","at":11,"id":3,"status":"lost"}
{"type":"session","at":12,"node":"n1","session":"s1","what":"close"}
{"type":"crash","at":50,"node":"n1"}
)";

/// Why the lines after the meta line, or the whole text if `whole`, are refused; empty: they are not.
std::string refusal(const std::string& lines, bool whole = false) {
  std::istringstream in(whole ? lines : meta_line + lines + "\n");
  const auto read = read_history(in);
  return read ? "" : read.error().detail;
}

}  // namespace

TEST_CASE("history: every kind of line is read, and written as it was") {
  std::istringstream in(sample);
  const auto history = read_history(in);
  REQUIRE_MESSAGE(history, history.error().detail);
  CHECK(history->meta.drift_ppm == 200);
  REQUIRE(history->events.size() == 17);
  CHECK(history->events[0] ==
        Event(Call{
            .at = t(1), .id = 1, .client = "c1", .object = {Kind::lock, "jobs"}, .op = Op::acquire, .session = "s1"}));
  CHECK(history->events[6] == Event(Hold{t(9), "n1", "s1", "jobs", 7, t(900)}));

  std::ostringstream out;
  write_history(out, *history);
  CHECK(out.str() == sample);
}

TEST_CASE("history: lines are written in order of at, those of one instant as recorded") {
  History history;
  history.events = {Crash{t(5), "b"}, Crash{t(5), "a"}, Crash{t(3), "c"}};
  std::ostringstream out;
  write_history(out, history);
  CHECK(out.str() ==
        R"({"type":"meta","format":"conclave-history/1","drift_ppm":0}
{"type":"crash","at":3,"node":"c"}
{"type":"crash","at":5,"node":"b"}
{"type":"crash","at":5,"node":"a"}
)");
}

TEST_CASE("history: a bad line is refused with its number and the reason") {
  const std::string call = R"({"type":"call","at":5,"id":1,"client":"c","obj":"reg:x","op":"read"})";
  CHECK(refusal(call) == "");
  CHECK(refusal("{\"type\":") == "line 2: not a JSON object");
  CHECK(refusal("[1]") == "line 2: not a JSON object");
  CHECK(refusal("") == "line 2: not a JSON object");
  CHECK(refusal(R"({"at":1})") == "line 2: missing key \"type\"");
  CHECK(refusal(R"({"type":"note","at":1})") == "line 2: unknown type \"note\"");
  CHECK(refusal(R"({"type":"crash","at":1})") == "line 2: missing key \"node\"");
  CHECK(refusal(R"({"type":"crash","at":"1","node":"a"})") == "line 2: bad value of key \"at\"");
  CHECK(refusal(R"({"type":"crash","at":1.5,"node":"a"})") == "line 2: bad value of key \"at\"");
  CHECK(refusal(R"({"type":"crash","at":18446744073709551615,"node":"a"})") == "line 2: bad value of key \"at\"");
  CHECK(refusal(R"({"type":"crash","at":1,"node":"a","nose":1})") == "line 2: unknown key \"nose\"");
  CHECK(refusal(R"({"type":"call","at":5,"id":-1,"client":"c","obj":"reg:x","op":"read"})") ==
        "line 2: bad value of key \"id\"");
  CHECK(refusal(R"({"type":"call","at":5,"id":1,"client":"c","obj":"tree:x","op":"read"})") ==
        "line 2: bad value of key \"obj\"");
  CHECK(refusal(R"({"type":"call","at":5,"id":1,"client":"c","obj":"reg:x","op":"peek"})") ==
        "line 2: bad value of key \"op\"");
  CHECK(refusal(call + "\n" + R"({"type":"crash","at":4,"node":"a"})") == "line 3: time goes backwards, from 5 to 4");
}

TEST_CASE("history: a call takes what its object asks for, an answer carries what was asked") {
  const auto call = [](const std::string& rest) { return R"({"type":"call","at":5,"id":1,"client":"c",)" + rest; };
  CHECK(refusal(call(R"("obj":"reg:x","op":"apply","cmd":"k"})")) == "line 2: apply is no operation of a reg");
  CHECK(refusal(call(R"("obj":"reg:x","op":"write"})")) == "line 2: missing key \"value\" of write");
  CHECK(refusal(call(R"("obj":"reg:x","op":"read","token":3})")) == "line 2: key \"token\" means nothing to read");
  CHECK(refusal(call(R"("obj":"reg:x","op":"cas","value":"b"})")) == "");
  CHECK(refusal(call(R"("obj":"lock:x","op":"release","session":"s"})")) == "line 2: missing key \"token\" of release");

  const auto acquire = call(R"("obj":"lock:x","op":"acquire","session":"s"})") + "\n";
  CHECK(refusal(acquire + R"({"type":"ret","at":6,"id":1,"status":"ok"})") ==
        "line 3: missing key \"token\" of acquire");
  CHECK(refusal(acquire + R"({"type":"ret","at":6,"id":1,"status":"no"})") == "");
  CHECK(refusal(acquire + R"({"type":"ret","at":6,"id":2,"status":"no"})") == "line 3: ret without call 2");
  CHECK(refusal(acquire + acquire) == "line 3: a second call 1");
  const std::string lost = R"({"type":"ret","at":6,"id":1,"status":"lost"})";
  CHECK(refusal(acquire + lost + "\n" + lost) == "line 4: a second ret of call 1");
  CHECK(refusal(call(R"("obj":"once:x","op":"apply","cmd":"k"})") + "\n" +
                R"({"type":"ret","at":6,"id":1,"status":"ok"})") == "line 3: missing key \"n\" of apply");
  CHECK(refusal(R"({"type":"session","at":9,"node":"n1","session":"s1","what":"grant","until":900})") ==
        "line 2: missing key \"ttl\" of a grant");
  CHECK(refusal(R"({"type":"session","at":9,"node":"n1","session":"s1","what":"keep"})") ==
        "line 2: missing key \"until\" of a keep");
}

TEST_CASE("history: the first line, and no other, says the format") {
  CHECK(refusal("", true) == "line 1: the file is empty");
  CHECK(refusal(R"({"type":"crash","at":1,"node":"a"})", true) == "line 1: the first line is not meta");
  CHECK(refusal(R"({"type":"meta","format":"conclave-history/2","drift_ppm":1})", true) ==
        "line 1: the format is not conclave-history/1");
  CHECK(refusal(R"({"type":"meta","format":"conclave-history/1"})", true) == "line 1: missing key \"drift_ppm\"");
  CHECK(refusal(meta_line + meta_line, true) == "line 2: a second meta");
}
