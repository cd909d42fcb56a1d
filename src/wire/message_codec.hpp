// One message of a frame <-> its arm of the union. Private to src/wire.
#pragma once

#include "engine/message.hpp"
#include "wire/fields.hpp"

namespace conclave::schema {

void put(Message::Builder out, const engine::Message& value);
[[nodiscard]] engine::Message take(Message::Reader in);

/// About how many bytes `value` takes, rather too many: room for it is made at once.
[[nodiscard]] std::size_t bytes_expected(const engine::Message& value);

}  // namespace conclave::schema
