// LMDB's transactions and cursors with an owner. Error numbers go through as LMDB gives them.
#pragma once

#include <lmdb.h>

#include <cstddef>
#include <cstring>
#include <string_view>
#include <utility>

#include <conclave/types.hpp>

namespace conclave::storage {

/// Aborts unless committed.
class Transaction {
 public:
  /// `flags`: 0 or `MDB_RDONLY`.
  Transaction(MDB_env* env, unsigned flags) : code_(mdb_txn_begin(env, nullptr, flags, &txn_)) {}
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction() {
    if (txn_ != nullptr) mdb_txn_abort(txn_);
  }

  /// The error number of the beginning; after one, `get` is null.
  [[nodiscard]] int code() const { return code_; }
  [[nodiscard]] MDB_txn* get() const { return txn_; }
  /// Ends the transaction, whatever the outcome.
  [[nodiscard]] int commit() { return mdb_txn_commit(std::exchange(txn_, nullptr)); }

 private:
  MDB_txn* txn_ = nullptr;
  int code_;
};

/// Lives shorter than its transaction.
class Cursor {
 public:
  Cursor(MDB_txn* txn, MDB_dbi database) : code_(mdb_cursor_open(txn, database, &cursor_)) {}
  Cursor(const Cursor&) = delete;
  Cursor& operator=(const Cursor&) = delete;
  ~Cursor() {
    if (cursor_ != nullptr) mdb_cursor_close(cursor_);
  }

  [[nodiscard]] int code() const { return code_; }
  [[nodiscard]] MDB_cursor* get() const { return cursor_; }
  /// Moves; fills `key` and `value` with views into the map, valid until the transaction ends or writes.
  [[nodiscard]] int move(MDB_val& key, MDB_val& value, MDB_cursor_op operation) {
    return code_ != 0 ? code_ : mdb_cursor_get(cursor_, &key, &value, operation);
  }

 private:
  MDB_cursor* cursor_ = nullptr;
  int code_;
};

// LMDB compares the keys of the log as native integers of the size of `size_t` (MDB_INTEGERKEY).
static_assert(sizeof(Slot) == sizeof(std::size_t));

inline MDB_val value_of(const Slot& slot) { return {sizeof slot.value, const_cast<std::uint64_t*>(&slot.value)}; }
inline MDB_val value_of(std::string_view text) { return {text.size(), const_cast<char*>(text.data())}; }

inline BytesView bytes_of(const MDB_val& value) {
  return {static_cast<const std::byte*>(value.mv_data), value.mv_size};
}
inline Slot slot_of(const MDB_val& key) {
  Slot slot;
  if (key.mv_size == sizeof slot.value) std::memcpy(&slot.value, key.mv_data, sizeof slot.value);
  return slot;
}

}  // namespace conclave::storage
