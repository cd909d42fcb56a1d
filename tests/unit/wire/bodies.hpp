// Every kind of body as bytes, with one way to read it and write it again, whatever it is.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <conclave/result.hpp>
#include <conclave/types.hpp>

namespace conclave::test {

struct Body {
  std::string name;
  Bytes bytes;
  /// Decodes, and encodes what came out (less messages of unknown arms).
  std::function<Result<Bytes>(BytesView)> again;
};

/// One of each frame, datagram, record, command and image.
[[nodiscard]] std::vector<Body> bodies(std::uint64_t seed);

}  // namespace conclave::test
