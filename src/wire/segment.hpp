// One Cap'n Proto segment, written or read: the only place where bytes of a peer or of the disk meet the library, and the
// only one where its exceptions are caught. Private to src/wire.
//
// A body is the bare segment: the transport's frame header has length and CRC32C, so there is no segment table, and a far
// pointer has nowhere to lead.
#pragma once

#include <capnp/message.h>

#include <string>
#include <type_traits>
#include <vector>

#include <conclave/result.hpp>
#include <conclave/types.hpp>

#include "base/invariant.hpp"

namespace conclave::wire {

/// Thrown by the field readers for what a correct peer never writes, and caught by `read_segment`; never leaves src/wire.
struct Malformed {
  std::string detail;
};

/// A message under construction in one run of bytes, which becomes the body without a copy.
class SegmentBuilder final : public capnp::MessageBuilder {
 public:
  /// `bytes_expected` is room enough for the usual message; more costs one copy of the whole.
  explicit SegmentBuilder(std::size_t bytes_expected);

  kj::ArrayPtr<capnp::word> allocateSegment(unsigned words_min) override;

  /// The body. Call it last; `Root` is the type of the root.
  template <class Root>
  [[nodiscard]] Bytes finish() {
    if (getSegmentsForOutput().size() == 1) return take_first();
    SegmentBuilder whole(sizeInWords() * sizeof(capnp::word));
    whole.setRoot(getRoot<Root>().asReader());
    CONCLAVE_INVARIANT(whole.getSegmentsForOutput().size() == 1);
    return whole.take_first();
  }

 private:
  Bytes take_first();

  std::size_t bytes_expected_;
  Bytes first_;
  /// When the expectation was too low.
  std::vector<Bytes> more_;
};

/// Encodes `value` with the `put` that overload resolution finds for it.
template <class Root, class T>
[[nodiscard]] Bytes write_segment(const T& value, std::size_t bytes_expected) {
  SegmentBuilder message(bytes_expected);
  put(message.initRoot<Root>(), value);
  return message.finish<Root>();
}

/// A received body, ready to be read: aligned, and with limits on how much and how deep a reader may follow.
class SegmentReader {
 public:
  /// Throws `Malformed`. `body` outlives the reader.
  explicit SegmentReader(BytesView body);

  /// Throws `Malformed` or kj's own exception.
  template <class Root>
  [[nodiscard]] typename Root::Reader root() {
    auto any = message_.getRoot<capnp::AnyPointer>();
    if (any.isNull()) throw Malformed{"the root is missing"};
    return any.template getAs<Root>();
  }

 private:
  Bytes aligned_;
  kj::ArrayPtr<const capnp::word> segment_[1];
  capnp::SegmentArrayMessageReader message_;
};

/// Runs `read`, which may throw what `SegmentReader` and the field readers throw; gives its value or `code` with
/// "`what`: why".
[[nodiscard]] Error reading_failed(errc code, const char* what);

template <class Read>
[[nodiscard]] auto guard_reading(errc code, const char* what, Read read) -> Result<std::invoke_result_t<Read>> {
  try {
    return read();
  } catch (...) {
    return reading_failed(code, what);
  }
}

}  // namespace conclave::wire
