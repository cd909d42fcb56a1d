// For libraries that are preloaded: a function of the C library that is replaced, and the real one behind it.
#pragma once

#include <dlfcn.h>

namespace conclave::preload {

template <class Function>
Function* real(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace conclave::preload

/// In a replacement of `name`: the real one, as `next`.
#define CONCLAVE_REAL(name) static auto* const next = ::conclave::preload::real<decltype(::name)>(#name)
#define CONCLAVE_EXPORT extern "C" __attribute__((visibility("default")))
