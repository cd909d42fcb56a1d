#include "sim/recording/words.hpp"

namespace conclave::sim {

Status status_of(const Error& error) {
  if (error == errc::not_acquired || error == errc::not_owner) return Status::no;
  // Whoever loses its session or its node hears nothing of what was on its way.
  if (is_outcome_unknown(error) || error == errc::session_ended || error == errc::closed || error == errc::stopped ||
      error == errc::pruned)
    return Status::lost;
  return Status::fail;
}

}  // namespace conclave::sim
