#!/usr/bin/env bash
# Shows what a running server's requests do to one another: handlers that compute for long, or again and again
# for some milliseconds, beside short ones, and many that block at once.
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

spins=$(nproc)
spin_ms=2000
sleeps=2000
sleep_ms=200
rounds=5
max_p99_ms=
max_burst_ms=
slices=20
slice_ms=5
max_slices_p99_ms=
only=all

usage() {
    cat <<EOF
usage: benchmarks/neighbours.sh [options] PORT...

Of several servers each is asked once, then each again: quote their figures against each other.

  --spins N            handlers that compute beside /hello         (as many as cores: $spins)
  --slices N           clients beside /hello whose handlers compute $slice_ms ms each  ($slices)
  --slice-ms N         how long each of those computes             ($slice_ms)
  --only slices        nothing but that
  --sleeps N           requests at once to /sleep?ms=$sleep_ms          ($sleeps)
  --rounds N           of each                                     ($rounds)
  --max-p99-ms X       fail if /hello's median p99 beside the spins is above
  --max-slices-p99-ms X  fail if it is above beside the slices, on the first port
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
            --slices) slices=$2 ;;
            --slice-ms) slice_ms=$2 ;;
            --only) only=$2 ;;
            --max-slices-p99-ms) max_slices_p99_ms=$2 ;;
            --sleeps) sleeps=$2 ;;
            --rounds) rounds=$2 ;;
            --max-p99-ms) max_p99_ms=$2 ;;
            --max-burst-ms) max_burst_ms=$2 ;;
            *) die "unknown option $1; --help lists the options" ;;
        esac
        shift 2
    done
    (($# > 0)) || { usage >&2 && exit 2; }
    ports=("$@")
}

median() { sort -n | awk '{v[NR] = $1} END{print v[int((NR + 1) / 2)]}'; }

# wrk's p99 in milliseconds.
p99() {
    awk '$1 == "99%" {
        n = $2 + 0
        print n * ($2 ~ /us$/ ? 0.001 : $2 ~ /ms$/ ? 1 : 1000) }'
}

# p99 of /hello while so many clients have handlers compute some milliseconds, again and again.
p99_beside_slices() {
    local port=$1
    wrk -t 1 -c "$slices" -d 4s "http://127.0.0.1:$port/spin?ms=$slice_ms" >/dev/null &
    sleep 1
    wrk -t 1 -c 16 -d 2s --latency "http://127.0.0.1:$port/hello" | p99
    wait
}

# p99 of /hello while every core has a handler that computes.
p99_beside_spins() {
    local port=$1 i pids=()
    for ((i = 0; i < spins; i++)); do
        curl -s -o /dev/null --max-time 30 "http://127.0.0.1:$port/spin?ms=$spin_ms" &
        pids+=($!)
    done
    wrk -t 1 -c 16 -d "$((spin_ms / 1000))s" --latency "http://127.0.0.1:$port/hello" |
        p99
    wait "${pids[@]}"
}

# Milliseconds from the first of many blocking requests to the last answer.
burst() {
    local port=$1 said total last
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
for port in "${ports[@]}"; do
    for path in /hello '/spin?ms=1' '/sleep?ms=1'; do
        curl -sf -o /dev/null --max-time 5 "http://127.0.0.1:$port$path" || die "$path is not answered on port $port"
    done
    wrk -t 1 -c 16 -d 3s "http://127.0.0.1:$port/hello" >/dev/null
    wrk -t 1 -c "$slices" -d 3s "http://127.0.0.1:$port/spin?ms=$slice_ms" >/dev/null
done

# Every round of one figure, each port in its turn; lines of port and figure.
in_turn() {
    local r port
    for ((r = 0; r < rounds; r++)); do
        for port in "${ports[@]}"; do echo "$port $("$1" "$port")"; done
    done
}

of() { awk -v p="$1" '$1 == p {print $2}' <<<"$2"; }

told() { # figures, then what to say before and after each
    local port
    for port in "${ports[@]}"; do
        echo "port $port: $2 $(of "$port" "$1" | median) ms (median of $rounds, best $(of "$port" "$1" | sort -n | head -1))"
    done
}

figures=$(in_turn p99_beside_slices)
told "$figures" "/hello beside $slices handlers that compute $slice_ms ms: p99"
check "p99 beside slices" "$(of "${ports[0]}" "$figures" | median)" "$max_slices_p99_ms"
[[ $only == slices ]] && exit
figures=$(in_turn p99_beside_spins)
told "$figures" "/hello beside $spins handlers that spin: p99"
check "p99 beside spins" "$(of "${ports[0]}" "$figures" | median)" "$max_p99_ms"
figures=$(in_turn burst)
told "$figures" "$sleeps requests of $sleep_ms ms at once: all answered after"
check "burst" "$(of "${ports[0]}" "$figures" | median)" "$max_burst_ms"
