#!/usr/bin/env bash
# pkg_config.sh COMPILER PREFIX MAIN FOLDER: builds MAIN by pkg-config alone, against the shared and the static library.
set -euo pipefail
compiler=$1 prefix=$2 main=$3 folder=$4

pc=$(find "$prefix" -name conclave.pc)
PKG_CONFIG_PATH=$(dirname "$pc")
export PKG_CONFIG_PATH
libdir=$(pkg-config --variable=libdir conclave)
mkdir -p "$folder"

# shellcheck disable=SC2046  # flags are words
"$compiler" -std=c++20 "$main" $(pkg-config --cflags --libs conclave) -o "$folder/shared"
LD_LIBRARY_PATH=$libdir "$folder/shared"

read -ra libraries < <(pkg-config --static --libs-only-l --libs-only-other conclave)
"$compiler" -std=c++20 "$main" $(pkg-config --cflags conclave) "-L$libdir" \
  "${libraries[@]/#-lconclave/-l:libconclave.a}" -o "$folder/static"
"$folder/static"
