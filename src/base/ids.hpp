// Names that several layers pass to each other.
#pragma once

#include <conclave/types.hpp>

namespace conclave {

/// A batch of records on its way to disk: the first after opening is 1, and each is its predecessor's `next()`.
using BatchId = Number<struct BatchTag>;

/// One connection to one peer, from opening to closing; never reused within a run.
using LinkId = Number<struct LinkTag>;

}  // namespace conclave
