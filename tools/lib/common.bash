# shellcheck shell=bash
# What the developer commands share. Source it first: `source "$(dirname "$0")/lib/common.bash"`.
# It leaves the shell in the root of the checkout, with errors, unset variables and broken pipes fatal.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
ROOT=$PWD

# Where SwiftPM builds. All commands share one folder and one set of flags, so that nothing is compiled twice.
# VITALS_SANITIZE=address builds with that sanitizer, in a folder of its own, as in `VITALS_SANITIZE=address tools/fuzz
# parquet`.
BUILD_DIR=${VITALS_BUILD_DIR:-$ROOT/.build${VITALS_SANITIZE:+-$VITALS_SANITIZE}}
BIN=$BUILD_DIR/release
SWIFT_FLAGS=(--scratch-path "$BUILD_DIR" -c release -Xswiftc -enable-testing)
[[ -z ${VITALS_SANITIZE:-} ]] || SWIFT_FLAGS+=("--sanitize=$VITALS_SANITIZE")
# shellcheck disable=SC2034  # the environment of the interop scripts lies here
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/vitals-lake
export VITALS_BIN=${VITALS_BIN:-$BIN}

# One line on standard error about what happens now.
say() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; }

# Says what is wrong and leaves with exit 1.
die() {
  say "error: $*"
  exit 1
}

# Says what is wrong with the arguments and leaves with exit 64 (EX_USAGE).
usage_error() {
  say "error: $*; see --help"
  exit 64
}

# Prints the comment at the head of the calling script as its help.
print_help() { sed -n '2,/^[^#]/ { s/^# \{0,1\}//p }' "$ROOT/tools/$(basename "$0")"; }

# Answers --help or -h, wherever among the arguments it stands.
answer_help() {
  local argument
  for argument in "$@"; do
    case $argument in
      -h | --help)
        print_help
        exit 0
        ;;
    esac
  done
}

have() { command -v "$1" >/dev/null 2>&1; }

# Builds the named products, or with --build-tests everything.
swift_build() {
  say "building: swift build ${*:-all products}"
  swift build "${SWIFT_FLAGS[@]}" "$@" >&2
}

# Builds each named product; SwiftPM takes one at a time.
build_products() {
  [[ -z ${VITALS_BUILT:-} ]] || return 0
  local product
  for product in "$@"; do swift_build --product "$product"; done
}

# Waits until a command succeeds: wait_for SECONDS WHAT COMMAND…
wait_for() {
  local deadline=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < deadline)) || die "$what did not come up in time"
    sleep 0.1
  done
}

# Ends a process of ours, first politely, then for good: end_process PID
end_process() {
  local pid=$1 deadline=$((SECONDS + 10))
  kill -TERM "$pid" 2>/dev/null || return 0
  while kill -0 "$pid" 2>/dev/null && ((SECONDS < deadline)); do sleep 0.1; done
  kill -KILL "$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || true
}
