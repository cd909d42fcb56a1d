# shellcheck shell=bash
# From a bare Debian 12 to a build, shared by the two set-up commands: examples/demo.sh and tests/run.sh source it.
# Everything comes from Debian's own packages; what is there already is not asked for again.

export LC_ALL=C.UTF-8

conclave_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

# A copy of this tree within it (sim/mutants) finds in the cache what was compiled for the tree.
export CCACHE_BASEDIR=${CCACHE_BASEDIR:-$conclave_root} CCACHE_NOHASHDIR=1

# To build the library, its command line and its examples.
packages_to_build=(
  g++ cmake ninja-build ccache pkg-config ca-certificates
  libasio-dev capnproto libcapnp-dev liblmdb-dev libspdlog-dev libssl-dev libxxhash-dev libisal-dev libutfcpp-dev
  libcli11-dev libtomlplusplus-dev nlohmann-json3-dev
)
# To test it as well.
packages_to_test=(doctest-dev patch)

# say SENTENCE: one line about what comes next.
say() { printf '== %s\n' "$*"; }

# missing_packages NAME...: those that are not installed, one a line.
missing_packages() {
  dpkg-query --show --showformat '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null |
    awk -v wanted="$*" '$1 == "installed" { have[$2] }
      END { count = split(wanted, names, " "); for (i = 1; i <= count; i++) if (!(names[i] in have)) print names[i] }'
}

# apt_install NAME...: installs quietly; shows what apt said only when it fails.
apt_install() {
  local log install=(apt-get install --yes --no-install-recommends "$@")
  log=$(mktemp)
  export DEBIAN_FRONTEND=noninteractive
  # The package lists of a fresh machine are empty or old: they are fetched when the first try fails.
  if "${install[@]}" >"$log" 2>&1 || { apt-get update && "${install[@]}"; } >"$log" 2>&1; then
    rm -f "$log"
  else
    tail -n 20 "$log" >&2
    rm -f "$log"
    return 1
  fi
}

# complete_root: a root that was only unpacked, as for chroot, lacks what every running system has: /proc, which neither bash
# nor the sanitizers do without, terminals, and the name localhost.
complete_root() {
  if [[ ! -e /proc/self/exe ]]; then
    say "set-up: mounting /proc"
    mount -t proc proc /proc
  fi
  ((EUID == 0)) || return 0
  if [[ ! -e /dev/pts/ptmx ]]; then
    say "set-up: mounting /dev/pts"
    mkdir -p /dev/pts && mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts /dev/pts
  fi
  if [[ ! -e /etc/hosts ]]; then
    say "set-up: writing /etc/hosts"
    echo "127.0.0.1 localhost" >/etc/hosts
  fi
}

# install_packages NAME...: installs what is missing; without root, it says what to install.
install_packages() {
  complete_root
  if ! command -v dpkg-query >/dev/null; then
    say "set-up: this is not Debian, so these must be there already: $*"
    return 0
  fi
  local missing
  mapfile -t missing < <(missing_packages "$@")
  if ((${#missing[@]} == 0)); then
    say "set-up: all $# packages are there"
  elif ((EUID != 0)); then
    printf 'set-up: please run as root: apt-get install %s\n' "${missing[*]}" >&2
    return 1
  else
    say "set-up: installing ${#missing[@]} of $# packages (about a minute): ${missing[*]}"
    apt_install "${missing[@]}"
  fi
}

# build PRESET [TARGET...]: configures once and builds; everything when no target is named.
build() {
  local preset=$1
  shift
  say "build $preset: ${*:-everything}"
  (cd "$conclave_root" && cmake --preset "$preset" >/dev/null &&
    cmake --build --preset "$preset" --parallel "$(nproc)" ${1:+--target "$@"})
}
