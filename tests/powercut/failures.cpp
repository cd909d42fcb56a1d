#include "powercut/failures.hpp"

#include <cstdio>

#include "powercut/recording.hpp"

namespace conclave::powercut {
namespace {

// The first ones tell the story.
constexpr std::size_t kept_max = 10;

}  // namespace

void Failures::add(const std::string& what, const Image& image) {
  ++count_;
  if (keep_.empty() || count_ > kept_max) return;
  const auto folder = keep_ / ("image-" + std::to_string(count_));
  std::filesystem::create_directories(keep_);
  write_image(image, folder);
  std::printf("FAILED: %s\n  replay: %s %s\n", what.c_str(), replay_.c_str(), folder.c_str());
  std::fflush(stdout);
}

}  // namespace conclave::powercut
