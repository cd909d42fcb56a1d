// Lines in a file, one write(2) each: a kill loses at most the line under way, and what was written before it survives.
#pragma once

#include <filesystem>
#include <string>

namespace conclave::process {

class LineFile {
 public:
  /// A new file. Failures throw std::system_error.
  explicit LineFile(const std::filesystem::path& path);
  LineFile(const LineFile&) = delete;
  LineFile& operator=(const LineFile&) = delete;
  ~LineFile();

  /// From any thread.
  void write(const std::string& line);

 private:
  int file_;
};

/// The next line, if it has its end.
[[nodiscard]] bool next_line(std::istream& lines, std::string& line);

}  // namespace conclave::process
