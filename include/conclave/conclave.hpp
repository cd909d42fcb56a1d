/// \file
/// The whole library. A guided tour:
///
///  - `Node::open` (node.hpp) makes this process a member; `Config` (config.hpp) says of which cluster.
///  - `node.lock(name)` (lock.hpp): one holder at a time, a fencing token for each.
///  - `node.election(name)` (election.hpp): one leader at a time, `run(body)` while this process leads.
///  - `node.propose(command)` (state_machine.hpp): your own replicated state machine; `node.read` looks at it.
///  - `node.status()` (status.hpp): members, leader, locks, in words and in numbers.
///  - `conclave::sim::run` (sim.hpp, not included here; library `conclave::sim`) tests what you build on all this, in virtual time.
///  - Every call returns a `Result` (result.hpp); ask `is_retryable` and `is_outcome_unknown` (error.hpp) of its error.
///
/// Every call that waits for the cluster has a blocking form and a callback form, whose last parameter is `done`. Blocking only
/// are `Node::open` (it waits for the data folder, not for the cluster), `NamedLock::run` (its body runs on the calling thread),
/// `Node::close` (afterwards nothing is left to call back) and `ask_status` (it belongs to no node). What a body may call, and
/// what a `timeout` may be, says lock.hpp.
///
/// The library throws nothing out of its calls, but it cannot swallow what is yours: an exception that leaves a callback, a
/// body of `read`, or a body that runs on a thread of the library ends the process, as one that leaves any thread does. With an
/// executor of your own (`Config::executor`) one out of a callback is thrown into that, and the node goes on as if the callback
/// had returned. One that leaves a state machine stops the node (state_machine.hpp).
#pragma once

#include <conclave/config.hpp>
#include <conclave/election.hpp>
#include <conclave/error.hpp>
#include <conclave/lock.hpp>
#include <conclave/node.hpp>
#include <conclave/result.hpp>
#include <conclave/state_machine.hpp>
#include <conclave/status.hpp>
#include <conclave/types.hpp>
#include <conclave/version.hpp>
