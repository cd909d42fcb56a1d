// What three real nodes make of it.
#pragma once

#include <vector>

#include "bench/options.hpp"
#include "bench/row.hpp"

namespace conclave::bench {

/// idle, command.leader, command.follower, lock.distinct, lock.one_name, read.linearizable: on one cluster.
void measure_work(const Options& options, std::vector<Row>& rows);
/// failover.sigkill: on a cluster of its own, whose short log is soon replayed at each restart.
void measure_failover(const Options& options, std::vector<Row>& rows);

}  // namespace conclave::bench
