#include <doctest/doctest.h>

#include <algorithm>
#include <initializer_list>

#include "storage/record.hpp"

using namespace conclave;
using namespace conclave::storage;

namespace {

template <class Key>
Bytes stored(Key key, std::string_view value) {
  Bytes record(record_header_bytes + value.size());
  write_record(record, key, to_bytes(value));
  return record;
}

Bytes bytes(std::initializer_list<unsigned char> values) {
  Bytes all;
  for (const unsigned char value : values) all.push_back(std::byte{value});
  return all;
}

template <class Key>
void check_every_bit(Key key, std::string_view value) {
  const Bytes sound = stored(key, value);
  REQUIRE(read_record(sound, key));
  CHECK(to_text(*read_record(sound, key)) == value);
  for (std::size_t bit = 0; bit < sound.size() * 8; ++bit) {
    Bytes damaged = sound;
    damaged[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
    CHECK_FALSE(read_record(damaged, key));
  }
  for (std::size_t size = 0; size < sound.size(); ++size) CHECK_FALSE(read_record(BytesView(sound).first(size), key));
}

}  // namespace

TEST_CASE("P9: any turned bit and any cut of a record is noticed") {
  check_every_bit(Slot(1), "a value");
  check_every_bit(Slot(1), "");
  check_every_bit(std::string_view("promise"), "9.1");
}

TEST_CASE("P9: a record is sound under its own key only") {
  const Bytes log = stored(Slot(7), "value");
  CHECK_FALSE(read_record(log, Slot(8)));
  CHECK_FALSE(read_record(log, Slot(7 + (std::uint64_t{1} << 40))));
  const Bytes meta = stored(std::string_view("ab"), "cd");
  CHECK_FALSE(read_record(meta, std::string_view("ac")));
  CHECK_FALSE(read_record(meta, std::string_view("a")));
}

TEST_CASE("P9: no byte moves from key to value unseen") {
  // The same bytes in a row, cut elsewhere.
  const Bytes one = stored(std::string_view("ab"), "cd");
  const Bytes other = stored(std::string_view("abc"), "d");
  CHECK_FALSE(std::equal(one.begin(), one.begin() + record_header_bytes, other.begin()));
}

TEST_CASE("records keep their form: stores written before must stay readable") {
  // CRC32C, little-endian, of 01 0700000000000000 "value" and of 02 07 "promise" "9.1", by an independent program.
  const auto sum = [](const Bytes& record) { return Bytes(record.begin(), record.begin() + record_header_bytes); };
  CHECK(sum(stored(Slot(7), "value")) == bytes({0xda, 0xbe, 0xc0, 0x14}));
  CHECK(sum(stored(std::string_view("promise"), "9.1")) == bytes({0xdd, 0xe1, 0x34, 0xb5}));
}
