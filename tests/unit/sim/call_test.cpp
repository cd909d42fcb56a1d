// Calls as words.
#include <doctest/doctest.h>

#include "sim/call.hpp"

using namespace conclave;
using namespace conclave::sim;

namespace {

std::string wrong(const std::string& line) {
  const auto checked = check_call(split(line), {"1", "2", "3"});
  return checked ? "" : checked.error().detail;
}

}  // namespace

TEST_CASE("a call names its machine, its kind and as many arguments as that takes") {
  CHECK(wrong("3 acquire jobs 300ms 2s").empty());
  CHECK(wrong("leader close").empty());
  CHECK(wrong("2 hand-over boss 1").empty());
  CHECK(wrong("2").find("a call is a machine, a name and arguments") != std::string::npos);
  CHECK(wrong("9 read k").find("there is no machine \"9\"") != std::string::npos);
  CHECK(wrong("1 juggle k").find("no such call") != std::string::npos);
  CHECK(wrong("1 acquire jobs 300ms").find("the call is `acquire LOCK D D`") != std::string::npos);
  CHECK(wrong("1 acquire jobs soon 2s").find("\"soon\" is no D") != std::string::npos);
  CHECK(wrong("2 hand-over boss 9").find("\"9\" is no N") != std::string::npos);
}

TEST_CASE("every kind of call says what it takes and does") {
  for (const auto& kind : call_kinds()) {
    CAPTURE(kind.name);
    CHECK_FALSE(kind.meaning.empty());
    for (const auto& parameter : split(kind.parameters)) {
      const bool known = parameter == "LOCK" || parameter == "NAME" || parameter == "KEY" || parameter == "VALUE" ||
                         parameter == "N" || parameter == "D";
      CHECK(known);
    }
  }
}
