// What a caller may name: a bad argument is answered at once, with the limit that it breaks.
#include <doctest/doctest.h>

#include "unit/client/members.hpp"

using namespace conclave;
using namespace conclave::client;

namespace {

Error error_of_acquire(Members& members, const std::string& name, AcquireOptions options = {}) {
  Answer<Lock> answer;
  (void)members.lock("1", name).acquire(std::move(options), answer.taker());
  // No message travels for it.
  (void)members.until(answer, 0ms);
  return answer.error();
}

bool says(const Error& error, const std::string& text) { return error.detail.find(text) != std::string::npos; }

}  // namespace

TEST_CASE("a lock's name that is empty, too long or no UTF-8 is refused with the limit") {
  Members members(1);
  const auto empty = error_of_acquire(members, "");
  CHECK(empty == errc::invalid_argument);
  CHECK(says(empty, "1 to 128 bytes"));

  const auto long_one = error_of_acquire(members, std::string(129, 'x'));
  CHECK(long_one == errc::invalid_argument);
  CHECK(says(long_one, "1 to 128 bytes"));
  CHECK(says(long_one, "129"));

  const auto garbled = error_of_acquire(members, "caf\xe9");
  CHECK(garbled == errc::invalid_argument);
  CHECK(says(garbled, "UTF-8"));
  CHECK(error_of_acquire(members, std::string("a\0b", 3)) == errc::invalid_argument);
}

TEST_CASE("the longest name works, counted in bytes") {
  Members members(1);
  std::string name;
  while (name.size() + 2 <= 128) name += "\xc3\xa9";
  const auto held = members.take("1", name);
  CHECK(held.held());
  CHECK(held.name() == name);
}

TEST_CASE("a note that is too long is refused with the limit") {
  Members members(1);
  const auto error = error_of_acquire(members, "jobs", {.note = std::string(1025, 'n')});
  CHECK(error == errc::invalid_argument);
  CHECK(says(error, "1024"));
  CHECK(members.take("1", "jobs", {.note = std::string(1024, 'n')}).held());
}

TEST_CASE("a longest time to hold outside its limits is refused with them") {
  Members members(1);
  const auto negative = error_of_acquire(members, "jobs", {.max_hold = -1ms});
  CHECK(negative == errc::invalid_argument);
  CHECK(says(negative, "max_hold"));
  CHECK(error_of_acquire(members, "jobs", {.max_hold = std::chrono::hours(24 * 366)}) == errc::invalid_argument);
  CHECK(members.take("1", "jobs", {.max_hold = std::chrono::hours(24 * 365)}).held());
}

TEST_CASE("try_acquire checks names too") {
  Members members(1);
  Answer<Lock> answer;
  members.lock("1", "").try_acquire(answer.taker());
  REQUIRE(members.until(answer, 0ms));
  CHECK(answer.error() == errc::invalid_argument);
}

TEST_CASE("an election's name, value and priority are checked when the campaign begins") {
  Members members(1);
  CHECK(members.election("1", "").campaign({}, {}).error() == errc::invalid_argument);
  CHECK(members.election("1", std::string(129, 'x')).campaign({}, {}).error() == errc::invalid_argument);
  const auto value = members.election("1", "boss").campaign({.value = std::string(1025, 'v')}, {}).error();
  CHECK(value == errc::invalid_argument);
  CHECK(says(value, "1024"));
  const auto priority = members.election("1", "boss").run([](const Term&) {}, {.priority = 256}).error();
  CHECK(priority == errc::invalid_argument);
  CHECK(says(priority, "255"));
}

TEST_CASE("run: an empty function is no body") {
  Members members(1);
  CHECK(members.lock("1", "jobs").run({}).error() == errc::invalid_argument);
}
