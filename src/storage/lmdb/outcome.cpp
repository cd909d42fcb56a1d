#include "storage/lmdb/outcome.hpp"

#include <lmdb.h>

#include <cerrno>
#include <string>

namespace conclave::storage {

bool Outcome::undone() const {
  const bool no_room = code == ENOSPC || code == EDQUOT || code == EFBIG;
  // LMDB finds its map full while it chooses pages, before it writes the first.
  return code == MDB_MAP_FULL || (!committing && no_room);
}

Error Outcome::error(const std::filesystem::path& folder) const {
  const std::string where = "\"" + folder.string() + "\"";
  if (code == MDB_MAP_FULL)
    return {errc::disk_full, "the store in " + where + " fills its map; open it with a larger one"};
  if (undone())
    return {errc::disk_full, "no room for the store in " + where + " (" + mdb_strerror(code) +
                                 "); nothing stored is lost, make room on this file system"};
  return {errc::disk_failed, (committing ? "a sync of the store in " : "a write of the store in ") + where + " failed (" +
                                 mdb_strerror(code) + "), and what it holds is uncertain; check the disk"};
}

}  // namespace conclave::storage
