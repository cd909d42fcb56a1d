#include <doctest/doctest.h>

#include <string>

#include "base/address.hpp"
#include "base/hash.hpp"

using namespace conclave;

namespace {

std::string complaint(std::string_view text) {
  const auto parsed = Address::parse(text);
  if (parsed) return "accepted " + std::string(text);
  CHECK(parsed.error() == errc::address_unusable);
  return parsed.error().detail;
}

bool mentions(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("an address is read as it is written") {
  for (const std::string text :
       {"10.0.0.1:7400", "localhost:1", "db-1.example_x.org:65535", "node.:7400", "[::1]:7400", "[fd00::1:2]:7400",
        "[1:2:3:4:5:6:7:8]:7400", "[::]:0", "[1::]:7400", "[1:2:3:4:5:6:7::]:7400", "[::ffff:10.0.0.1]:7400"}) {
    const auto parsed = Address::parse(text);
    REQUIRE_MESSAGE(parsed, parsed.error().message());
    CHECK(to_string(*parsed) == text);
  }
  CHECK(*Address::parse("[fd00::1]:7400") == Address{"fd00::1", 7400});
}

TEST_CASE("a bad address is refused with what to write instead") {
  CHECK(mentions(complaint(""), "has no port"));
  CHECK(mentions(complaint("10.0.0.1"), "has no port"));
  CHECK(mentions(complaint("[::1]"), "has no port"));
  CHECK(mentions(complaint(":7400"), "has no host"));
  CHECK(mentions(complaint("::1:7400"), "in brackets"));
  CHECK(mentions(complaint("[::1:7400"), "does not close"));
  CHECK(mentions(complaint("[::1]x:7400"), "does not close"));
  CHECK(mentions(complaint(std::string(65, 'a') + ":7400"), "more than 64 bytes"));
  for (const std::string host :
       {"10.0.0", "10.0.0.256", "10.0.0.01", "1.2.3.4.5", "a..b", "-a", "a-", "a b", "a/b", "7"})
    CHECK_MESSAGE(mentions(complaint(host + ":7400"), "neither an IP address nor a host name"), host);
  for (const std::string host : {"", ":", ":::", "1::2::3", "12345::", "g::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
                                 "1:2:3:4::5:6:7:8", ":1:2:3:4:5:6:7", "1.2.3.4::", "fe80::1%eth0", "10.0.0.1"})
    CHECK_MESSAGE(mentions(complaint("[" + host + "]:7400"), "no IPv6 address"), host);
  for (const std::string port : {"", "65536", "+1", "-1", "07", "7x", " 7", "99999999999"})
    CHECK_MESSAGE(mentions(complaint("a:" + port), "no port from 0 to 65535"), port);
}

TEST_CASE("a wildcard or port 0 is good to listen on and cannot be advertised") {
  for (const std::string text : {"0.0.0.0:7400", "[::]:7400", "[0:0:0:0:0:0:0:0]:7400", "[::0.0.0.0]:7400"}) {
    const auto address = Address::parse(text);
    REQUIRE(address);
    CHECK(address->is_wildcard());
    REQUIRE_FALSE(check_reachable(*address));
    CHECK(mentions(check_reachable(*address).error().detail, "advertise"));
  }
  CHECK_FALSE(Address{"10.0.0.0", 7400}.is_wildcard());
  CHECK_FALSE(Address{"::1", 7400}.is_wildcard());
  CHECK(check_reachable({"10.0.0.1", 7400}));
  REQUIRE_FALSE(check_reachable({"10.0.0.1", 0}));
  CHECK(mentions(check_reachable({"10.0.0.1", 0}).error().detail, "choose a port"));
}

TEST_CASE("addresses have an order and a hash") {
  CHECK(Address{"a", 2} < Address{"b", 1});
  CHECK(Address{"a", 1} < Address{"a", 2});
  CHECK(state_hash(Address{"a", 1}) != state_hash(Address{"a", 2}));
}
