#!/usr/bin/env bash
# Does the simulator find planted bugs? Each patch beside this script breaks one rule; it is applied to a copy of the tree, built,
# and hunted with ordinary seeds. A mutant is caught when a check over the true state or the history fires.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$root/build/mutants
seconds_max=600

usage() {
  cat <<END
usage: hunt.sh [--check] [NAME...]

Hunts the named mutants, or all of them, for at most $seconds_max seconds each, with the build not counted.
  --check   only says whether every patch applies
The last line is the verdict.
END
}

# check: every patch applies to the tree as it is.
check() {
  local patch failed=0
  for patch in "$here"/*.patch; do
    patch --dry-run --silent --force --strip 1 --directory "$root" <"$patch" >/dev/null && continue
    echo "$(basename "$patch"): applies no longer"
    failed=$((failed + 1))
  done
  echo "mutants: $(ls "$here"/*.patch | wc -l) patches, $failed apply no longer"
  [[ $failed == 0 ]]
}

# build_tree: the copy's own build; what the compiler cache knows is quick.
build_tree() {
  (cd "$work/tree" && cmake --preset dev -DCONCLAVE_TESTS=OFF >/dev/null && cmake --build --preset dev --target conclave_sim_cli) \
    >"$work/build.log" 2>&1
}

# hunt NAME: prints one row; true if it was caught.
hunt() {
  local patch=$here/$1.patch log=$work/$1.log seeds checks
  patch --silent --strip 1 --directory "$work/tree" <"$patch" || return 1
  if ! build_tree; then
    printf '%-38s %s\n' "$1" "does not build: see $work/build.log"
  else
    local begun=$SECONDS
    timeout "$seconds_max" "$work/tree/build/dev/bin/conclave-sim" run --seeds 1..100000 --stop-at-first --failures "$work" >"$log" 2>&1
    local code=$?
    checks=$(sed -n 's/^  unexpected: //p' "$log" | sort -u | paste -sd' ')
    seeds=$(sed -n 's/^sim: \([0-9]*\) seeds.*/\1/p' "$log")
    printf '%-38s %6s s %6s seeds  %s\n' "$1" "$((SECONDS - begun))" "${seeds:--}" "${checks:-not caught (exit code $code)}"
  fi
  patch --silent --reverse --strip 1 --directory "$work/tree" <"$patch"
  [[ -n ${checks:-} ]]
}

[[ ${1:-} == --help ]] && usage && exit 0
[[ ${1:-} == --check ]] && { check; exit; }
names=("$@")
[[ ${#names[@]} == 0 ]] && for patch in "$here"/*.patch; do names+=("$(basename "$patch" .patch)"); done
rm -rf "$work/tree" && mkdir -p "$work/tree" || exit 1
(cd "$root" && tar --create --exclude ./build --exclude ./.git .) | tar --extract --directory "$work/tree" || exit 1
caught=0
for name in "${names[@]}"; do hunt "$name" && caught=$((caught + 1)); done
echo "mutants: $caught of ${#names[@]} caught"
[[ $caught == "${#names[@]}" ]]
