#!/usr/bin/env bash
# Runs every test of Conclave, from a bare Debian 12 on: installs what is missing, builds, tests, says how long it took.
set -uo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../src/cmake/setup.sh"

all_stages=(setup build test mutants asan tsan install)
results=$conclave_root/build/results

usage() {
  cat <<END
usage: tests/run.sh [stage...]

Without a stage, all of them run, in this order:
  setup     installs the Debian packages that are missing (needs root only then)
  build     builds everything with the preset dev
  test      unit, scenario, contract and process tests, and the checks of the house
  mutants   plants five known bugs, others after each commit; the simulator must find each (all of them: conclave-sim mutants)
  asan      the share labelled 'sanitize' under AddressSanitizer and UndefinedBehaviorSanitizer
  tsan      the tests with threads under ThreadSanitizer
  install   installs into a new prefix and builds a stranger's programs against it

The last line is the verdict. Outcomes of each stage as JUnit XML: build/results.
END
}

# run_tests STAGE PRESET OPTION...: runs the tests that CTest's OPTIONs select and leaves their outcomes in build/results.
run_tests() {
  local stage=$1 preset=$2 launcher=()
  shift 2
  # ThreadSanitizer needs the plain memory layout, which a kernel with many random address bits denies it.
  [[ $preset == tsan ]] && launcher=(setarch "$(uname -m)" --addr-no-randomize)
  (cd "$conclave_root" && "${launcher[@]}" ctest --preset "$preset" --parallel "$(nproc)" \
    --output-junit "$results/$stage.xml" "$@")
}

stage_setup() { install_packages "${packages_to_build[@]}" "${packages_to_test[@]}"; }
stage_build() { build dev; }
stage_test() { run_tests test dev --label-exclude '^(install|mutants)$'; }
stage_mutants() { run_tests mutants dev --label-regex '^mutants$'; }
stage_asan() { build asan sanitized && run_tests asan asan --label-regex sanitize; }
stage_tsan() { build tsan threaded && run_tests tsan tsan --label-regex threads; }
stage_install() { run_tests install dev --label-regex install; }

# outcomes FILE: "PASSED FAILED" of one JUnit file; a test that was skipped is neither.
outcomes() {
  awk 'function number(key) { return match($0, key "=\"[0-9]+\"") ? substr($0, RSTART + length(key) + 2) + 0 : 0 }
    /<testsuite/ { inside = 1 }
    inside { tests += number("tests"); failed += number("failures"); skipped += number("disabled") + number("skipped") }
    /<testcase/ { exit }
    END { print tests - failed - skipped, failed + 0 }' "$1"
}

main() {
  local stages=("${all_stages[@]}") stage started verdict passed=0 failed=0 good bad rows=()
  (($#)) && stages=("$@")
  for stage in "${stages[@]}"; do
    declare -F "stage_$stage" >/dev/null || { usage >&2; exit 2; }
  done

  rm -rf "$results" && mkdir -p "$results"
  for stage in "${stages[@]}"; do
    say "stage $stage"
    started=$SECONDS verdict=ok good=0 bad=0
    "stage_$stage" || verdict=FAILED
    [[ -f $results/$stage.xml ]] && read -r good bad < <(outcomes "$results/$stage.xml")
    # A stage that broke before its first test is a failure too.
    [[ $verdict == FAILED ]] && ((bad == 0)) && bad=1
    passed=$((passed + good)) failed=$((failed + bad))
    rows+=("$(printf '%-8s %5s min  %4d passed  %3d failed  %s' "$stage" \
      "$(awk "BEGIN { printf \"%.1f\", ($SECONDS - $started) / 60 }")" "$good" "$bad" "$verdict")")
    [[ $verdict == FAILED && $stage =~ ^(setup|build)$ ]] && break
  done

  say "minutes and outcomes by stage"
  printf '%s\n' "${rows[@]}"
  echo "$passed passed, $failed failed" >"$results/total"
  if ((failed)); then
    echo "tests: FAILED ($passed passed, $failed failed, $((SECONDS / 60)) min)"
    exit 1
  fi
  echo "tests: ok ($passed passed, $((SECONDS / 60)) min)"
}

case ${1:-} in
  -h | --help) usage ;;
  *) main "$@" ;;
esac
