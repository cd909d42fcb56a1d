#!/usr/bin/env bash
# threads.sh NM THREADED... -- PROGRAM...: of the PROGRAMs, those and only those named as THREADED can start a thread, so
# none that ThreadSanitizer should run is left out.
set -euo pipefail
nm=$1
shift

threaded=()
while [[ $1 != -- ]]; do
  threaded+=("$1")
  shift
done
shift

status=0
for program; do
  can=no
  [[ $("$nm" --dynamic --undefined-only "$program") =~ pthread_create|_M_start_thread ]] && can=yes
  named=no
  [[ " ${threaded[*]} " == *" $program "* ]] && named=yes
  [[ $can == "$named" ]] && continue
  echo "$(basename "$program"): starts threads: $can; run under ThreadSanitizer: $named"
  status=1
done
exit "$status"
