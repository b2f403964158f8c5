#!/usr/bin/env bash
# Shows how many system calls of each kind a running server makes for one request.
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

by=strace
connections=64
duration=5
warmup=3
max_calls=
max_receive=
max_send=
max_epoll_ctl=
max_epoll_wait=
max_futex=

usage() {
    cat <<EOF
usage: benchmarks/syscalls.sh [options] PID URL

Warms the server with wrk, attaches strace to it, loads it once more, and prints calls per request.
For a URL that ends in /db?id=1 every request asks for another row.

  --by TRACER             strace, or bpftrace, which disturbs far less  ($by)
  --connections N         keep-alive connections                ($connections)
  --duration SECONDS      of load while calls are counted       ($duration)
  --warmup SECONDS        of load before                        ($warmup)
  --max-calls X           fail if more than X calls of any kind per request
  --max-receive X         fail if more than X receives (read, recvfrom, ...) per request
  --max-send X            fail if more than X sends (write, sendto, ...) per request
  --max-epoll-ctl X       fail if more than X epoll_ctl per accepted connection
  --max-epoll-wait X      fail if more than X epoll_wait per request
  --max-futex X           fail if more than X futex per request
  --help

Needs wrk and strace, and leave to trace the process (its owner or root); or wrk, bpftrace, root, and to
be where process ids are the kernel's own.
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
        [[ $1 == --by || $2 =~ ^[0-9]+(\.[0-9]+)?$ ]] || die "$1 needs a number, not '$2'"
        case $1 in
            --by) [[ $2 == strace || $2 == bpftrace ]] || die "--by is strace or bpftrace, not '$2'" && by=$2 ;;
            --connections) connections=$2 ;;
            --duration) duration=$2 ;;
            --warmup) warmup=$2 ;;
            --max-calls) max_calls=$2 ;;
            --max-receive) max_receive=$2 ;;
            --max-send) max_send=$2 ;;
            --max-epoll-ctl) max_epoll_ctl=$2 ;;
            --max-epoll-wait) max_epoll_wait=$2 ;;
            --max-futex) max_futex=$2 ;;
            *) die "unknown option $1; --help lists the options" ;;
        esac
        shift 2
    done
    (($# == 2)) || die "wants a process id and a URL; --help says more"
    server=$1 url=$2
    [[ -d /proc/$server ]] || die "no process $server"
    command -v "$by" >/dev/null || die "$by is not installed (apt install $by)"
    command -v wrk >/dev/null || die "wrk is not installed (apt install wrk)"
}

load() { # seconds
    local threads=$(($(nproc) < 4 ? $(nproc) : 4))
    ((threads > connections)) && threads=$connections
    timeout $(($1 + 30)) wrk -t "$threads" -c "$connections" -d "${1}s" --timeout 10s \
        -s "$HERE/compare/summary.lua" "$url"
}

attach() {
    "attach_$by"
    local i
    for ((i = 0; i < 300; i++)); do
        kill -0 "$tracer" 2>/dev/null || { cat "$work/tracer.err" >&2 && die "$by could not attach"; }
        "is_attached_$by" && return
        sleep 0.1
    done
    cat "$work/tracer.err" >&2
    die "$by did not attach within 30 s"
}

attach_strace() {
    strace -f -c -o "$work/counts" -p "$server" 2>"$work/tracer.err" &
    tracer=$!
}

is_attached_strace() { grep -q attached "$work/tracer.err"; }

# The probes between the two intervals are in place when both have fired, in whichever order they come.
attach_bpftrace() {
    local is_server="/pid == $server/" failed='&& args->ret < 0/ { @failed[probe] = count(); }' of exits=
    [[ $(readlink /proc/self/ns/pid) == 'pid:[4026531836]' ]] ||
        die "bpftrace sees the kernel's process ids, and this runs in a process namespace of its own; use strace"
    for of in accept accept4 connect read recvfrom recvmsg write writev sendto sendmsg futex; do
        exits+="${exits:+, }tracepoint:syscalls:sys_exit_$of"
    done
    BPFTRACE_MAX_PROBES=1024 with_tracefs bpftrace -e "
        interval:ms:100 { printf(\"first\n\"); }
        tracepoint:syscalls:sys_enter_* $is_server { @calls[probe] = count(); }
        $exits ${is_server%/} $failed
        interval:ms:101 { printf(\"last\n\"); }" >"$work/bpftrace.out" 2>"$work/tracer.err" &
    tracer=$!
}

is_attached_bpftrace() { grep -q first "$work/bpftrace.out" && grep -q last "$work/bpftrace.out"; }

# Where tracefs is not mounted, as in most containers: for this run alone, and nobody else sees it.
with_tracefs() {
    if [[ -e /sys/kernel/tracing/events || -e /sys/kernel/debug/tracing/events ]]; then
        exec "$@"
    else
        exec unshare --mount --propagation private -- sh -c \
            'mount -t tracefs tracefs /sys/kernel/tracing && exec "$@"' sh "$@"
    fi
}

# Writes bpftrace's maps as strace writes its table: calls, errors and the name are what is read of it.
tabulate_bpftrace() {
    sed -nE 's/^@(calls|failed)\[tracepoint:syscalls:sys_(enter|exit)_([^]]*)\]: ([0-9]+)$/\1 \3 \4/p' "$work/bpftrace.out" |
        awk '{n[$1, $2] = $3; if ($1 == "calls") names[$2]}
            END {for (x in names) print 0, 0, 0, n["calls", x], (("failed", x) in n ? n["failed", x] : ""), x}' >"$work/counts"
}

detach() {
    [[ -n ${tracer:-} ]] || return 0
    kill -INT "$tracer" 2>/dev/null || true
    wait "$tracer" 2>/dev/null || true
    tracer=
    [[ $by != bpftrace ]] || tabulate_bpftrace
}

clean_up() {
    detach
    rm -rf "$work"
}

# strace's table has an errors column only where a call failed: the name is always last.
report() {
    awk -v requests="$1" -v connections="$connections" -v max_receive="$max_receive" \
        -v max_send="$max_send" -v max_ctl="$max_epoll_ctl" -v max_wait="$max_epoll_wait" \
        -v max_calls="$max_calls" -v max_futex="$max_futex" '
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
            total += $4
            # Not what wrk was told: a server may close a connection after so many requests.
            if ($NF ~ /^accept4?$/) accepted += calls[$NF] - errors[$NF]
        }
        END {
            if (accepted == 0) accepted = connections
            printf "%d requests on %d accepted connections\n\n", requests, accepted
            printf "%-16s %10s %10s %14s\n", "call", "calls", "failed", "per request"
            sorter = "sort -k2,2 -rn"
            for (name in calls)
                printf "%-16s %10d %10d %14.4f\n", name, calls[name], errors[name], calls[name] / requests | sorter
            close(sorter)
            printf "\ncalls per request          %8.4f\n", total / requests
            printf "receives per request       %8.4f\n", sum["receive"] / requests
            printf "sends per request          %8.4f\n", sum["send"] / requests
            printf "epoll_wait per request     %8.4f\n", sum["epoll_wait"] / requests
            printf "epoll_ctl per request      %8.4f\n", sum["epoll_ctl"] / requests
            printf "futex per request          %8.4f\n", sum["futex"] / requests
            printf "epoll_ctl per connection   %8.4f\n", sum["epoll_ctl"] / accepted
            check("calls per request", total / requests, max_calls)
            check("receives per request", sum["receive"] / requests, max_receive)
            check("sends per request", sum["send"] / requests, max_send)
            check("epoll_ctl per connection", sum["epoll_ctl"] / accepted, max_ctl)
            check("epoll_wait per request", sum["epoll_wait"] / requests, max_wait)
            check("futex per request", sum["futex"] / requests, max_futex)
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
