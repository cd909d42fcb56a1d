// One of the three real nodes: a process of its own that opens a node and does what it is told on standard input.
#pragma once

#include <string>
#include <vector>

namespace conclave::bench {

struct NodeRole {
  std::string name;
  std::string folder;
  std::string listen;
  std::vector<std::string> founders;
};

/// Answers each line of JSON with one; ends with its standard input.
///   {"do": "ready"}                          waits until the node works
///   {"do": "leads"}                          {"leads": whether it does}
///   {"do": "grant", "lock": NAME}            {"at_ns": when, by CLOCK_MONOTONIC, it got the lock; retries until it does}
///   {"do": CASE, "in_flight": N, "ms": TIME} runs commands, locks (each worker its own), one_name or reads for that time
int node_role(const NodeRole& role);

}  // namespace conclave::bench
