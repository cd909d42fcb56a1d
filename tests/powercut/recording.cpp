#include "powercut/recording.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <system_error>

#include "process/support/child.hpp"

namespace conclave::powercut {
namespace {

/// Leaves pages of zeros out: most of a reserved file is such.
void write_sparse(std::ofstream& out, std::string_view bytes) {
  constexpr std::size_t page_bytes = 4096;
  for (std::size_t at = 0; at < bytes.size(); at += page_bytes) {
    const auto page = bytes.substr(at, page_bytes);
    if (page.find_first_not_of('\0') == std::string_view::npos) continue;
    out.seekp(static_cast<std::streamoff>(at));
    out.write(page.data(), static_cast<std::streamsize>(page.size()));
  }
}

}  // namespace

Folder::Folder(const std::filesystem::path& where) {
  std::string name = (where / "conclave-powercut-XXXXXX").string();
  if (!::mkdtemp(name.data()))
    throw std::system_error(errno, std::generic_category(), "cannot make a folder in " + where.string());
  path_ = std::filesystem::canonical(name);
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::filesystem::path quick_place() {
  const std::filesystem::path memory = "/dev/shm";
  return std::filesystem::is_directory(memory) ? memory : real_place();
}

std::filesystem::path real_place() { return std::filesystem::temp_directory_path(); }

WriterEnd Lives::live(const WriterLife& life) const {
  const auto programs = process::own_program().parent_path();
  const auto output = folder_.path() / "said";
  std::filesystem::remove(output);
  process::Child writer({.program = programs / "powercut_writer",
                         .arguments = {store_in(disk()).string(), std::to_string(seed_), std::to_string(steps_),
                                       std::to_string(life.upto), life.dies ? "die" : "stop"},
                         .output = output,
                         .environment = {{"LD_PRELOAD", (programs / "conclave-powercut-shim.so").string()},
                                         {root_variable, disk().string()},
                                         {log_variable, log().string()},
                                         {fault_variable, life.fault},
                                         {lies_variable, life.lies}}});
  const int code = writer.wait();
  return {.code = code, .said = writer.said()};
}

void write_image(const Image& image, const std::filesystem::path& folder) {
  std::filesystem::remove_all(folder);
  std::filesystem::create_directory(folder);
  for (const auto& [name, file] : image) {
    if (file.is_folder) {
      std::filesystem::create_directory(folder / name);
      continue;
    }
    std::ofstream out(folder / name, std::ios::binary);
    if (!file.mapped) write_sparse(out, to_text(file.bytes));
    out.close();
    std::filesystem::resize_file(folder / name, file.bytes.size());
  }
}

std::string unseen(const DiskModel& model, const std::filesystem::path& disk) {
  auto shown = model.shown();
  for (const auto& entry : std::filesystem::recursive_directory_iterator(disk)) {
    const auto name = entry.path().lexically_relative(disk).string();
    const auto known = shown.extract(name);
    if (known.empty()) return name + " was made unseen";
    const auto& file = known.mapped();
    if (file.is_folder || file.mapped) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    if (bytes != to_text(file.bytes)) return name + " was changed unseen";
  }
  return shown.empty() ? std::string() : shown.begin()->first + " has gone unseen";
}

}  // namespace conclave::powercut
