// The cluster's own time: written into entries by the leader that first proposed them, and what replicated timers go by.
#pragma once

#include <conclave/types.hpp>

namespace conclave {

/// Milliseconds of cluster time. Not a wall clock: it begins at the cluster's first leader and only moves on.
using ClusterTime = Number<struct ClusterTimeTag>;

}  // namespace conclave
