#!/usr/bin/env bash
# Three real processes agree: from a bare Debian 12 checkout to elections, locks and a failover, in one command.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../src/cmake/setup.sh"

declare -A pid_of=() input_of=()
work=""

# Only what this script started is ended.
clean_up() {
  local status=$?
  for name in "${!pid_of[@]}"; do kill -KILL "${pid_of[$name]}" 2>/dev/null || true; done
  [ -z "$work" ] || rm -rf "$work"
  ((status == 0)) || echo "demo: FAILED (line ${failed_line:-?}: ${failed_command:-?})"
}
trap clean_up EXIT
trap 'failed_line=$LINENO failed_command=$BASH_COMMAND' ERR

fail() {
  echo "demo: FAILED: $*"
  for log in "$work"/*.out; do echo "-- $log"; tail -n 20 "$log"; done
  exit 1
}

install_packages "${packages_to_build[@]}"
build release conclave_cli example_member
bin=$conclave_root/build/release/bin
work=$(mktemp -d)

base=17401
founders=127.0.0.1:$base,127.0.0.1:$((base + 1)),127.0.0.1:$((base + 2))
address() { case $1 in a) echo 127.0.0.1:$base ;; b) echo 127.0.0.1:$((base + 1)) ;; c) echo 127.0.0.1:$((base + 2)) ;; esac; }

# start NAME: a member of its own process, told what to do through a pipe.
start() {
  local name=$1
  [ -p "$work/$name.in" ] || mkfifo "$work/$name.in"
  "$bin/example_member" "$name" "$work/$name" "$(address "$name")" "$founders" <"$work/$name.in" >>"$work/$name.out" 2>&1 &
  pid_of[$name]=$!
  disown "$!"  # so that the shell does not comment on its end
  exec {input_of[$name]}>"$work/$name.in"
}
tell() { echo "$2" >&"${input_of[$1]}"; }

# await NAME PATTERN [AFTER]: the line of NAME that matches, beyond its first AFTER lines.
await() {
  local found
  for ((i = 0; i < 1200; i++)); do
    if found=$(tail -n +$((${3:-0} + 1)) "$work/$1.out" 2>/dev/null | grep -m1 -E "$2"); then
      echo "$found"
      return
    fi
    sleep 0.05
  done
  fail "$1 never said '$2'" >&2
}
# await_any PATTERN NAMES: as await, of the first member not in NAMES, beyond the lines that `seen_of` counts.
await_any() {
  local name found
  for ((i = 0; i < 1200; i++)); do
    for name in a b c; do
      [[ $2 == *" $name "* ]] && continue
      if found=$(tail -n +$((seen_of[$name] + 1)) "$work/$name.out" | grep -m1 -E "$1"); then
        echo "$found"
        return
      fi
    done
    sleep 0.05
  done
  fail "nobody said '$1'" >&2
}
lines() { wc -l <"$work/$1.out"; }
token_of() { sed -E 's/.*token ([0-9]+).*/\1/' <<<"$1"; }
# Milliseconds since the machine's start, as the members count them.
uptime_ms() { awk '{ printf "%d\n", $1 * 1000 }' /proc/uptime; }
time_of() { cut -d' ' -f2 <<<"$1"; }

say "three processes found a cluster; each has a data folder of its own"
for name in a b c; do start "$name"; done
for name in a b c; do await "$name" ' ready$' >/dev/null; done
"$bin/conclave" status "$(address a)"

leader=$("$bin/conclave" status "$(address a)" | awk '$2 == "leader" { print $1 }')
[ -n "$leader" ] || fail "nobody leads"
survivors=()
for name in a b c; do [ "$name" = "$leader" ] || survivors+=("$name"); done
say "elected: $leader leads the cluster"

say "a contended lock: all three ask at once, it goes from one to the next, and tokens grow"
last=0
holders=" "
declare -A seen_of=()
for name in a b c; do seen_of[$name]=$(lines "$name"); done
for name in a b c; do tell "$name" "acquire shared"; done
for turn in 1 2 3; do
  grant=$(await_any 'acquired shared' "$holders")
  holder=${grant%% *} token=$(token_of "$grant")
  echo "   $holder holds 'shared' with token $token"
  ((token > last)) || fail "token $token after $last"
  last=$token
  holders+="$holder "
  tell "$holder" "release shared"
done

say "from the shell: the command runs while its process holds the lock"
"$bin/conclave" lock shared --join "$founders" -- sh -c 'echo "   a shell holds it with token $CONCLAVE_TOKEN"'

say "$leader takes the lock 'own', then it is killed (SIGKILL)"
seen=$(lines "$leader")
tell "$leader" "acquire own"
own=$(token_of "$(await "$leader" 'acquired own' "$seen")")
next=${survivors[0]}
seen=$(lines "$next")
killed_at=$(uptime_ms)
kill -KILL "${pid_of[$leader]}"
tell "$next" "acquire other"
granted=$(await "$next" 'acquired other' "$seen")
took=$(($(time_of "$granted") - killed_at))
echo "   $next was granted another lock $took ms after the kill"
((took < 5000)) || fail "that took too long"
new_leader=$("$bin/conclave" status "$(address "$next")" | awk '$2 == "leader" { print $1 }')
echo "   now $new_leader leads"

say "the dead process's own lock stays taken until its session ends: at its restart from disk, or after its TTL"
other=${survivors[1]}
seen=$(lines "$other")
tell "$other" "acquire own"
while kill -0 "${pid_of[$leader]}" 2>/dev/null; do sleep 0.02; done
start "$leader"
granted=$(await "$other" 'acquired own' "$seen")
token=$(token_of "$granted")
echo "   $other holds 'own' with token $token (the dead one had $own), $(($(time_of "$granted") - killed_at)) ms after the kill"
((token > own)) || fail "token $token after $own"

say "$leader is back from its disk"
await "$leader" ' ready$' 1 >/dev/null
"$bin/conclave" status "$(address "$leader")"
echo "demo: ok"
