// The checks of the kill test find each fault in a history made by hand; without that a quiet kill test says nothing.
#include <doctest/doctest.h>

#include <sstream>

#include "process/kill/checks.hpp"

using namespace conclave::process;

namespace {

const std::string history =
    "ready\n"
    "tried a.1.0 1\n"
    "acknowledged a.1.0 1 0\n"
    "held red 10 100\n"
    "held red 10 200\n"
    "tried a.1.0 2\n"
    "refused a.1.0 2\n";
const std::string other_history =
    "held red 11 300\n"
    "tried b.2.0 1\n"
    "acknowledged b.2.0 1 1\n"
    "tried b.2.0 2\n";
const std::string journal = "a.1.0 1 red 10\nb.2.0 1 red 11\nb.2.0 2 - 0\n";

/// The complaints about a sound history with `more` lines seen by b, and `at_c` as c's journal.
std::string complaints(const std::string& more, const std::string& at_c = journal) {
  Evidence evidence;
  std::istringstream a(history);
  std::istringstream b(other_history + more);
  std::istringstream mine(journal);
  std::istringstream theirs(at_c);
  read_history(a, "a.1", evidence);
  read_history(b, "b.2", evidence);
  evidence.journals["a"] = read_journal(mine);
  evidence.journals["c"] = read_journal(theirs);
  std::string all;
  for (const auto& complaint : check(evidence)) all += complaint + "\n";
  return all;
}

bool finds(const std::string& what, const std::string& complaint) { return complaint.find(what) != std::string::npos; }

}  // namespace

TEST_CASE("a sound history passes, and a line cut by a kill is ignored") {
  CHECK(complaints("") == "");
  CHECK(complaints("held red 12 400") == "");
  CHECK(complaints("acknowledged b.2.0 2") == "");
}

TEST_CASE("two holders at once are found, by time and by token") {
  CHECK(finds("before the last sight of token 10", complaints("held red 11 150\n")));
  CHECK(finds("before the last sight of token 9", complaints("held red 9 500\n")));
  CHECK(finds("more than one process holds it", complaints("held red 10 150\n")));
  CHECK(finds("another lock has that token", complaints("held green 10 500\n")));
}

TEST_CASE("lost, doubled, moved, invented and refused commands are found") {
  CHECK(finds("is lost", complaints("tried b.2.0 3\nacknowledged b.2.0 3 3\n")));
  CHECK(finds("is at 2", complaints("acknowledged b.2.0 2 1\n")));
  CHECK(finds("applied twice", complaints("", journal + "b.2.0 1 red 11\n")));
  CHECK(finds("nobody proposed", complaints("", journal + "b.2.0 9 - 0\n")));
  CHECK(finds("yet it was refused", complaints("", journal + "a.1.0 2 red 11\n")));
  CHECK(finds("the journals of a and c differ", complaints("tried b.2.0 3\n", journal + "b.2.0 3 - 0\n")));
}

TEST_CASE("a guard that let an older token pass is found") {
  CHECK(finds("after one of token 11", complaints("tried a.1.0 3\n", journal + "a.1.0 3 red 10\n")));
}
