#include "process/kill/line_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <istream>
#include <system_error>

namespace conclave::process {

LineFile::LineFile(const std::filesystem::path& path)
    : file_(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600)) {
  if (file_ < 0) throw std::system_error(errno, std::generic_category(), "cannot make " + path.string());
}

LineFile::~LineFile() { ::close(file_); }

void LineFile::write(const std::string& line) {
  const auto text = line + "\n";
  if (::write(file_, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    throw std::system_error(errno, std::generic_category(), "cannot write the history");
}

bool next_line(std::istream& lines, std::string& line) { return static_cast<bool>(std::getline(lines, line)) && !lines.eof(); }

}  // namespace conclave::process
