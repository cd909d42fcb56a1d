#define XXH_INLINE_ALL
#include "base/hash.hpp"

#include <xxhash.h>

#include <new>

namespace conclave {

std::uint64_t hash_bytes(BytesView bytes, std::uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

StateHasher::StateHasher() {
  static_assert(sizeof(XXH3_state_t) == sizeof state_ && alignof(XXH3_state_t) <= 64);
  XXH3_64bits_reset(new (state_.data()) XXH3_state_t);
}

void StateHasher::add_raw(const void* data, std::size_t size) {
  XXH3_64bits_update(reinterpret_cast<XXH3_state_t*>(state_.data()), data, size);
}

std::uint64_t StateHasher::finish() const {
  return XXH3_64bits_digest(reinterpret_cast<const XXH3_state_t*>(state_.data()));
}

}  // namespace conclave
