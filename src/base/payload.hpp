// An immutable run of bytes that many may hold without copying: a command on its way through log, disk and links.
#pragma once

#include <algorithm>
#include <memory>

#include <conclave/types.hpp>

namespace conclave {

class Payload {
 public:
  Payload() = default;
  explicit Payload(Bytes bytes)
      : bytes_(bytes.empty() ? nullptr : std::make_shared<const Bytes>(std::move(bytes))) {}

  [[nodiscard]] BytesView view() const { return bytes_ ? BytesView(*bytes_) : BytesView(); }
  [[nodiscard]] std::size_t size() const { return view().size(); }

  friend bool operator==(const Payload& left, const Payload& right) {
    return left.bytes_ == right.bytes_ || std::ranges::equal(left.view(), right.view());
  }

  template <class H>
  friend void hash_append(H& h, const Payload& payload) {
    h(payload.view());
  }

 private:
  std::shared_ptr<const Bytes> bytes_;
};

}  // namespace conclave
