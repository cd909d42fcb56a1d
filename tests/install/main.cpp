// What a stranger's program does with an installed Conclave; every way to link the library builds and runs this file.
#include <conclave/conclave.hpp>

#include <cstdio>
#include <cstdlib>

namespace {

void require(bool fact, const char* what) {
  if (fact) return;
  std::fprintf(stderr, "not so: %s\n", what);
  std::exit(1);
}

}  // namespace

int main() {
  const char* text = "01234567-89ab-4def-8123-456789abcdef";
  const auto uuid = conclave::Uuid::parse(text);
  require(uuid && uuid->to_string() == text, "a UUID survives text");

  const conclave::Error error(conclave::errc::outcome_unknown, "the lock may be yours");
  require(conclave::is_outcome_unknown(error) && error.code.category() == conclave::error_category(),
          "an error keeps its category across the library's border");
  std::puts(error.message().c_str());
}
