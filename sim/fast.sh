#!/usr/bin/env bash
# Builds conclave-sim for long hunts: optimized as a whole, by a profile of its own runs, with an allocator for small objects. It
# runs every seed as each other build does, in about two thirds of the time. A change of the sources needs all of it again.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../src/cmake/setup.sh"

folder=$conclave_root/build/hunt
sim=$folder/bin/conclave-sim
profile=$folder/profile

# build_with FLAG...: conclave-sim, compiled with these.
build_with() {
  (cd "$conclave_root" && cmake --preset hunt -DCMAKE_CXX_FLAGS="$*" && cmake --build --preset hunt --target conclave_sim_cli) \
    >"$folder/build.log" 2>&1 || { tail -n 20 "$folder/build.log"; exit 1; }
}

install_packages "${packages_to_build[@]}" libmimalloc-dev
rm -rf "$profile" && mkdir -p "$profile"
say "building it with counters"
build_with -fprofile-generate -fprofile-update=single "-fprofile-dir=$profile"
say "running seeds, to see where the time goes"
"$sim" run --seeds 1..30
as_counted=$("$sim" determinism --seeds 1..6 | sed -n 1p)
say "building it by what was counted"
build_with -fprofile-use -fprofile-partial-training -Wno-missing-profile "-fprofile-dir=$profile"
as_built=$("$sim" determinism --seeds 1..6 | sed -n 1p)
[[ $as_built == "$as_counted" ]] || { echo "fast: FAILED: the two builds run seeds 1..6 in different ways"; exit 1; }
echo "fast: ok ($sim)"
