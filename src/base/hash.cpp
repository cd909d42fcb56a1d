#define XXH_INLINE_ALL
#include "base/hash.hpp"

#include <xxhash.h>

namespace conclave {

struct StateHasher::State {
  XXH3_state_t xxh;
};

StateHasher::StateHasher() : state_(std::make_shared<State>()) { XXH3_64bits_reset(&state_->xxh); }

void StateHasher::add_raw(const void* data, std::size_t size) { XXH3_64bits_update(&state_->xxh, data, size); }

std::uint64_t StateHasher::finish() const { return XXH3_64bits_digest(&state_->xxh); }

}  // namespace conclave
