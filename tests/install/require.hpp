// A program of a stranger has no test framework: it says what is not so and ends.
#pragma once

#include <cstdio>
#include <cstdlib>

inline void require(bool fact, const char* what) {
  if (fact) return;
  std::fprintf(stderr, "not so: %s\n", what);
  std::exit(1);
}
