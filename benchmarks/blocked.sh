#!/usr/bin/env bash
# Blocks very many requests of one JVM at the same time and says what they weigh and whether all were answered.
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

count=100000
ms=20000
heap=6g
port=18190
jar=$HERE/peers/netpoll/target/server.jar
live=no
streams=0

usage() {
    cat <<EOF
usage: benchmarks/blocked.sh [options]

  --count N      requests, each on a connection of its own       ($count)
  --streams N    so many of them on one connection, by HTTP/2 (h2load, Debian's nghttp2-client): where descriptors
                 lack. Tomcat serves no more than 20 streams of a connection at once
  --ms N         how long each handler sleeps                    ($ms)
  --heap SIZE    -Xmx of the server                              ($heap)
  --port PORT    the server's                                    ($port)
  --jar PATH     the server                                      (peers/netpoll/target/server.jar)
  --live         look at the live heap while they are blocked, which collects it first

All were blocked at once when the last answer came before twice the time that a handler sleeps: when the last
handler began, the first had not ended. Fails unless they were, and all were answered.
Needs a hard limit of descriptors (ulimit -Hn) beyond the requests, or root to raise it.
EOF
}

die() {
    printf 'blocked.sh: %s\n' "$*" >&2
    exit 1
}

while (($#)); do
    case $1 in
        --help | -h) usage && exit 0 ;;
        --live) live=yes && shift && continue ;;
    esac
    (($# > 1)) || die "$1 needs a value; --help lists the options"
    case $1 in
        --count) count=$2 ;;
        --streams) streams=$2 ;;
        --ms) ms=$2 ;;
        --heap) heap=$2 ;;
        --port) port=$2 ;;
        --jar) jar=$2 ;;
        *) die "unknown option $1; --help lists the options" ;;
    esac
    shift 2
done

[[ -r $jar ]] || die "$jar is not built: benchmarks/compare.sh builds it"
JAVA=${JAVA_HOME:+$JAVA_HOME/bin/}java
JCMD=${JAVA_HOME:+$JAVA_HOME/bin/}jcmd
connections=$((streams ? count / streams : count))
((!streams)) || command -v h2load >/dev/null || die "h2load is not installed (apt install nghttp2-client)"
((!streams || connections * streams == count)) || die "--count is no multiple of --streams"
((!streams || ms >= 1000)) || die "with --streams a handler sleeps for 1000 ms or more"
http2=()
((!streams)) || http2=(--server.http2.enabled=true --server.tomcat.accept-count=4096)
need=$((connections + 1000))
hard=$(ulimit -Hn)
[[ $hard == unlimited ]] || ((hard >= need)) || ulimit -Hn "$need" ||
    die "needs $need descriptors, and the limit is $hard"
ulimit -Sn "$need"

work=$(mktemp -d)
server=
trap '[[ -z $server ]] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT

"$JAVA" "-Xmx$heap" -jar "$jar" "--server.port=$port" "--server.tomcat.max-connections=$need" \
    --server.tomcat.connection-timeout=120s "${http2[@]}" >"$work/log" 2>&1 &
server=$!
for ((i = 0; i < 150; i++)); do
    curl -s -o /dev/null "http://127.0.0.1:$port/sleep?ms=1" && break
    kill -0 "$server" 2>/dev/null || { cat "$work/log" >&2 && die "the server did not start"; }
    sleep 0.2
done

by_connections() {
    exec "$JAVA" -Xmx1g "$HERE/compare/HoldConnections.java" burst "$port" "$count" "/sleep?ms=$ms"
}

# Says the same as the other. When all have been sent it does not tell: half a second before the first answer. In five
# steps of a second, since a queue of connections that wait to be accepted has an end.
by_streams() {
    { sleep "$((ms / 1000 - 1)).5" && echo SENT; } &
    local told=$! said
    said=$(h2load -n "$count" -c "$connections" -r "$(((connections + 4) / 5))" -m "$streams" -t 1 \
        "http://127.0.0.1:$port/sleep?ms=$ms")
    wait "$told"
    awk '/^finished in/ { t = $3 + 0; if ($3 ~ /ms,$/) t /= 1000 }
        /^status codes:/ { print "all ANSWERED", $3, int(t * 1000) }' <<<"$said"
}

if ((streams)); then by_streams; else by_connections; fi >"$work/out" 2>"$work/err" &
client=$!
resident=0 used=0
while kill -0 "$client" 2>/dev/null; do
    now=$(awk '/VmRSS/ { print $2 }' "/proc/$server/status")
    ((now > resident)) && resident=$now
    now=$("$JCMD" "$server" GC.heap_info | grep -oE 'used [0-9]+K' | head -1 | grep -oE '[0-9]+')
    ((now > used)) && used=$now
    if [[ $live == yes ]] && grep -q SENT "$work/out"; then
        ((streams)) || sleep $((ms / 2000))
        "$JCMD" "$server" GC.class_histogram >"$work/histogram"
        live=done
    fi
    sleep 1
done
wait "$client" || { cat "$work/err" >&2 && die "the client failed"; }
read -r _ _ total last < <(grep ANSWERED "$work/out")
printf '%d of %d requests answered, the last after %d ms (a handler sleeps %d ms)\n' \
    "$total" "$count" "$last" "$ms"
printf 'heap: at most %d MB used of %s; resident: at most %d MB\n' $((used / 1024)) "$heap" $((resident / 1024))
[[ $live != done ]] || awk -v n="$count" '$1 == "Total" {
    printf "live heap while they were blocked: %d MB, %.1f kB for each\n", $3 / 1048576, $3 / 1024 / n }' \
    "$work/histogram"
((total == count)) || die "not all were answered"
((last < 2 * ms)) || die "they were not all blocked at once"
