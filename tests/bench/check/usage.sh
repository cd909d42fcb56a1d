#!/bin/sh
# conclave-bench, the first argument, that is used wrongly says so with exit code 64, and with 0 what its right use is.
expect() {
  wanted=$1
  shift
  "$@" >/dev/null 2>&1
  code=$?
  [ "$code" -eq "$wanted" ] || { echo "exit code $code, not $wanted: $*"; exit 1; }
}
expect 64 "$1"
expect 64 "$1" --nonsense
expect 64 "$1" run --nonsense
expect 64 "$1" run --only nothing
expect 0 "$1" run --help
