// An image on its way (P11, O2). What costs time by the size of a state is done aside from the protocol: a step names the
// work, an event brings the outcome, and in between no step touches more than a few parts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <conclave/result.hpp>

#include "base/payload.hpp"
#include "base/sha256.hpp"
#include "coordination/image.hpp"
#include "coordination/state.hpp"

namespace conclave::engine {

/// One part of an image, in bytes; a frame holds it with room to spare.
inline constexpr std::size_t image_part_bytes = std::size_t{256} << 10;
/// The largest image that is taken from a peer, in parts: 4 GiB.
inline constexpr std::uint32_t image_parts_max = std::uint32_t{1} << 14;
/// How many parts are asked for and not there yet, at most: 4 MiB.
inline constexpr std::uint32_t image_window_parts = 16;
/// How many parts leave in one step, and are asked for in answer to one: the window opens by one with each part.
inline constexpr std::uint32_t image_parts_per_step = 2;

/// An encoded `coordination::Image`, in parts that are shared and never copied.
struct SealedImage {
  Slot slot;        ///< it holds everything up to here
  Sha256 sha256{};  ///< of all parts together
  std::vector<Payload> parts;

  friend bool operator==(const SealedImage&, const SealedImage&) = default;
  /// By its digest: an engine that holds an image is hashed as fast as one that does not.
  template <class H>
  friend void hash_append(H& h, const SealedImage& image) {
    h(image.slot, image.sha256, image.parts.size());
  }
};

/// Whom an image is for (O4).
enum class ImageKind : std::uint8_t {
  built_in,   ///< guests without the user's state machine
  with_user,  ///< guests that run it, too
};

// ---- Work, and what came of it ----

/// Encodes `state`, and what the user's machine wrote, into parts: `ImageSealed`.
struct SealImage {
  ImageKind kind{ImageKind::built_in};
  coordination::State state;
  std::optional<coordination::UserState> user;

  friend bool operator==(const SealImage&, const SealImage&) = default;
};
struct ImageSealed {
  ImageKind kind{ImageKind::built_in};
  std::shared_ptr<const SealedImage> image;
};

/// Judges an image that has come whole, and makes a state of it: `ImageOpened`.
struct OpenImage {
  SealedImage image;

  friend bool operator==(const OpenImage&, const OpenImage&) = default;
};
struct OpenedImage {
  coordination::State state;
  /// Null: the image has none.
  std::shared_ptr<const coordination::UserState> user;
};
struct ImageOpened {
  Sha256 sha256{};  ///< names the image
  /// `errc::protocol_violation`: the image is of no state, or does not fit its SHA-256.
  Result<OpenedImage> opened;
};

}  // namespace conclave::engine
