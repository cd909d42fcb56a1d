#include "transport/frame.hpp"

#include <algorithm>
#include <string>

#include "base/crc32c.hpp"

namespace conclave::transport {
namespace {

/// Enough for most turns of a busy link; a link that is idle, as most are, holds no more.
constexpr std::size_t buffer_bytes_min = std::size_t{16} << 10;
/// A buffer beyond this is given back once its frame was read.
constexpr std::size_t buffer_bytes_kept = std::size_t{1} << 20;

void append_number(Bytes& out, std::uint32_t number) {
  for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<std::byte>(number >> shift));
}

std::uint32_t number_at(const std::byte* at) {
  std::uint32_t number = 0;
  for (int i = 3; i >= 0; --i) number = number << 8 | std::to_integer<std::uint32_t>(at[i]);
  return number;
}

Error violation(std::string detail) { return {errc::protocol_violation, std::move(detail)}; }

}  // namespace

void append_frame(Bytes& out, BytesView body) {
  append_number(out, static_cast<std::uint32_t>(body.size()));
  append_number(out, crc32c(body));
  out.insert(out.end(), body.begin(), body.end());
}

void append_datagram(Bytes& out, BytesView body) {
  append_number(out, crc32c(body));
  out.insert(out.end(), body.begin(), body.end());
}

Result<BytesView> datagram_body(BytesView datagram) {
  if (datagram.size() < datagram_header_bytes)
    return violation("a datagram of " + std::to_string(datagram.size()) + " bytes is shorter than its checksum");
  if (datagram.size() > datagram_bytes_max)
    return violation("a datagram has more than " + std::to_string(datagram_bytes_max) + " bytes");
  const auto body = datagram.subspan(datagram_header_bytes);
  if (number_at(datagram.data()) != crc32c(body)) return violation("a datagram fails its checksum");
  return body;
}

Result<std::optional<BytesView>> first_frame(BytesView bytes, std::size_t body_bytes_max) {
  if (bytes.size() < frame_header_bytes) return std::optional<BytesView>();
  const std::size_t length = number_at(bytes.data());
  if (length > body_bytes_max)
    return violation("a frame announces " + std::to_string(length) + " bytes, and at most " +
                     std::to_string(body_bytes_max) + " are accepted");
  if (bytes.size() - frame_header_bytes < length) return std::optional<BytesView>();
  const auto body = bytes.subspan(frame_header_bytes, length);
  if (number_at(bytes.data() + 4) != crc32c(body))
    return violation("a frame of " + std::to_string(length) + " bytes fails its checksum");
  return std::optional(body);
}

std::span<std::byte> FrameParser::space() {
  if (at_boundary()) {
    begin_ = end_ = 0;
    if (buffer_.size() > buffer_bytes_kept) buffer_ = Bytes();
  }
  const BytesView rest = BytesView(buffer_).subspan(begin_, end_ - begin_);
  if (rest.size() == buffer_.size()) {
    // What fills the buffer begins with a header: `next` has read it, and refuses a length beyond the limit.
    const std::size_t announced = rest.empty() ? 0 : frame_header_bytes + number_at(rest.data());
    Bytes larger(std::max(buffer_bytes_min, std::min(2 * rest.size(), announced)));
    std::ranges::copy(rest, larger.begin());
    buffer_ = std::move(larger);
  } else if (begin_ > 0) {
    std::ranges::copy(rest, buffer_.begin());
  }
  end_ -= begin_;
  begin_ = 0;
  return std::span(buffer_).subspan(end_);
}

Result<std::optional<BytesView>> FrameParser::next() {
  const auto body = first_frame(BytesView(buffer_).subspan(begin_, end_ - begin_), body_bytes_max_);
  if (body && *body) begin_ += frame_header_bytes + (*body)->size();
  return body;
}

}  // namespace conclave::transport
