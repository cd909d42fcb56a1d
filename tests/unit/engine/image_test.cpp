// O2: an image in parts, with several on their way.
#include <doctest/doctest.h>

#include <deque>
#include <set>

#include "node.hpp"

using namespace conclave;
using namespace conclave::engine;
using namespace conclave::engine::test;

namespace {

constexpr Instant t0{1000s};

std::shared_ptr<const SealedImage> image_of(std::uint32_t parts) {
  auto image = std::make_shared<SealedImage>();
  image->slot = Slot{12};
  image->sha256 = sha256(to_bytes("their digest"));
  for (std::uint32_t number = 0; number < parts; ++number) image->parts.emplace_back(to_bytes(std::to_string(number)));
  return image;
}

}  // namespace

TEST_CASE("O2: parts are asked for once each, a window of them at a time, two in answer to one") {
  const auto image = image_of(50);
  const ImageSource source(4, image);
  CHECK_FALSE(source.part(50));
  Attachment attachment(member(1), t0);
  std::deque<std::uint32_t> on_their_way{0};
  std::set<std::uint32_t> asked{0};
  std::size_t widest = 0;
  std::optional<SealedImage> whole;
  while (!on_their_way.empty()) {
    REQUIRE_FALSE(whole);
    const auto taken = attachment.on_part(*source.part(on_their_way.front()), t0);
    on_their_way.pop_front();
    REQUIRE(taken);
    CHECK(taken->ask.size() <= image_parts_per_step);
    for (const auto& request : taken->ask) {
      CHECK(request.image == 4);
      CHECK(asked.insert(request.part).second);
      on_their_way.push_back(request.part);
    }
    widest = std::max(widest, on_their_way.size());
    whole = taken->whole;
  }
  CHECK(widest == image_window_parts);
  REQUIRE(whole);
  CHECK(*whole == *image);
  CHECK(attachment.opening() == image->sha256);
  CHECK(attachment.on_part(*source.part(0), t0)->ask.empty());
}

TEST_CASE("O2: copies, and what comes behind a lost part, are left out; the lost one is asked for again") {
  const ImageSource source(4, image_of(6));
  Attachment attachment(member(1), t0);
  CHECK(attachment.on_part(*source.part(0), t0)->ask.size() == 2);
  CHECK(attachment.on_part(*source.part(0), t0)->ask.empty());
  CHECK(attachment.on_part(*source.part(2), t0)->ask.empty());
  CHECK_FALSE(attachment.ask_again(t0 + 999ms, 1s));
  CHECK(attachment.ask_again(t0 + 1s, 1s) == Message(ImageRequest{.image = 4, .part = 1}));
  CHECK_FALSE(attachment.ask_again(t0 + 1s, 1s));
  std::optional<SealedImage> whole;
  std::deque<std::uint32_t> on_their_way{1};
  while (!on_their_way.empty()) {
    const auto taken = attachment.on_part(*source.part(on_their_way.front()), t0 + 1s);
    on_their_way.pop_front();
    REQUIRE(taken);
    for (const auto& request : taken->ask) on_their_way.push_back(request.part);
    whole = taken->whole;
  }
  REQUIRE(whole);
  CHECK(*whole == *image_of(6));
  CHECK_FALSE(attachment.ask_again(t0 + 9s, 1s));  // it is being opened
}

TEST_CASE("O2: the first part of another image begins anew") {
  const auto image = image_of(2);
  Attachment attachment(member(1), t0);
  (void)attachment.on_part(*ImageSource(4, image).part(0), t0);
  CHECK(attachment.on_part(*ImageSource(5, image).part(0), t0)->ask == std::vector{ImageRequest{.image = 5, .part = 1}});
  CHECK_FALSE(attachment.on_part(*ImageSource(4, image).part(1), t0)->whole);
  CHECK(attachment.on_part(*ImageSource(5, image).part(1), t0)->whole == *image);
}

TEST_CASE("O2: parts that make no sense are refused") {
  const ImageSource source(4, image_of(3));
  const auto refused = [&](std::uint32_t number, auto change) {
    Attachment attachment(member(1), t0);
    if (number > 0) (void)attachment.on_part(*source.part(0), t0);
    auto part = *source.part(number);
    change(part);
    const auto taken = attachment.on_part(part, t0);
    return !taken && taken.error() == errc::protocol_violation;
  };
  CHECK(refused(0, [](auto& part) { part.parts = 0; }));
  CHECK(refused(0, [](auto& part) { part.parts = image_parts_max + 1; }));
  CHECK(refused(1, [](auto& part) { part.part = 3; }));
  CHECK(refused(1, [](auto& part) { part.parts = 4; }));
  CHECK(refused(1, [](auto& part) { part.slot = Slot{13}; }));
  CHECK(refused(1, [](auto& part) { part.sha256[0] ^= 1; }));
  CHECK_FALSE(refused(1, [](auto&) {}));
}
