#!/usr/bin/env bash
# Three real processes agree: from a bare Debian 12 checkout to elections, locks and a failover, in one command.
set -uo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../src/cmake/setup.sh"

fail() {
  echo "demo: FAILED: $*"
  exit 1
}

install_packages "${packages_to_build[@]}" || fail "could not install the packages"
build release conclave || fail "could not build"
fail "the three processes are not written yet"
