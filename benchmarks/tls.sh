#!/usr/bin/env bash
# Measures TLS and large bodies, ours and Tomcat's NIO connector in turn: full handshakes per second; 1 GiB down and up,
# plain and over TLS, with the memory that it takes.
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

rounds=3
seconds=5
clients=4
mib=1024
only=handshakes,bodies
base_port=18100
build=yes

usage() {
    cat <<EOF
usage: benchmarks/tls.sh [options]

Starts both servers by compare.sh, plain and with HTTPS, and takes turns.

  --rounds N        of each; the figures are medians               ($rounds)
  --seconds N       of each count of handshakes                    ($seconds)
  --clients N       processes of openssl s_time that shake hands   ($clients)
  --mib N           size of a body                                 ($mib)
  --only A,B        of these two                                   ($only)
  --base-port PORT  the servers' follow                            ($base_port)
  --no-build        take the jars that an earlier run built
  --help

Needs openssl, curl and what compare.sh needs.
EOF
}

die() {
    printf 'tls.sh: %s\n' "$*" >&2
    exit 1
}

while (($#)); do
    case $1 in
        --help | -h) usage && exit 0 ;;
        --no-build) build=no && shift && continue ;;
    esac
    (($# > 1)) || die "$1 needs a value; --help lists the options"
    case $1 in
        --rounds | --seconds | --clients | --mib | --only) declare "${1#--}=$2" ;;
        --base-port) base_port=$2 ;;
        *) die "unknown option $1; --help lists the options" ;;
    esac
    shift 2
done
command -v openssl >/dev/null || die "openssl is not installed (apt install openssl)"
# shellcheck source=compare/served.sh
source "$HERE/compare/served.sh"
trap stop_served EXIT

wants() { [[ ,$only, == *,$1,* ]]; }

# Handshakes per second, and the server's microseconds for each.
handshakes() { # server protocol
    local i pids=() before began=$EPOCHREALTIME
    before=$(cpu_ticks "$1")
    for ((i = 0; i < clients; i++)); do
        openssl s_time -connect "127.0.0.1:${port[$1]}" -new "-$2" -time "$seconds" >"$work/s_time.$i" 2>&1 &
        pids+=($!)
    done
    wait "${pids[@]}"
    # Its own seconds are whole ones.
    awk -v ticks=$(($(cpu_ticks "$1") - before)) -v hz="$(getconf CLK_TCK)" -v began="$began" -v ended="$EPOCHREALTIME" \
        '/real seconds/ {all += $1} END{printf "%.0f %.0f\n", all / (ended - began), ticks / hz * 1e6 / all}' "$work"/s_time.*
}

# MiB per second, and the server's milliseconds of CPU for each 1,024 MiB.
body() { # server direction
    local url=http://127.0.0.1:${port[$1]}/bulk took before options
    [[ $1 != h2/* ]] || url=${url/http:/https:}
    before=$(cpu_ticks "$1")
    case $2 in
        down) options=("$url?mib=$mib") ;;
        up) options=(-X POST -H Expect: -H Content-Type:application/octet-stream -T "$work/body" "$url") ;;
    esac
    took=$(curl -sfk --http1.1 -o /dev/null -w '%{time_total}' "${options[@]}")
    awk -v took="$took" -v mib="$mib" -v ticks=$(($(cpu_ticks "$1") - before)) -v hz="$(getconf CLK_TCK)" \
        'BEGIN{printf "%.0f %.0f\n", mib / took, ticks / hz * 1e3 * 1024 / mib}'
}

# Live heap while a body goes through, in MB.
heap_within() { # server direction
    local transfer
    body "$1" "$2" >/dev/null &
    transfer=$!
    sleep 0.2
    live_heap "$1" | awk '{printf "%.1f", $1 / 1e6}'
    wait "$transfer"
}

measure_handshakes() {
    local protocol name i
    for protocol in tls1_3 tls1_2; do
        for name in "${NAMES[@]}" "${NAMES[@]}"; do handshakes "h2/$name" "$protocol" >/dev/null; done # warms them
        for ((i = 0; i < rounds; i++)); do
            for name in "${NAMES[@]}"; do echo "$protocol $name $(handshakes "h2/$name" "$protocol")"; done
        done
    done >"$work/handshakes"
    echo "| full handshakes | server | per second | server's CPU, us |"
    echo "|---|---|---|---|"
    for protocol in tls1_3 tls1_2; do
        for name in "${NAMES[@]}"; do
            echo "| $protocol | $name | $(of handshakes "$protocol" "$name" 3) | $(of handshakes "$protocol" "$name" 4) |"
        done
    done
    echo
}

measure_bodies() {
    local scenario direction name one i
    truncate -s "${mib}M" "$work/body"
    echo "| $mib MiB | server | MiB/s | CPU, ms for each GiB | resident before, MB | peak | live heap before, MB | within |"
    echo "|---|---|---|---|---|---|---|---|"
    for scenario in hello h2; do
        for direction in down up; do
            for name in "${NAMES[@]}" "${NAMES[@]}"; do body "$scenario/$name" "$direction" >/dev/null; done # warms them
            for name in "${NAMES[@]}"; do
                one=$scenario/$name
                start[$name]="$(rss "$one") $(live_heap "$one")"
                reset_peak "$one"
            done
            for ((i = 0; i < rounds; i++)); do
                for name in "${NAMES[@]}"; do
                    echo "$direction $name $(body "$scenario/$name" "$direction")" >>"$work/$scenario"
                done
            done
            for name in "${NAMES[@]}"; do
                one=$scenario/$name
                echo "| $([[ $scenario == h2 ]] && echo TLS || echo plain), $direction | $name | $(of "$scenario" "$direction" "$name" 3) |" \
                    "$(of "$scenario" "$direction" "$name" 4) | ${start[$name]% *} | $(peak "$one") |" \
                    "$(awk -v b="${start[$name]#* }" 'BEGIN{printf "%.1f", b / 1e6}') | $(heap_within "$one" "$direction") |"
            done
        done
    done
}

# The median of a column.
of() { awk -v a="$2" -v n="$3" -v c="$4" '$1 == a && $2 == n {print $c}' "$work/$1" | median; }

declare -A start=() # name -> resident and live bytes before the rounds
serve h2 "$base_port"
if wants handshakes; then measure_handshakes; fi
if wants bodies; then
    serve hello $((base_port + 20))
    measure_bodies
fi
