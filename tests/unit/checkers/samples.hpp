// Histories in a few words: one function for each kind of event.
#pragma once

#include <string>
#include <utility>

#include "sim/checkers/history.hpp"

namespace samples {

using namespace conclave::sim;

inline TrueTime t(std::int64_t count) { return TrueTime(count); }

inline History history(std::vector<Event> events, std::int64_t drift_ppm = 0) {
  return {{drift_ppm}, std::move(events)};
}

inline Hold hold(int at, const char* node, const char* session, std::int64_t token, int until) {
  return {t(at), node, session, "jobs", token, t(until)};
}
inline Drop drop(int at, const char* node, const char* session, std::int64_t token) {
  return {t(at), node, session, "jobs", token};
}
inline Lead lead(int at, const char* node, std::int64_t epoch, int until) {
  return {t(at), node, "GROUP", epoch, t(until)};
}
inline Unlead unlead(int at, const char* node, std::int64_t epoch) { return {t(at), node, "GROUP", epoch}; }
inline Crash crash(int at, const char* node) { return {t(at), node}; }

inline Call call(int at, std::uint64_t id, Object object, Op op) {
  return {.at = t(at), .id = id, .client = "c", .object = std::move(object), .op = op};
}
inline Call acquire(int at, std::uint64_t id, const char* lock, const char* session) {
  auto made = call(at, id, {Kind::lock, lock}, Op::acquire);
  made.session = session;
  return made;
}
inline Call release(int at, std::uint64_t id, const char* lock, const char* session, std::int64_t token) {
  auto made = call(at, id, {Kind::lock, lock}, Op::release);
  made.session = session;
  made.token = token;
  return made;
}
inline Call expire(int at, std::uint64_t id, const char* lock, const char* session) {
  auto made = call(at, id, {Kind::lock, lock}, Op::expire);
  made.session = session;
  return made;
}
inline Call guarded_write(int at, std::uint64_t id, const char* guard, std::int64_t token, const char* value = "v") {
  auto made = call(at, id, {Kind::guard, guard}, Op::write);
  made.token = token;
  made.value = value;
  return made;
}
inline Call apply_once(int at, std::uint64_t id, const char* counter, const char* cmd) {
  auto made = call(at, id, {Kind::once, counter}, Op::apply);
  made.cmd = cmd;
  return made;
}
inline Call read(int at, std::uint64_t id, const char* reg) { return call(at, id, {Kind::reg, reg}, Op::read); }
inline Call write(int at, std::uint64_t id, const char* reg, const char* value) {
  auto made = call(at, id, {Kind::reg, reg}, Op::write);
  made.value = value;
  return made;
}
inline Call cas(int at, std::uint64_t id, const char* reg, const char* old, const char* value) {
  auto made = call(at, id, {Kind::reg, reg}, Op::cas);
  made.old = old;
  made.value = value;
  return made;
}

inline Return answer(int at, std::uint64_t id, Status status) { return {.at = t(at), .id = id, .status = status}; }
inline Return ok(int at, std::uint64_t id) { return answer(at, id, Status::ok); }
inline Return granted(int at, std::uint64_t id, std::int64_t token) {
  return {.at = t(at), .id = id, .status = Status::ok, .token = token};
}
inline Return counted(int at, std::uint64_t id, std::int64_t n) {
  return {.at = t(at), .id = id, .status = Status::ok, .n = n};
}
inline Return found(int at, std::uint64_t id, const char* value) {
  return {.at = t(at), .id = id, .status = Status::ok, .value = value};
}

inline SessionFact session_fact(int at, What what, int until) { return {t(at), "n1", "s1", what, t(1000), t(until)}; }
inline SessionFact session_end(int at, What what) { return {.at = t(at), .node = "n1", .session = "s1", .what = what}; }

inline Apply applied(const char* node, std::int64_t life, std::int64_t slot, const char* hash, const char* digest) {
  return {t(1), node, life, slot, hash, digest};
}
inline Restore restored(const char* node, std::int64_t slot, const char* digest) {
  return {t(1), node, 2, slot, digest};
}

}  // namespace samples
