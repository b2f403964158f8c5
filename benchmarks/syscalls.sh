#!/usr/bin/env bash
# Shows how many system calls of each kind a running server makes for one request, by strace.
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

connections=64
duration=5
warmup=3
max_receive=
max_send=
max_epoll_ctl=
max_epoll_wait=

usage() {
    cat <<EOF
usage: benchmarks/syscalls.sh [options] PID URL

Warms the server with wrk, attaches strace to it, loads it once more, and prints calls per request.

  --connections N         keep-alive connections                ($connections)
  --duration SECONDS      of load under strace                  ($duration)
  --warmup SECONDS        of load before                        ($warmup)
  --max-receive X         fail if more than X receives (read, recvfrom, ...) per request
  --max-send X            fail if more than X sends (write, sendto, ...) per request
  --max-epoll-ctl X       fail if more than X epoll_ctl per accepted connection
  --max-epoll-wait X      fail if more than X epoll_wait per request
  --help

Needs strace and wrk, and leave to trace the process (its owner or root).
EOF
}

die() {
    printf 'syscalls.sh: %s\n' "$*" >&2
    exit 1
}

parse_options() {
    while [[ ${1:-} == -* ]]; do
        case $1 in --help | -h) usage && exit 0 ;; esac
        (($# > 1)) || die "$1 needs a value; --help lists the options"
        [[ $2 =~ ^[0-9]+(\.[0-9]+)?$ ]] || die "$1 needs a number, not '$2'"
        case $1 in
            --connections) connections=$2 ;;
            --duration) duration=$2 ;;
            --warmup) warmup=$2 ;;
            --max-receive) max_receive=$2 ;;
            --max-send) max_send=$2 ;;
            --max-epoll-ctl) max_epoll_ctl=$2 ;;
            --max-epoll-wait) max_epoll_wait=$2 ;;
            *) die "unknown option $1; --help lists the options" ;;
        esac
        shift 2
    done
    (($# == 2)) || die "wants a process id and a URL; --help says more"
    server=$1 url=$2
    [[ -d /proc/$server ]] || die "no process $server"
    command -v strace >/dev/null || die "strace is not installed (apt install strace)"
    command -v wrk >/dev/null || die "wrk is not installed (apt install wrk)"
}

load() { # seconds
    local threads=$(($(nproc) < 4 ? $(nproc) : 4))
    ((threads > connections)) && threads=$connections
    timeout $(($1 + 30)) wrk -t "$threads" -c "$connections" -d "${1}s" --timeout 10s \
        -s "$HERE/compare/summary.lua" "$url"
}

attach() {
    strace -f -c -o "$work/counts" -p "$server" 2>"$work/strace.err" &
    tracer=$!
    local i
    for ((i = 0; i < 100; i++)); do
        kill -0 "$tracer" 2>/dev/null || { cat "$work/strace.err" >&2 && die "strace could not attach"; }
        grep -q attached "$work/strace.err" && return
        sleep 0.1
    done
    die "strace did not attach within 10 s"
}

detach() {
    [[ -n ${tracer:-} ]] || return 0
    kill -INT "$tracer" 2>/dev/null || true
    wait "$tracer" 2>/dev/null || true
    tracer=
}

clean_up() {
    detach
    rm -rf "$work"
}

# strace's table has an errors column only where a call failed: the name is always last.
report() {
    awk -v requests="$1" -v connections="$connections" -v max_receive="$max_receive" \
        -v max_send="$max_send" -v max_ctl="$max_epoll_ctl" -v max_wait="$max_epoll_wait" '
        function family(name) {
            if (name ~ /^(read|readv|recvfrom|recvmsg|recvmmsg)$/) return "receive"
            if (name ~ /^(write|writev|sendto|sendmsg|sendmmsg|sendfile)$/) return "send"
            if (name ~ /^epoll_p?wait2?$/) return "epoll_wait"
            return name
        }
        function check(what, value, limit) {
            if (limit == "") return
            bad = value > limit + 0
            printf "%s %s: %.3f, at most %s asked\n", (bad ? "FAILED" : "ok    "), what, value, limit
            failed += bad
        }
        $4 ~ /^[0-9]+$/ && $NF != "total" {
            calls[$NF] = $4; errors[$NF] = (NF == 6 ? $5 : 0)
            sum[family($NF)] += $4
        }
        END {
            # Not what wrk was told: a server may close a connection after so many requests.
            accepted = calls["accept"] + calls["accept4"] - errors["accept"] - errors["accept4"]
            if (accepted == 0) accepted = connections
            printf "%d requests on %d accepted connections\n\n", requests, accepted
            printf "%-16s %10s %10s %14s\n", "call", "calls", "failed", "per request"
            sorter = "sort -k2,2 -rn"
            for (name in calls)
                printf "%-16s %10d %10d %14.4f\n", name, calls[name], errors[name], calls[name] / requests | sorter
            close(sorter)
            printf "\nreceives per request       %8.4f\n", sum["receive"] / requests
            printf "sends per request          %8.4f\n", sum["send"] / requests
            printf "epoll_wait per request     %8.4f\n", sum["epoll_wait"] / requests
            printf "epoll_ctl per request      %8.4f\n", sum["epoll_ctl"] / requests
            printf "epoll_ctl per connection   %8.4f\n", sum["epoll_ctl"] / accepted
            check("receives per request", sum["receive"] / requests, max_receive)
            check("sends per request", sum["send"] / requests, max_send)
            check("epoll_ctl per connection", sum["epoll_ctl"] / accepted, max_ctl)
            check("epoll_wait per request", sum["epoll_wait"] / requests, max_wait)
            exit failed > 0
        }' "$work/counts"
}

main() {
    parse_options "$@"
    work=$(mktemp -d)
    trap clean_up EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    load "$warmup" >"$work/warmup.txt" 2>&1 || { cat "$work/warmup.txt" >&2 && die "wrk failed"; }
    attach
    load "$duration" >"$work/wrk.txt" 2>&1 || { cat "$work/wrk.txt" >&2 && die "wrk failed"; }
    detach
    local requests failed
    read -r requests _ _ _ failed < <(sed -n 's/^RESULT //p' "$work/wrk.txt") || true
    ((${requests:-0} > 0)) || { cat "$work/wrk.txt" >&2 && die "not one request was answered"; }
    ((failed == 0)) || echo "$failed requests failed"
    report "$requests"
}

main "$@"
