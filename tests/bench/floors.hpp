// The floors: what disk, network and operating system allow before any protocol.
#pragma once

#include <vector>

#include "bench/options.hpp"
#include "bench/row.hpp"

namespace conclave::bench {

/// floor.fsync, floor.lmdb, floor.rtt.
void measure_floors(const Options& options, std::vector<Row>& rows);
/// floor.replication and floor.replication.inside.
void measure_replication_floors(const Options& options, std::vector<Row>& rows);

/// The other side of floor.rtt: sends back what it receives. Prints its port first.
int echo_role();
/// The processes of the replication floors; `folder` takes the file that each appends to.
int floor_follower_role(const std::string& folder);
int floor_leader_role(const std::string& folder, const std::vector<int>& followers);

}  // namespace conclave::bench
