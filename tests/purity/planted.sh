#!/usr/bin/env bash
# planted.sh NM ARCHIVE: the purity check refuses the archive of planted.cpp and names each step outside.
set -euo pipefail
if named=$("$(dirname "$0")/purity.sh" "$@"); then
  echo "the planted archive passed"
  exit 1
fi
status=0
for step in steady_clock::now system_clock::now clock_gettime time rand std::random_device socket open getenv \
  std::basic_ofstream std::cout pthread_mutex_lock std::thread usleep; do
  grep -qE "needs (.* )?(std::chrono::_V2::)?$step([^a-z]|$)" <<<"$named" || { echo "missed: $step"; status=1; }
done
((status == 0)) || printf 'named were:\n%s\n' "$named"
exit "$status"
