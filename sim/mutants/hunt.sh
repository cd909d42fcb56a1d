#!/usr/bin/env bash
# Does the simulator find planted bugs? Each patch beside this script breaks one rule; it is applied to a copy of the tree, built,
# and hunted with ordinary seeds. A mutant is caught when a check over the true state or the history fires: that it does not
# build, crashes, hangs, or breaks an invariant of the core itself is told, and does not count; nor does a seed that fails without
# the planted bug.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$root/build/mutants
# The copy of the tree is compiled as the tree is: what did not change comes from the cache.
export CCACHE_BASEDIR=${CCACHE_BASEDIR:-$root} CCACHE_NOHASHDIR=1
cpu_seconds_max=600
shrink_seconds=60
row='%-44s %6s %7s  %-30s %7s %6s  %s\n'

usage() {
  cat <<END
usage: conclave-sim mutants [--tree FOLDER] [--check] [--turn N] [--seconds N] [--shrink N] [NAME...]

Hunts the named mutants, or all of them, and shrinks what it finds.
  --tree FOLDER  the source tree; left out: the folder in which it is called
  --check        only says whether every patch applies
  --turn N       only N of them: others after each commit, or each day where the history of the tree is not there
  --seconds N    hunt each for so many CPU-seconds at most; left out: $cpu_seconds_max. The build is not counted
  --shrink N     shrink each failure for so many CPU-seconds at most; left out: $shrink_seconds; 0: not at all
The last line is the verdict. Logs and shrunken plans: build/mutants.
END
}

fail() { echo "mutants: $*" >&2; exit 2; }

# check: every patch applies to the tree as it is.
check() {
  local patch failed=0 all=0
  for patch in "$here"/*.patch; do
    all=$((all + 1))
    patch --dry-run --silent --force --strip 1 --directory "$root" <"$patch" >/dev/null && continue
    echo "$(basename "$patch"): applies no longer"
    failed=$((failed + 1))
  done
  echo "mutants: $all patches, $failed apply no longer"
  [[ $failed == 0 ]]
}

# copy_tree: the copy's build stays; every file is new to it, lest an object of a mutant before should look up to date.
copy_tree() {
  mkdir -p "$work/tree" && find "$work/tree" -mindepth 1 -maxdepth 1 ! -name build -exec rm -rf {} + &&
    tar --create --directory "$root" --exclude ./build --exclude ./.git . | tar --extract --touch --directory "$work/tree"
}

build_tree() {
  (cd "$work/tree" && cmake --preset dev -DCONCLAVE_TESTS=OFF && cmake --build --preset dev --target conclave_sim_cli) >"$1" 2>&1
}

# run_seeds LOG FOLDER: hunts until a check fires; failing plans into FOLDER. Prints "CODE CPU-SECONDS".
run_seeds() {
  local TIMEFORMAT='%U %S' code
  # No `exec`: what a shell becomes, `time` does not see.
  { time (
    ulimit -t "$cpu_seconds_max"
    "$sim" run --seeds 1..1000000 --stop-at-first --shrink 0 --failures "$2" >"$1" 2>&1
  ); code=$?; } 2>"$1.time"
  tail -1 "$1.time" | awk -v code="$code" '{ printf "%d %.1f\n", code, $1 + $2 }'
}

# ending CODE LOG: what happened beside the checks.
ending() {
  local code=$1 log=$2 said=()
  grep -q 'unexpected: core-invariant' "$log" && said+=("core-invariant")
  # SIGXCPU: its time was over. Whoever has had no seed to report for long hangs.
  if [[ $code == $((128 + $(kill -l XCPU))) ]]; then
    (($(date +%s) - $(stat --format %Y "$log") > 60)) && said+=("hang") || said+=("time is over")
  elif ((code > 1)); then
    said+=("crash: $( ((code > 128)) && kill -l $((code - 128)) || echo "exit code $code")")
  fi
  echo "${said[*]}"
}

# shrunk PLAN OUT: "FAULTS CALLS" of what is left.
shrunk() {
  "$sim" shrink "$1" --seconds "$shrink_seconds" --out "$2" 2>&1 | tee "$2.log" |
    sed -n 's/^shrunk: .* -> \([0-9]*\) faults, \([0-9]*\) calls.*/\1 \2/p'
}

