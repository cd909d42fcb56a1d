// The golden bytes of schema/vectors: what is written there, other versions and languages have to read for ever. A change
// of format shows as a difference here; `CONCLAVE_REWRITE=1 unit_wire` writes the files anew.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "unit/wire/bodies.hpp"
#include "unit/wire/samples.hpp"

using namespace conclave;

namespace {

const std::filesystem::path folder = std::filesystem::path(CONCLAVE_SOURCE_DIR) / "schema/vectors/wire";

std::string to_hex(BytesView bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = std::to_integer<unsigned>(bytes[i]);
    text += digits[byte >> 4];
    text += digits[byte & 15];
    // Two words a line.
    if (i % 16 == 15 || i + 1 == bytes.size()) text += '\n';
  }
  return text;
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("W4: golden bytes are written and read as ever") {
  const bool rewrite = std::getenv("CONCLAVE_REWRITE") != nullptr;
  if (rewrite) {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
  }
  std::set<std::string> names;
  for (const auto& body : test::bodies(test::full_seed)) {
    const auto name = body.name + ".hex";
    CAPTURE(name);
    names.insert(name);
    if (rewrite) std::ofstream(folder / name) << to_hex(body.bytes);
    CHECK(read_file(folder / name) == to_hex(body.bytes));
  }
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    CAPTURE(file.path().string());
    CHECK(names.contains(file.path().filename().string()));
  }
}
