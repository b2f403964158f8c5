#!/usr/bin/env bash
# Shows what a running server's requests do to one another: handlers that compute for long beside
# short ones, and many that block at once.
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

spins=$(nproc)
spin_ms=2000
sleeps=2000
sleep_ms=200
rounds=5
max_p99_ms=
max_burst_ms=

usage() {
    cat <<EOF
usage: benchmarks/neighbours.sh [options] PORT

  --spins N            handlers that compute beside /hello         (as many as cores: $spins)
  --sleeps N           requests at once to /sleep?ms=$sleep_ms          ($sleeps)
  --rounds N           of each                                     ($rounds)
  --max-p99-ms X       fail if /hello's median p99 beside the spins is above
  --max-burst-ms X     fail if the median burst takes longer
  --help

Needs curl, wrk, a JDK 25 as 'java' or JAVA_HOME, and a server with /hello, /spin and /sleep.
EOF
}

die() {
    printf 'neighbours.sh: %s\n' "$*" >&2
    exit 1
}

parse_options() {
    while [[ ${1:-} == -* ]]; do
        [[ $1 == --help ]] && usage && exit 0
        (($# > 1)) || die "$1 needs a value; --help lists the options"
        case $1 in
            --spins) spins=$2 ;;
            --sleeps) sleeps=$2 ;;
            --rounds) rounds=$2 ;;
            --max-p99-ms) max_p99_ms=$2 ;;
            --max-burst-ms) max_burst_ms=$2 ;;
            *) die "unknown option $1; --help lists the options" ;;
        esac
        shift 2
    done
    (($# == 1)) || { usage >&2 && exit 2; }
    port=$1
}

median() { sort -n | awk '{v[NR] = $1} END{print v[int((NR + 1) / 2)]}'; }

# p99 of /hello in milliseconds while every core has a handler that computes.
p99_beside_spins() {
    local i pids=()
    for ((i = 0; i < spins; i++)); do
        curl -s -o /dev/null --max-time 30 "http://127.0.0.1:$port/spin?ms=$spin_ms" &
        pids+=($!)
    done
    wrk -t 1 -c 16 -d "$((spin_ms / 1000))s" --latency "http://127.0.0.1:$port/hello" |
        awk '$1 == "99%" {
            n = $2 + 0
            print n * ($2 ~ /us$/ ? 0.001 : $2 ~ /ms$/ ? 1 : 1000) }'
    wait "${pids[@]}"
}

# Milliseconds from the first of many blocking requests to the last answer.
burst() {
    local said total last
    said=$("${JAVA_HOME:+$JAVA_HOME/bin/}java" "$HERE/compare/HoldConnections.java" \
        burst "$port" "$sleeps" "/sleep?ms=$sleep_ms")
    read -r _ _ total last <<<"$said"
    ((total == sleeps)) || die "only $total of $sleeps answered"
    echo "$last"
}

check() { # what value max
    [[ -z $3 ]] || awk -v v="$2" -v m="$3" 'BEGIN{exit !(v <= m)}' || die "$1: $2 ms, more than $3"
}

parse_options "$@"
command -v wrk >/dev/null || die "wrk, the load generator, is not installed (apt install wrk)"
ulimit -n "$(ulimit -Hn)"
curl -sf -o /dev/null --max-time 5 "http://127.0.0.1:$port/hello" || die "nothing answers on port $port"
wrk -t 1 -c 16 -d 3s "http://127.0.0.1:$port/hello" >/dev/null

p99=$(for ((r = 0; r < rounds; r++)); do p99_beside_spins; done | median)
echo "/hello beside $spins handlers that spin: p99 $p99 ms (median of $rounds)"
bursts=$(for ((r = 0; r < rounds; r++)); do burst; done | median)
echo "$sleeps requests of $sleep_ms ms at once: all answered after $bursts ms (median of $rounds)"
check "p99 beside spins" "$p99" "$max_p99_ms"
check "burst" "$bursts" "$max_burst_ms"
