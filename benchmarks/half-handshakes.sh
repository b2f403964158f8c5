#!/usr/bin/env bash
# Shows what clients in half a TLS handshake do to the others of a running server: p99 of /hello without and beside them.
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
JAVA=${JAVA_HOME:+$JAVA_HOME/bin/}java

clients=1000
rounds=5
seconds=5
connections=16

usage() {
    cat <<EOF
usage: benchmarks/half-handshakes.sh [options] PORT...

Of several servers each is asked in turn: quote their figures against each other.

  --clients N      in half a handshake at once        ($clients)
  --rounds N       of each, without and beside them   ($rounds)
  --seconds N      of each measurement                ($seconds)
  --connections N  of wrk                             ($connections)
  --help

Needs wrk, a JDK 25 as 'java' or JAVA_HOME, and servers with HTTPS and /hello on these ports. Raise 'ulimit -n' on both sides.
EOF
}

die() {
    printf 'half-handshakes.sh: %s\n' "$*" >&2
    exit 1
}

while [[ ${1:-} == -* ]]; do
    [[ $1 == --help ]] && usage && exit 0
    (($# > 1)) || die "$1 needs a value; --help lists the options"
    case $1 in
        --clients) clients=$2 ;;
        --rounds) rounds=$2 ;;
        --seconds) seconds=$2 ;;
        --connections) connections=$2 ;;
        *) die "unknown option $1; --help lists the options" ;;
    esac
    shift 2
done
(($# > 0)) || { usage >&2 && exit 2; }

median() { sort -n | awk '{v[NR] = $1} END{print v[int((NR + 1) / 2)]}'; }

# wrk's p99 in milliseconds.
p99() {
    wrk -t 1 -c "$connections" -d "${seconds}s" --latency "https://localhost:$1/hello" | awk '$1 == "99%" {
        n = $2 + 0
        print n * ($2 ~ /us$/ ? 0.001 : $2 ~ /ms$/ ? 1 : 1000) }'
}

p99_beside() {
    local port=$1 told
    coproc HOLD { "$JAVA" "$HERE/compare/HalfHandshakes.java" "$port" "$clients"; }
    read -r told <&"${HOLD[0]}"
    [[ $told == holding ]] || die "the clients did not get there: $told"
    p99 "$port"
    echo >&"${HOLD[1]}"
    wait "$HOLD_PID" || true
}

declare -A quiet beside
for ((round = 1; round <= rounds; round++)); do
    for port in "$@"; do
        quiet[$port]+="$(p99 "$port")"$'\n'
        beside[$port]+="$(p99_beside "$port")"$'\n'
    done
done
for port in "$@"; do
    a=$(printf %s "${quiet[$port]}" | median)
    b=$(printf %s "${beside[$port]}" | median)
    awk -v p="$port" -v a="$a" -v b="$b" -v n="$clients" \
        'BEGIN{printf "port %s: p99 %.2f ms, beside %d half handshakes %.2f ms: %.2f times\n", p, a, n, b, b / a}'
done
