# shellcheck shell=bash disable=SC2034  # read by others
# Our server and Tomcat's NIO connector side by side, started by compare.sh. Read by attacks.sh and tls.sh; uses their
# HERE, die, base_port and build, and sets NAMES, port, pid, JDK and work.

NAMES=(netpoll tomcat-nio)
declare -A port=() pid=()
served=() # processes of compare.sh
work=$(mktemp -d)

# Without Tomcat's limit of 100 requests, after which NIO would shake hands anew.
serve() { # scenario first-port
    local line options=() one name
    [[ $build == yes ]] || options+=(--no-build)
    build=no # what is served next is built by now
    mkfifo "$work/told.$1"
    "$HERE/compare.sh" --serve --scenarios "$1" --only netpoll --base-port "$2" "${options[@]}" \
        --variant 'tomcat-nio=tomcat-nio --server.tomcat.max-keep-alive-requests=-1' >"$work/told.$1" 2>"$work/serve.log" &
    served+=($!)
    while read -r line; do
        [[ $line =~ ^([a-z-]+):\ process\ ([0-9]+),\ .*:([0-9]+)$ ]] || continue
        name=${BASH_REMATCH[1]} one=$1/${BASH_REMATCH[1]}
        pid[$one]=${BASH_REMATCH[2]} port[$one]=${BASH_REMATCH[3]}
        [[ $name != "${NAMES[-1]}" ]] || break
    done <"$work/told.$1"
    [[ -n ${pid[$1/${NAMES[-1]}]:-} ]] || { cat "$work/serve.log" >&2 && die "the servers did not start"; }
    JDK=$(dirname "$(dirname "$(readlink "/proc/${pid[$1/netpoll]}/exe")")")
}

stop_served() {
    local one
    for one in "${served[@]}"; do kill "$one" 2>/dev/null || true; done
    for one in "${served[@]}"; do wait "$one" 2>/dev/null || true; done
    rm -rf "$work"
}

compile() { "$JDK/bin/javac" -d "$work" "$@"; }

# Bytes; a collection comes first, and a second one for what the first has made free.
live_heap() {
    "$JDK/bin/jcmd" "${pid[$1]}" GC.class_histogram >/dev/null
    "$JDK/bin/jcmd" "${pid[$1]}" GC.class_histogram | awk '/^Total/{print $3}'
}

# Ticks of the processor, user and system.
cpu_ticks() { sed 's/.*) //' "/proc/${pid[$1]}/stat" | awk '{print $12 + $13}'; }

# Megabytes resident, and their peak since reset_peak.
rss() { awk '/^VmRSS/{printf "%.0f", $2 / 1024}' "/proc/${pid[$1]}/status"; }
peak() { awk '/^VmHWM/{printf "%.0f", $2 / 1024}' "/proc/${pid[$1]}/status"; }
reset_peak() { echo 5 >"/proc/${pid[$1]}/clear_refs"; }

median() { sort -n | awk '{v[NR] = $1} END{print v[int((NR + 1) / 2)]}'; }
