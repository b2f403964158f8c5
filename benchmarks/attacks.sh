#!/usr/bin/env bash
# Shows what attacks on a server do to its memory and to its other clients: ours and Tomcat's NIO connector in turn.
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

resets=10000
continuations=5000
handshakes=1000
rounds=3
seconds=3
warmup=10
rate=1000
connections=8
only=resets,continuations,handshakes
base_port=18100
build=yes

usage() {
    cat <<EOF
usage: benchmarks/attacks.sh [options]

Starts both servers with HTTPS and HTTP/2 by compare.sh, attacks each while other clients ask for /hello at a constant
rate, and prints their p99 without and beside the attack, the live heap before, during and after it, and the descriptors
before and after.

  --resets N         streams reset on one connection, anew twice a second        ($resets)
  --continuations N  frames of a header block that does not end, twice a second  ($continuations)
  --handshakes N     clients held in half a TLS handshake                        ($handshakes)
  --only A,B         of these three                          ($only)
  --rounds N         of each; the figures are medians                            ($rounds)
  --seconds N        of each measurement                                         ($seconds)
  --warmup N         seconds of load before, and of each attack uncounted          ($warmup)
  --rate N           requests per second of the others                           ($rate)
  --connections N    of the others                                               ($connections)
  --base-port PORT   the servers' follow                                         ($base_port)
  --no-build         take the jars that an earlier run built
  --help
EOF
}

die() {
    printf 'attacks.sh: %s\n' "$*" >&2
    exit 1
}

while (($#)); do
    case $1 in
        --help | -h) usage && exit 0 ;;
        --no-build) build=no && shift && continue ;;
    esac
    (($# > 1)) || die "$1 needs a value; --help lists the options"
    case $1 in
        --resets | --continuations | --handshakes | --rounds | --seconds | --warmup | --rate | --connections | --only) declare "${1#--}=$2" ;;
        --base-port) base_port=$2 ;;
        *) die "unknown option $1; --help lists the options" ;;
    esac
    shift 2
done
ulimit -n "$(ulimit -Hn)"
# shellcheck source=compare/served.sh
source "$HERE/compare/served.sh"
trap stop_served EXIT

descriptors() { find "/proc/${pid[$1]}/fd" -mindepth 1 | wc -l; }

# p50, p99, longest, failed.
ask() { "$JDK/bin/java" -Xmx128m -cp "$work" Bystander "${port[$1]}" "$connections" "$rate" "$seconds"; }

# The largest of some samples.
peak_heap() {
    local i
    for i in 1 2 3; do live_heap "$1"; done | sort -n | tail -1
}

# Sets attacker, from and to; returns once the attack is on.
begin_attack() { # attack server
    local said
    coproc ATTACK { "$JDK/bin/java" -Xmx512m -cp "$work" Attack "$1" "${port[$2]}" "${!1}"; }
    attacker=$ATTACK_PID from=${ATTACK[0]} to=${ATTACK[1]}
    read -r said <&"$from" || true
    [[ $said == attacking ]] || die "the attack did not get there: $said"
}

end_attack() {
    exec {to}>&-
    read -r attacked <&"$from" || true
    wait "$attacker" || true
}

warm_up() { # server
    local attack
    wrk -t 1 -c 16 -d "${warmup}s" "https://127.0.0.1:${port[$1]}/hello" >/dev/null
    for attack in ${only//,/ }; do
        begin_attack "$attack" "$1"
        sleep "$warmup"
        end_attack
    done
    ask "$1" >/dev/null
}

# Memory is looked at in the last round alone: a collection of the whole heap takes time.
round() { # attack server last
    local quiet beside before=- during=- after=- fds
    fds=$(descriptors "$2")
    quiet=$(ask "$2")
    [[ $3 == no ]] || before=$(live_heap "$2")
    begin_attack "$1" "$2"
    beside=$(ask "$2")
    [[ $3 == no ]] || during=$(peak_heap "$2")
    end_attack
    sleep 2
    [[ $3 == no ]] || after=$(live_heap "$2")
    echo "$1 ${2#*/} $quiet $beside $before $during $after $fds $(descriptors "$2")" >>"$work/rounds"
    echo "$1, ${2#*/}: $attacked" >&2
}

serve h2 "$base_port"
compile "$HERE/compare/Attack.java" "$HERE/compare/Bystander.java"
for name in "${NAMES[@]}"; do warm_up "h2/$name"; done
for ((i = 1; i <= rounds; i++)); do
    last=$( ((i == rounds)) && echo yes || echo no)
    for attack in ${only//,/ }; do
        for name in "${NAMES[@]}"; do round "$attack" "h2/$name" "$last"; done
    done
done

# The median of a column.
of() { awk -v a="$1" -v n="$2" -v c="$3" '$1 == a && $2 == n && $c != "-" {print $c}' "$work/rounds" | median; }

echo "| attack | server | others' p99 quiet, ms | beside it | ratio | longest | failed | live heap before, MB | during | after | descriptors before | after |"
echo "|---|---|---|---|---|---|---|---|---|---|---|---|"
for attack in ${only//,/ }; do
    for name in "${NAMES[@]}"; do
        row=()
        for column in 4 8 9 10 11 12 13 14 15; do row+=("$(of "$attack" "$name" $column)"); done
        awk -v a="${!attack} $attack" -v n="$name" -v row="${row[*]}" 'BEGIN {
            split(row, r, " ")
            printf "| %s | %s | %.2f | %.2f | %.2f | %.1f | %d | %.1f | %.1f | %.1f | %d | %d |\n", a, n, r[1], r[2], r[2] / r[1],
                r[3], r[4], r[5] / 1e6, r[6] / 1e6, r[7] / 1e6, r[8], r[9] }'
    done
done
