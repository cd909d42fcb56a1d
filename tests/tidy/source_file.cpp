#include "tidy/source_file.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

namespace tidy {

namespace {

bool is_skipped_folder(const std::string& name) {
  return name == "build" || name == "target" || (name.starts_with('.') && name != ".ci");
}

}  // namespace

std::string complaint(const SourceFile& file, std::size_t number, std::string_view text) {
  return file.path + ":" + std::to_string(number) + ": " + std::string(text);
}

SourceFile parse(std::string path, std::string_view text) {
  SourceFile file{.path = std::move(path), .lines = {}, .ends_with_line_break = text.empty() || text.ends_with('\n')};
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    file.lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return file;
}

std::vector<SourceFile> read_tree(const std::filesystem::path& root) {
  std::vector<SourceFile> files;
  auto entry = std::filesystem::recursive_directory_iterator(root);
  for (; entry != std::filesystem::recursive_directory_iterator(); ++entry) {
    if (entry->is_directory()) {
      if (is_skipped_folder(entry->path().filename())) entry.disable_recursion_pending();
      continue;
    }
    // A linked work tree has a file called .git.
    if (!entry->is_regular_file() || entry->path().filename() == ".git") continue;
    std::ifstream stream(entry->path(), std::ios::binary);
    const std::string text(std::istreambuf_iterator<char>(stream), {});
    if (text.find('\0') != std::string::npos) continue;
    files.push_back(parse(std::filesystem::relative(entry->path(), root).generic_string(), text));
  }
  std::ranges::sort(files, {}, &SourceFile::path);
  return files;
}

bool is_cpp(const SourceFile& file) { return file.path.ends_with(".cpp") || file.path.ends_with(".hpp"); }

std::string_view folder_below(std::string_view path, std::string_view top) {
  if (!path.starts_with(top)) return {};
  path.remove_prefix(top.size());
  const auto end = path.find('/');
  return end == std::string_view::npos ? std::string_view{} : path.substr(0, end);
}

}  // namespace tidy
