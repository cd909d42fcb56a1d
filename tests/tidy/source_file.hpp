// A file of the project as the checks of this folder see it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace tidy {

struct SourceFile {
  /// From the root of the project, with forward slashes: "src/base/hash.hpp".
  std::string path;
  std::vector<std::string> lines;
  bool ends_with_line_break{true};
};

/// What one check found, as "path:line: complaint"; empty when all is well.
using Complaints = std::vector<std::string>;

/// "path:number: text".
std::string complaint(const SourceFile& file, std::size_t number, std::string_view text);

/// The text as a file called `path`.
SourceFile parse(std::string path, std::string_view text);

/// Every text file below `root`, in the order of their paths; without build folders and hidden ones (but with .ci).
std::vector<SourceFile> read_tree(const std::filesystem::path& root);

/// True for C++ sources and headers.
bool is_cpp(const SourceFile& file);

/// The folder of `path` below `top`: `folder_below("src/base/hash.hpp", "src/")` is "base"; empty if it is elsewhere.
std::string_view folder_below(std::string_view path, std::string_view top);

}  // namespace tidy
