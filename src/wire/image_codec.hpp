// The image <-> its fields. Private to src/wire.
#pragma once

#include "coordination/image.hpp"
#include "state.capnp.h"
#include "wire/fields.hpp"

namespace conclave::schema {

void put(Image::Builder out, const coordination::Image& value);
[[nodiscard]] coordination::Image take(Image::Reader in);

}  // namespace conclave::schema