# keep_sound: the copy as it is, without a bug planted, for `is_sound`.
keep_sound() { build_tree "$work/sound.build" && cp "$sim" "$work/sound"; }

# is_sound PLAN: whether it fails for the planted bug alone.
is_sound() { "$work/sound" replay "$1" >/dev/null; }

# hunt NAME: prints one row; true if the mutant was caught.
hunt() {
  local name=$1 patch=$here/$1.patch log=$work/$1.log plans=$work/plans/$1 code cpu plan check seeds faults=- calls=- beside
  patch --silent --strip 1 --directory "$work/tree" <"$patch" >/dev/null || { printf "$row" "$name" - - - - - "does not apply"; return 1; }
  rm -rf "$plans" && mkdir -p "$plans"
  if build_tree "$log.build"; then
    read -r code cpu < <(run_seeds "$log" "$plans")
    plan=$(find "$plans" -name '*.plan' ! -name '*-core-invariant.plan')
    check=$(basename "$plan" .plan | sed 's/^seed-[0-9]*-//')
    seeds=$(sed -n 's/^\(sim: \|  \)\([0-9]*\) seeds.*/\2/p' "$log" | tail -1)
    beside=$(ending "$code" "$log")
    [[ $plan ]] && ! is_sound "$plan" && beside+="${beside:+, }fails without it, too: $plan" plan=
    [[ $plan ]] && ((shrink_seconds)) && read -r faults calls < <(shrunk "$plan" "$work/$name.plan")
    printf "$row" "$name" "$cpu" "${seeds:--}" "${check:--}" "$faults" "$calls" "$beside"
    [[ $plan ]] && results+=("$cpu $faults $calls")
  else
    printf "$row" "$name" - - - - - "does not build: see $log.build"
  fi
  patch --silent --reverse --strip 1 --directory "$work/tree" <"$patch" >/dev/null || fail "the copy of the tree is no longer one"
  [[ ${plan:-} ]]
}

# summary: of those that were caught.
summary() {
  printf '%s\n' "${results[@]}" | sort -n | awk -v shrunk="$shrink_seconds" '
    { cpu[NR] = $1; if ($2 ~ /^[0-9]+$/ && $2 <= 10 && $3 <= 25) small++ }
    END { printf "CPU-seconds: median %.1f, at most %.1f\n", cpu[int((NR + 1) / 2)], cpu[NR]
      if (shrunk) printf "shrunk to 10 faults and 25 calls or less: %d of %d\n", small, NR }'
}

# in_turn N: keeps N of the names.
in_turn() {
  local all=${#names[@]} kept=() turn i
  turn=$(($(date +%s) / 86400))
  [[ $(git -C "$root" rev-parse --is-shallow-repository 2>/dev/null) == false ]] && turn=$(git -C "$root" rev-list --count HEAD)
  for ((i = turn * $1; i < turn * $1 + $1 && ${#kept[@]} < all; i++)); do kept+=("${names[i % all]}"); done
  names=("${kept[@]}")
}

# number OPTION VALUE: the value, which is one.
number() { [[ $2 =~ ^[0-9]+$ ]] && echo "$2" || fail "$1 takes a number"; }

names=() results=() turn=
while (($#)); do
  case $1 in
    -h | --help) usage; exit ;;
    --check) check; exit ;;
    --turn) turn=$(number "$1" "${2:-}") || exit; shift ;;
    --seconds) cpu_seconds_max=$(number "$1" "${2:-}") || exit; shift ;;
    --shrink) shrink_seconds=$(number "$1" "${2:-}") || exit; shift ;;
    -*) usage >&2; exit 2 ;;
    *) [[ -f $here/$1.patch ]] || fail "there is no mutant \"$1\""; names+=("$1") ;;
  esac
  shift
done
((${#names[@]})) || for patch in "$here"/*.patch; do names+=("$(basename "$patch" .patch)"); done
[[ $turn ]] && in_turn "$turn"

sim=$work/tree/build/dev/bin/conclave-sim
copy_tree || fail "the tree cannot be copied to $work"
keep_sound || fail "the tree does not build: see $work/sound.build"
printf "$row" mutant CPU-s seeds check faults calls otherwise
caught=0
for name in "${names[@]}"; do hunt "$name" && caught=$((caught + 1)); done
((caught)) && summary
echo "mutants: $caught of ${#names[@]} caught"
[[ $caught == "${#names[@]}" ]]
