// What a stranger's program does with an installed Conclave; every way to link the library builds and runs it.
#include <conclave/conclave.hpp>

#include <filesystem>

#include "require.hpp"

#ifdef STRANGER_HAS_NODE
void use_node(const std::filesystem::path& folder);
#endif

int main(int, char** arguments) {
  const char* text = "01234567-89ab-4def-8123-456789abcdef";
  const auto uuid = conclave::Uuid::parse(text);
  require(uuid && uuid->to_string() == text, "a UUID survives text");

  const conclave::Error error(conclave::errc::outcome_unknown, "the lock may be yours");
  require(conclave::is_outcome_unknown(error) && error.code.category() == conclave::error_category(),
          "an error keeps its category across the library's border");
  std::printf("%s: %s\n", arguments[0], error.message().c_str());
#ifdef STRANGER_HAS_NODE
  use_node(std::string(arguments[0]) + ".data");
#endif
}
