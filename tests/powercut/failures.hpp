// What went wrong, and the images that show it, kept for whoever looks into it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "powercut/disk_model.hpp"

namespace conclave::powercut {

class Failures {
 public:
  /// Counts them, and neither keeps nor shows any.
  Failures() = default;
  /// `keep`: where images are kept; made when there is one. `replay`: the command that opens one, but for its folder.
  Failures(std::filesystem::path keep, std::string replay) : keep_(std::move(keep)), replay_(std::move(replay)) {}

  /// Prints what happened and how to see it again.
  void add(const std::string& what, const Image& image);
  [[nodiscard]] std::size_t count() const { return count_; }

 private:
  std::filesystem::path keep_;
  std::string replay_;
  std::size_t count_ = 0;
};

}  // namespace conclave::powercut
