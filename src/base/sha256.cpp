#include "base/sha256.hpp"

#include <openssl/sha.h>

namespace conclave {

Sha256 sha256(BytesView bytes) {
  Sha256 digest;
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  return digest;
}

}  // namespace conclave
