#!/usr/bin/env bash
# Three real processes agree: from a bare Debian 12 checkout to elections, locks and a failover, in one command.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../src/cmake/setup.sh"
trap 'status=$?; ((status)) && echo "demo: FAILED in line $LINENO: $BASH_COMMAND"' EXIT

install_packages "${packages_to_build[@]}"
build release conclave
