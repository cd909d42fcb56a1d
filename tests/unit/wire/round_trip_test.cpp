// What is encoded comes back the same, whatever it holds.
#include <doctest/doctest.h>

#include "unit/wire/samples.hpp"
#include "wire/command.hpp"
#include "wire/datagram.hpp"
#include "wire/frame.hpp"
#include "wire/image.hpp"
#include "wire/record.hpp"

using namespace conclave;

namespace {

constexpr std::uint64_t seeds = 300;

template <class T>
std::string error_of(const Result<T>& result) {
  return result ? std::string() : result.error().message();
}

}  // namespace

TEST_CASE("W2: every message comes back as it was sent") {
  for (std::uint64_t seed = 0; seed < seeds; ++seed)
    for (const auto& [name, frame] : test::frames(seed)) {
      CAPTURE(seed);
      CAPTURE(name);
      const auto decoded = wire::decode_frame(wire::encode(frame));
      REQUIRE(error_of(decoded) == "");
      CHECK(*decoded == frame);
    }
}

TEST_CASE("W2: a frame keeps its messages in order") {
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    engine::Frame frame;
    for (const auto& sample : test::messages(seed)) frame.messages.push_back(sample.value);
    const auto decoded = wire::decode_frame(wire::encode(frame));
    REQUIRE(error_of(decoded) == "");
    CHECK(*decoded == frame);
  }
}

TEST_CASE("W2: a frame without messages is one") {
  const auto decoded = wire::decode_frame(wire::encode(engine::Frame{}));
  REQUIRE(error_of(decoded) == "");
  CHECK(*decoded == engine::Frame{});
}

TEST_CASE("W2: a body reads the same from any address") {
  for (const auto& [name, frame] : test::frames(1)) {
    CAPTURE(name);
    const auto body = wire::encode(frame);
    for (std::size_t shift = 0; shift < 8; ++shift) {
      Bytes moved(shift);
      moved.insert(moved.end(), body.begin(), body.end());
      const auto decoded = wire::decode_frame(BytesView(moved).subspan(shift));
      REQUIRE(error_of(decoded) == "");
      CHECK(*decoded == frame);
    }
  }
}

TEST_CASE("W2: a message far larger than expected is still one segment") {
  engine::StatusReply reply;
  reply.status.locks.resize(1000);
  for (auto& lock : reply.status.locks) lock.name.assign(100, 'n');
  const engine::Frame frame{.header = {}, .messages = {reply}};
  const auto decoded = wire::decode_frame(wire::encode(frame));
  REQUIRE(error_of(decoded) == "");
  CHECK(*decoded == frame);
}

TEST_CASE("W2: every datagram comes back as it was sent") {
  for (std::uint64_t seed = 0; seed < seeds; ++seed)
    for (const auto& [name, datagram] : test::datagrams(seed)) {
      CAPTURE(seed);
      CAPTURE(name);
      const auto decoded = wire::decode_datagram(wire::encode(datagram));
      REQUIRE(error_of(decoded) == "");
      CHECK(*decoded == datagram);
    }
}

TEST_CASE("W2: every record comes back as it was stored") {
  for (std::uint64_t seed = 0; seed < seeds; ++seed)
    for (const auto& [name, record] : test::records(seed)) {
      CAPTURE(seed);
      CAPTURE(name);
      const auto value = wire::encode(record);
      if (const auto* accepted = std::get_if<engine::AcceptedRecord>(&record)) {
        const auto decoded = wire::decode_accepted(accepted->slot, value);
        REQUIRE(error_of(decoded) == "");
        CHECK(*decoded == *accepted);
      } else {
        const auto decoded = wire::decode_record(wire::record_key(record), value);
        REQUIRE(error_of(decoded) == "");
        CHECK(*decoded == record);
      }
    }
}

TEST_CASE("W2: every command comes back as it was proposed") {
  for (std::uint64_t seed = 0; seed < seeds; ++seed)
    for (const auto& [name, command] : test::commands(seed)) {
      CAPTURE(seed);
      CAPTURE(name);
      const auto decoded = wire::decode_command(wire::encode_command(command));
      REQUIRE(error_of(decoded) == "");
      CHECK(*decoded == command);
    }
}

TEST_CASE("P11: an image comes back as it was made") {
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    const auto image = test::image(seed);
    const auto decoded = wire::decode_image(wire::encode_image(image));
    REQUIRE(error_of(decoded) == "");
    CHECK(*decoded == image);
  }
}
