#!/usr/bin/env bash
# readme.sh COMPILER INCLUDE README FOLDER: each C++ block of README is a program of its own, and compiles as printed.
set -euo pipefail
compiler=$1 include=$2 readme=$3 folder=$4
rm -rf "$folder"
mkdir -p "$folder"

# `#line` makes the compiler's messages point into the README itself.
awk -v folder="$folder" -v readme="$readme" '
  /^```cpp$/ { inside = 1; file = folder "/" ++count ".cpp"; printf "#line %d \"%s\"\n", NR + 1, readme > file; next }
  /^```$/ { inside = 0 }
  inside { print > file }' "$readme"

programs=("$folder"/*.cpp)
[[ -e ${programs[0]} ]] || { echo "no C++ block in $readme"; exit 1; }
for program in "${programs[@]}"; do
  "$compiler" -std=c++20 -Wall -Wextra -Werror "-I$include" -fsyntax-only "$program"
done
echo "${#programs[@]} blocks compile"
