#include "bench/floors.hpp"

#include <lmdb.h>

#include <array>
#include <cstring>
#include <iostream>
#include <stdexcept>

#include "bench/append_file.hpp"
#include "bench/process.hpp"
#include "bench/socket.hpp"

namespace conclave::bench {
namespace {

using Clock = std::chrono::steady_clock;

/// One after the other for a while, in this process.
template <class Operation>
Run repeat(const Options& options, Operation operation) {
  for (const auto end = Clock::now() + options.warm_up(); Clock::now() < end;) operation();
  Run run;
  const auto before = own_usage();
  const auto begin = Clock::now();
  for (auto now = begin; now - begin < options.period();) {
    operation();
    const auto after = Clock::now();
    run.latencies.push_back(after - now);
    now = after;
  }
  run.elapsed = Clock::now() - begin;
  const auto used = own_usage() - before;
  run.cpu = used.cpu;
  run.flushes = used.flushes;
  return run;
}

Row fsync_floor(const Options& options) {
  AppendFile file(options.folder / "floor.fsync");
  const std::array<char, payload_bytes> record{};
  return summarise("floor.fsync", "floor", 1, repeat(options, [&] { file.append(record.data(), record.size()); }));
}

void check(int code) {
  if (code != 0) throw std::runtime_error(std::string("LMDB: ") + mdb_strerror(code));
}

Row lmdb_floor(const Options& options) {
  const auto folder = options.folder / "floor.lmdb";
  std::filesystem::create_directory(folder);
  MDB_env* env = nullptr;
  check(mdb_env_create(&env));
  const std::unique_ptr<MDB_env, decltype(&mdb_env_close)> owner(env, &mdb_env_close);
  check(mdb_env_set_mapsize(env, std::size_t{4} << 30));
  check(mdb_env_open(env, folder.c_str(), 0, 0600));
  MDB_dbi table{};
  MDB_txn* txn = nullptr;
  check(mdb_txn_begin(env, nullptr, 0, &txn));
  check(mdb_dbi_open(txn, nullptr, MDB_INTEGERKEY, &table));
  check(mdb_txn_commit(txn));

  std::uint64_t number = 0;
  std::array<char, payload_bytes> record{};
  return summarise("floor.lmdb", "floor", 1, repeat(options, [&] {
                     check(mdb_txn_begin(env, nullptr, 0, &txn));
                     ++number;
                     MDB_val key{.mv_size = sizeof number, .mv_data = &number};
                     MDB_val value{.mv_size = record.size(), .mv_data = record.data()};
                     check(mdb_put(txn, table, &key, &value, MDB_APPEND));
                     check(mdb_txn_commit(txn));
                   }));
}

Row round_trip_floor(const Options& options) {
  Process echo({"echo"}, options.folder / "echo.counts");
  const auto socket = Socket::connect(echo.read().at("port"));
  std::array<char, payload_bytes> record{};
  const auto before = echo.usage();
  auto run = repeat(options, [&] {
    socket.send(record.data(), record.size());
    if (!socket.receive(record.data(), record.size())) throw std::runtime_error("the echo has ended");
  });
  // The echo was warmed up too; what it used then is too little to matter.
  run.cpu += (echo.usage() - before).cpu;
  run.processes = 2;
  return summarise("floor.rtt", "floor", 1, std::move(run));
}

}  // namespace

void measure_floors(const Options& options, std::vector<Row>& rows) {
  if (options.wants("floor.fsync")) rows.push_back(fsync_floor(options));
  if (options.wants("floor.lmdb")) rows.push_back(lmdb_floor(options));
  if (options.wants("floor.rtt")) rows.push_back(round_trip_floor(options));
}

int echo_role() {
  const auto listener = Socket::listen();
  std::cout << nlohmann::json{{"port", listener.port()}} << std::endl;
  const auto socket = listener.accept();
  std::array<char, payload_bytes> record{};
  while (socket.receive(record.data(), record.size())) socket.send(record.data(), record.size());
  return 0;
}

}  // namespace conclave::bench
