#include <doctest/doctest.h>

#include <map>
#include <string>

#include <conclave/error.hpp>
#include <conclave/result.hpp>
#include <conclave/types.hpp>

#include "base/crc32c.hpp"
#include "base/hash.hpp"
#include "base/invariant.hpp"
#include "base/payload.hpp"
#include "base/prng.hpp"
#include "base/sha256.hpp"
#include "base/utf8.hpp"

using namespace conclave;

TEST_CASE("crc32c agrees with the check value of the Castagnoli polynomial") {
  CHECK(crc32c(to_bytes("123456789")) == 0xe3069283u);
  CHECK(crc32c({}) == 0u);
}

TEST_CASE("crc32c goes on where a former one ended") {
  CHECK(crc32c(to_bytes("56789"), crc32c(to_bytes("1234"))) == crc32c(to_bytes("123456789")));
}

TEST_CASE("sha256 agrees with the standard's example") {
  const auto digest = sha256(to_bytes("abc"));
  CHECK(digest[0] == 0xba);
  CHECK(digest[1] == 0x78);
  CHECK(digest[31] == 0xad);
}

TEST_CASE("the hash of bytes depends on each of them and on the seed") {
  const auto hash = hash_bytes(to_bytes("abc"), 1);
  CHECK(hash == hash_bytes(to_bytes("abc"), 1));
  CHECK(hash != hash_bytes(to_bytes("abd"), 1));
  CHECK(hash != hash_bytes(to_bytes("abc"), 2));
}

TEST_CASE("a uuid orders as its bytes do, from the first to the last") {
  const Uuid middle{{1, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 1}};
  for (std::size_t i = 0; i < middle.bytes.size(); ++i) {
    auto above = middle;
    ++above.bytes[i];
    if (i + 1 < above.bytes.size()) above.bytes[i + 1] = 0;
    CHECK(middle < above);
    CHECK(above > middle);
    CHECK(above != middle);
  }
  CHECK(middle == Uuid{middle});
  CHECK((middle <=> middle) == 0);
}

TEST_CASE("a uuid reads back what it wrote and nothing else") {
  const auto uuid = Uuid::parse("00010203-0405-4607-8809-0a0b0c0d0eff");
  REQUIRE(uuid);
  CHECK(uuid->bytes[15] == 0xff);
  CHECK(Uuid::parse(uuid->to_string()) == uuid);
  CHECK_FALSE(Uuid::parse("00010203-0405-4607-8809-0a0b0c0d0ef"));
  CHECK_FALSE(Uuid::parse("00010203x0405-4607-8809-0a0b0c0d0eff"));
  CHECK_FALSE(Uuid::parse("00010203-0405-4607-8809-0a0b0c0d0eFF"));
}

TEST_CASE("a draw depends on its key and number alone") {
  Prng first(7);
  Prng second(7);
  first.next();
  second.next();
  CHECK(first.next() == second.next());
  CHECK(first.fork(1).next() != first.fork(2).next());
  for (int i = 0; i < 1000; ++i) CHECK(first.below(3) < 3);
}

TEST_CASE("a state's hash sees every field and no address") {
  const std::map<std::string, int> one{{"a", 1}};
  const std::map<std::string, int> two{{"a", 2}};
  CHECK(state_hash(one) == state_hash(std::map<std::string, int>{{"a", 1}}));
  CHECK(state_hash(one) != state_hash(two));
  CHECK(state_hash(Payload(to_bytes("x"))) == state_hash(Payload(to_bytes("x"))));
}

TEST_CASE("a broken invariant names the fact and the values") {
  const Slot slot{4};
  try {
    CONCLAVE_INVARIANT(slot > Slot{5}, slot);
    FAIL("the invariant held");
  } catch (const InvariantBroken& broken) {
    CHECK(std::string(broken.what()).find("slot > Slot{5} [slot = 4]") != std::string::npos);
  }
}

TEST_CASE("every error code has a phrase, and the two questions are answered") {
  for (int value = 1; value <= static_cast<int>(errc::internal); ++value)
    CHECK(std::error_code(static_cast<errc>(value)).message().find("unknown error") == std::string::npos);
  CHECK(is_retryable(errc::overloaded));
  CHECK(is_retryable(errc::disk_full));
  CHECK_FALSE(is_retryable(errc::disk_failed));
  CHECK_FALSE(is_retryable(errc::outcome_unknown));
  CHECK(is_outcome_unknown(errc::outcome_unknown));
}

TEST_CASE("a result holds a value or an error, and throws only when asked") {
  const Result<int> good = 3;
  CHECK(*good == 3);
  Result<int> bad = Error(errc::timeout, "lock 'a'");
  CHECK_FALSE(bad);
  CHECK(bad.error().message() == "the deadline passed: lock 'a'");
  CHECK_THROWS_AS((void)bad.value(), BadResult);
}

TEST_CASE("W2: text is well-formed UTF-8 without NUL") {
  CHECK(is_utf8("caf\xc3\xa9"));
  CHECK_FALSE(is_utf8("\xc0\xaf"));          // overlong
  CHECK_FALSE(is_utf8("\xed\xa0\x80"));      // a surrogate
  CHECK_FALSE(is_utf8("\xf4\x90\x80\x80"));  // above U+10FFFF
  CHECK_FALSE(is_utf8(std::string_view("a\0b", 3)));
}
