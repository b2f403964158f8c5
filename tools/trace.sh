#!/usr/bin/env bash
# Runs one of the bpftrace scripts beside it on a running server, with the threads' names as the JVM has them.
set -euo pipefail

die() {
    printf 'trace.sh: %s\n' "$1" >&2
    exit "${2:-1}"
}

command -v bpftrace >/dev/null || die "bpftrace is not installed (apt install bpftrace)" 127
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

usage() {
    cat <<EOF
usage: tools/trace.sh SCRIPT PID [SECONDS]
       tools/trace.sh --check

  kernel-time   histograms a carrier: in epoll_pwait2, in accept4, and between two looks at the sockets
  stalls        the last 10 ms of system calls before a carrier stalled

Runs for SECONDS (10). Needs bpftrace, root, and to be where process ids are the kernel's own: on the
host, not in a container. A thread that is started meanwhile keeps its number.

--check says why it would not work here: 127 without bpftrace, 1 where the kernel does not let it.
EOF
}

# A sed script that writes a carrier's name before its number.
names() {
    local exe jcmd
    exe=$(readlink "/proc/$1/exe")
    [ "${exe##*/}" = java ] || return 0 # the signal that wakes a JVM's attach listener would end it
    jcmd=${exe%/*}/jcmd
    [ -x "$jcmd" ] || jcmd=jcmd
    "$jcmd" "$1" Thread.print 2>/dev/null \
        | sed -nE 's,^"(netpoll-carrier-[^"]*)".* nid=([0-9]+) .*,s/(\\[|thread )\2\\b/\\1\1 \2/,p' || true
}

# Where tracefs is not mounted, as in most containers: for this run alone, and nobody else sees it.
with_tracefs() {
    if [ -e /sys/kernel/tracing/events ] || [ -e /sys/kernel/debug/tracing/events ]; then
        "$@"
    else
        unshare --mount --propagation private -- sh -c \
            'mount -t tracefs tracefs /sys/kernel/tracing && exec "$@"' sh "$@"
    fi
}

check() {
    [ "$(readlink /proc/self/ns/pid)" = "pid:[4026531836]" ] || die "in a process namespace of its own"
    local said
    said=$(with_tracefs bpftrace -e 'tracepoint:raw_syscalls:sys_enter { @calls[tid] = count(); }
        tracepoint:syscalls:sys_enter_epoll_pwait2 { @polls[tid] = hist(nsecs); }
        profile:hz:499 { @ticks[tid] = count(); }
        BEGIN { printf("traces\n"); exit(); }' 2>&1) && [[ $said == *traces* ]] \
        || die "the kernel does not let bpftrace trace: $said"
}

case ${1:-} in
    -h | --help) usage && exit 0 ;;
    --check) check && exit 0 ;;
    kernel-time | stalls) script=$here/$1.bt ;;
    *) usage >&2 && exit 2 ;;
esac
pid=${2:-} seconds=${3:-10}
[[ $pid =~ ^[0-9]+$ && $seconds =~ ^[0-9]+$ ]] || { usage >&2 && exit 2; }
[ -d "/proc/$pid" ] || die "no process $pid"

names=$(names "$pid")
export BPFTRACE_MAP_KEYS_MAX=${BPFTRACE_MAP_KEYS_MAX:-16384}
with_tracefs bpftrace "$script" "$pid" "$seconds" 2>&1 | sed -uE "$names"
