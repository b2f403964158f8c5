#!/usr/bin/env bash
# Runs the same answers on several servers of one machine, in interleaved rounds, and writes a table.
# See README.md beside this file for what is measured and how to read it.
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(dirname "$HERE")

ALL_PEERS=(netpoll tomcat-nio tomcat-virtual jetty-virtual webflux go engine c-epoll)
# Only when asked for: not another server, but this one with more on, or less.
MORE_PEERS=(netpoll-no-contexts observed observed-nio observed-virtual observed-webflux)
ALL_SCENARIOS=(hello json order catalogue sleep active open db queries downstream idle inflight startup)
# Only when asked for: over TLS, or by h2load.
MORE_SCENARIOS=(https h2c h2)

rounds=3
starts=1
duration=10
warmup=20
connections=64
sleep_connections=2000
active_connections=10000
open_percent=70
open_rate=0
http2_connections=10
scheme=http
idle_connections=10000
inflight_connections=2000
inflight_ms=20000
settle=3
quiet=0
quiet_bound=60
heap=1g
base_port=18100
only=
scenarios=$(IFS=,; echo "${ALL_SCENARIOS[*]}")
results=$HERE/results
build=yes
serve=no
checking=yes
variants=()

# shellcheck source=compare/behind.sh
source "$HERE/compare/behind.sh"
# shellcheck source=compare/open.sh
source "$HERE/compare/open.sh"
# shellcheck source=compare/startup.sh
source "$HERE/compare/startup.sh"
# shellcheck source=compare/wire.sh
source "$HERE/compare/wire.sh"

usage() {
    cat <<EOF
Compares this project's starter with other servers on this machine.

usage: benchmarks/compare.sh [options]

  --rounds N               rounds, every server once in each            ($rounds)
  --starts N               times that all servers are started anew, with that many rounds
                           each: a JVM's compilers do not always choose alike ($starts)
  --duration SECONDS       of one measured window                       ($duration)
  --warmup SECONDS         of load before the first window, for each
                           server and scenario                          ($warmup)
  --connections N          for all that have no number of their own     ($connections)
  --sleep-connections N    for sleep                                    ($sleep_connections)
  --active-connections N   for active                                   ($active_connections)
  --open-percent N         for open: of what hello's closed loop does   ($open_percent)
  --open-rate N            for open: requests per second of every server alike,
                           instead                                      (by percent)
  --idle-connections N     for idle                                     ($idle_connections)
  --inflight N             requests in flight for inflight              ($inflight_connections)
  --only PEER,PEER         of: ${ALL_PEERS[*]}
                           and: ${MORE_PEERS[*]}
  --http2-connections N    for h2c and h2, of $HTTP2_STREAMS streams each        ($http2_connections)
  --scenarios A,B          of: ${ALL_SCENARIOS[*]}
                           and: ${MORE_SCENARIOS[*]}
  --variant 'NAME=PEER --property=value ...'
                           one more server: PEER's, started with these arguments;
                           may be given several times
  --quiet PERCENT          before each window wait until the machine is less busy
                           than this, $quiet_bound s at most; 0 does not wait  ($quiet)
  --postgres DIR           PostgreSQL's programs for db and queries, or 'embedded' to
                           have Maven fetch them                        (the installed ones)
  --serve                  measure nothing: start the servers and what stands behind them,
                           say where they are, and wait for Ctrl-C
  --heap SIZE              -Xms and -Xmx of every JVM                   ($heap)
  --base-port PORT         the first server's, the others' follow       ($base_port)
  --results DIR            where the tables go                          (benchmarks/results)
  --no-build               take the jars that an earlier run built
  --help

Needs Linux, curl, wrk and a JDK 25; go, its pgx, cc and PostgreSQL are used where they are installed.
EOF
}

say() { printf '%s\n' "$*" >&2; }

die() {
    say "compare.sh: $*"
    exit 1
}

number() { [[ $2 =~ ^[1-9][0-9]*$ ]] || die "$1 needs a positive number, not '$2'"; }

parse_options() {
    while (($#)); do
        case $1 in
            --help | -h) usage && exit 0 ;;
            --no-build) build=no && shift && continue ;;
            --serve) serve=yes && shift && continue ;;
        esac
        (($# > 1)) || die "$1 needs a value; --help lists the options"
        case $1 in
            --rounds) number "$1" "$2" && rounds=$2 ;;
            --starts) number "$1" "$2" && starts=$2 ;;
            --duration) number "$1" "$2" && duration=$2 ;;
            --warmup) number "$1" "$2" && warmup=$2 ;;
            --connections) number "$1" "$2" && connections=$2 ;;
            --sleep-connections) number "$1" "$2" && sleep_connections=$2 ;;
            --active-connections) number "$1" "$2" && active_connections=$2 ;;
            --open-percent) number "$1" "$2" && open_percent=$2 ;;
            --open-rate) number "$1" "$2" && open_rate=$2 ;;
            --idle-connections) number "$1" "$2" && idle_connections=$2 ;;
            --inflight) number "$1" "$2" && inflight_connections=$2 ;;
            --base-port) number "$1" "$2" && base_port=$2 ;;
            --quiet) number "$1" "$2" && quiet=$2 ;;
            --only) only=$2 ;;
            --scenarios) scenarios=$2 ;;
            --http2-connections) http2_connections=$2 ;;
            --variant) variants+=("$2") ;;
            --heap) heap=$2 ;;
            --postgres) postgres=$2 ;;
            --results) results=$2 ;;
            *) die "unknown option $1; --help lists the options" ;;
        esac
        shift 2
    done
}

is_one_of() {
    local wanted=$1 one
    shift
    for one in "$@"; do [[ $one == "$wanted" ]] && return 0; done
    return 1
}

# --- which servers ------------------------------------------------------------------------------

peers=()                 # names, in the order of a round
declare -A kind=()       # name -> which of ALL_PEERS it is started as
declare -A extra=()      # name -> arguments beyond its kind's
declare -A port=() pid=()
sink= sink_port=         # where traces go, once somebody sends some
notes=()

choose_peers() {
    local wanted name
    IFS=, read -ra wanted <<<"${only:-$(IFS=,; echo "${ALL_PEERS[*]}")}"
    for name in "${wanted[@]}"; do
        is_one_of "$name" "${ALL_PEERS[@]}" "${MORE_PEERS[@]}" ||
            die "no server '$name'; there are: ${ALL_PEERS[*]} ${MORE_PEERS[*]}"
        if compiler_is_here "$name"; then
            add_peer "$name" "$name" ""
        elif [[ -n $only ]]; then
            die "$name was asked for, but its compiler is not installed"
        else
            notes+=("\`$name\` was left out: its compiler is not installed.")
        fi
    done
    local variant rest
    for variant in "${variants[@]}"; do
        [[ $variant == *=* ]] || die "--variant wants 'NAME=PEER --property=value', not '$variant'"
        name=${variant%%=*} rest=${variant#*=}
        is_one_of "${rest%% *}" "${ALL_PEERS[@]}" "${MORE_PEERS[@]}" || die "--variant of an unknown server: '$rest'"
        add_peer "$name" "${rest%% *}" "$([[ $rest == *' '* ]] && echo "${rest#* }" || true)"
        notes+=("\`$name\` is \`$rest\`.")
    done
}

add_peer() {
    is_one_of "$1" "${peers[@]}" && die "server '$1' was given twice"
    peers+=("$1")
    kind[$1]=$2
    extra[$1]=$3
    port[$1]=$((base_port + ${#peers[@]}))
}

compiler_is_here() {
    case $1 in
        go) command -v go >/dev/null ;;
        c-epoll) command -v cc >/dev/null ;;
        *) true ;;
    esac
}

# Whether it is to run on this project's connector.
is_ours() { [[ ${kind[$1]} == netpoll* || ${kind[$1]} == observed ]]; }

is_jvm() { [[ ${kind[$1]} != go && ${kind[$1]} != c-epoll ]]; }

module_of() {
    case $1 in
        observed-webflux) echo observed-webflux ;;
        observed*) echo observed ;;
        tomcat-*) echo tomcat ;;
        jetty-*) echo jetty ;;
        netpoll-*) echo netpoll ;;
        *) echo "$1" ;;
    esac
}

# --- what is needed -----------------------------------------------------------------------------

check_tools() {
    [[ $(uname -s) == Linux ]] || die "this reads /proc and compares epoll servers: it needs Linux"
    command -v curl >/dev/null || die "curl is not installed (apt install curl)"
    command -v wrk >/dev/null || die "wrk, the load generator, is not installed (apt install wrk)"
    local asked one
    IFS=, read -ra asked <<<"$scenarios"
    for one in "${asked[@]}"; do
        is_one_of "$one" "${ALL_SCENARIOS[@]}" "${MORE_SCENARIOS[@]}" ||
            die "no scenario '$one'; there are: ${ALL_SCENARIOS[*]} ${MORE_SCENARIOS[*]}"
    done
    check_wire
    find_jdk
}

find_jdk() {
    local home version
    for home in "${JAVA_HOME:-}" "$(dirname "$(dirname "$(readlink -f "$(command -v java || echo /)")")")" \
        /usr/lib/jvm/* "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/*; do
        [[ -x $home/bin/jcmd && -r $home/release ]] || continue
        version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$home/release")
        if ((${version:-0} >= 25)); then
            JDK=$home
            return
        fi
    done
    die "no JDK 25 or newer found; install one or point JAVA_HOME at it"
}

raise_descriptor_limit() {
    local hard need=$((idle_connections + 1000))
    ((active_connections <= idle_connections)) || need=$((active_connections + 1000))
    hard=$(ulimit -Hn)
    [[ $hard == unlimited ]] && hard=1048576
    ulimit -n $((hard < 1048576 ? hard : 1048576))
    if { wants idle || wants active; } && ((hard < need)); then
        die "so many connections need $need file descriptors, and the limit is $hard (ulimit -Hn)"
    fi
}

wants() { is_one_of "$1" ${scenarios//,/ }; }

wants_database() { wants db || wants queries; }

# --- building -----------------------------------------------------------------------------------

build_peers() {
    local name module modules=()
    mkdir -p "$work"
    for name in "${peers[@]}"; do
        is_jvm "$name" || continue
        module=benchmarks/peers/$(module_of "${kind[$name]}")
        is_one_of "$module" "${modules[@]}" || modules+=("$module")
    done
    if [[ $build == yes && ${#modules[@]} -gt 0 ]]; then
        say "building $(IFS=' '; echo "${modules[*]##*/}")"
        (cd "$ROOT" && "$(command -v mvn || echo ./mvnw)" -B -q -Pcompare -Dmaven.test.skip=true \
            -pl "$(IFS=,; echo "${modules[*]}")" -am package) >"$work/build.log" 2>&1 ||
            { tail -30 "$work/build.log" >&2 && die "the build failed, see above"; }
    fi
    make_keys
    # Copies: a build beside a long run must not pull the jars away under the servers.
    for module in "${modules[@]}"; do
        [[ -r $ROOT/$module/target/server.jar ]] || die "$module is not built; run without --no-build"
        cp "$ROOT/$module/target/server.jar" "$work/${module##*/}.jar"
    done
    cc -O2 -o "$work/c-epoll" "$HERE/peers/c-epoll/server.c" 2>"$work/cc.log" || true
    ! wants open || build_open_loop
    if command -v go >/dev/null; then
        build_go 2>"$work/go.log" || true
    fi
}

# With Debian's pgx, or without a database.
build_go() (
    cd "$HERE/peers/go"
    if has_pgx; then
        GO111MODULE=off GOPATH=$GO_LIBRARIES go build -tags pgx -o "$work/go" .
    else
        go build -o "$work/go" .
    fi
)

has_pgx() { [[ -d $GO_LIBRARIES/src/github.com/jackc/pgx/v4 ]]; }

# --- servers ------------------------------------------------------------------------------------

GO_LIBRARIES=/usr/share/gocode
JVM_FLAGS=()

set_jvm_flags() { JVM_FLAGS=("-Xms$heap" "-Xmx$heap" -XX:+AlwaysPreTouch); }

start_server() {
    local name=$1 arguments=("--server.port=${port[$1]}")
    port_is_free "${port[$name]}"
    case ${kind[$name]} in
        c-epoll) "$work/c-epoll" "${port[$name]}" >"$work/$name.log" 2>&1 & ;;
        go)
            arguments=("${port[$name]}" "" "${downstream:+http://127.0.0.1:$downstream_port}")
            [[ -z $database ]] || ! has_pgx ||
                arguments[1]="postgres://bench@127.0.0.1:$database_port/postgres?sslmode=disable"
            "$work/go" "${arguments[@]}" >"$work/$name.log" 2>&1 &
            ;;
        *)
            case ${kind[$name]} in
                tomcat-virtual | jetty-virtual | observed-virtual) arguments+=(--spring.threads.virtual.enabled=true) ;;&
                observed-nio | observed-virtual) arguments+=(--netpoll.enabled=false) ;;
                netpoll-no-contexts) arguments+=(--netpoll.context.enabled=false) ;;
            esac
            # shellcheck disable=SC2207  # words without spaces
            arguments+=($(wire_arguments))
            [[ -z $database ]] || arguments+=(--spring.datasource.username=bench
                "--spring.datasource.url=jdbc:postgresql://127.0.0.1:$database_port/postgres")
            [[ -z $downstream ]] || arguments+=("--downstream.url=http://127.0.0.1:$downstream_port")
            if [[ ${kind[$name]} == observed* ]]; then
                start_sink
                arguments+=(--management.tracing.sampling.probability=0.1
                    --management.otlp.metrics.export.enabled=false
                    --management.logging.export.otlp.enabled=false
                    --management.endpoints.web.exposure.include=netpoll,health,prometheus
                    "--management.opentelemetry.tracing.export.otlp.endpoint=http://127.0.0.1:$sink_port/v1/traces")
            fi
            [[ ${kind[$name]} == engine ]] && arguments=("${port[$name]}")
            # shellcheck disable=SC2206  # a variant's arguments are words
            arguments+=(${extra[$name]})
            "$JDK/bin/java" "${JVM_FLAGS[@]}" -jar "$work/$(module_of "${kind[$name]}").jar" \
                "${arguments[@]}" >"$work/$name.log" 2>&1 &
            ;;
    esac
    pid[$name]=$!
    await_server "$name"
}

# Where the traces of observed servers go.
start_sink() {
    [[ -z $sink ]] || return 0
    sink_port=$((base_port + 90))
    port_is_free "$sink_port"
    "$JDK/bin/java" -Xmx64m "$HERE/compare/OtlpSink.java" "$sink_port" >"$work/sink.log" 2>&1 &
    sink=$!
    await_answer "http://127.0.0.1:$sink_port/v1/traces" && return
    cat "$work/sink.log" >&2
    die "the sink for traces does not answer on port $sink_port"
}

port_is_free() {
    ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null ||
        die "something else listens on port $1; choose another --base-port"
}

await_answer() { # url
    local i
    for ((i = 0; i < 100; i++)); do
        curl -sk -o /dev/null --max-time 2 "$1" && return
        sleep 0.2
    done
    return 1
}

await_server() {
    local name=$1 i
    for ((i = 0; i < 3000; i++)); do
        kill -0 "${pid[$name]}" 2>/dev/null || { tail -20 "$work/$name.log" >&2 && die "$name did not start"; }
        if curl -sk -o /dev/null --max-time 2 "$scheme://127.0.0.1:${port[$name]}/hello"; then
            [[ $checking == no ]] || check_answers "$name"
            return
        fi
        sleep "$([[ $checking == no ]] && echo 0.02 || echo 0.2)"
    done
    die "$name does not answer on port ${port[$name]}"
}

# A server that answers something else is not compared.
check_answers() {
    expect "$1" /hello 'Hello, World!'
    expect "$1" /json '{"message":"Hello, World!"}'
    if takes_part "$1" sleep; then expect "$1" '/sleep?ms=1' slept; fi
    if takes_part "$1" order; then check_orders "$1"; fi
    if wants_database && takes_part "$1" db; then
        expect "$1" '/db?id=7' '{"id":7,"name":"item 7","stock":49}'
        expect "$1" '/queries?n=2' '[{"id":*,"name":"item *","stock":*},{"id":*,"name":"item *","stock":*}]'
    fi
    if wants downstream && takes_part "$1" downstream; then
        expect "$1" /downstream '{"message":"Hello, World!"}'
    fi
}

expect() { # server path answer, where * is anything
    local answer pattern=${3//[/\\[}
    answer=$(curl -sk --max-time 10 "$scheme://127.0.0.1:${port[$1]}$2") || true
    # shellcheck disable=SC2053  # a pattern
    [[ $answer == ${pattern//]/\\]} ]] || die "$1 answers $2 with '$answer' instead of '$3'"
}

check_orders() {
    local order='{"customer":"Ada","mail":"ada@example.org","lines":[{"article":"nut","quantity":3}]}' answer
    local url=$scheme://127.0.0.1:${port[$1]}/order
    answer=$(curl -sk --max-time 10 -H 'Content-Type: application/json' -d "$order" "$url") || true
    [[ $answer == '{"customer":"Ada","articles":3}' ]] || die "$1 answers an order with '$answer'"
    answer=$(curl -sk --max-time 10 -o /dev/null -w '%{http_code}' -H 'Content-Type: application/json' \
        -d "${order/:3/:0}" "$url") || true
    [[ $answer == 400 ]] || die "$1 answers an order that is not valid with $answer instead of 400"
    expect "$1" /catalogue '[{"id":0,"name":"article 0","price":0,*}]'
}

stop_server() {
    local i
    kill "${pid[$1]}" 2>/dev/null || true
    for ((i = 0; i < 50; i++)); do
        kill -0 "${pid[$1]}" 2>/dev/null || break
        sleep 0.2
    done
    kill -9 "${pid[$1]}" 2>/dev/null || true
    wait "${pid[$1]}" 2>/dev/null || true
    unset "pid[$1]"
}

stop_servers() {
    local name
    [[ -z $sink ]] || kill "$sink" 2>/dev/null || true
    sink=
    for name in "${!pid[@]}"; do kill "${pid[$name]}" 2>/dev/null || true; done
    for name in "${!pid[@]}"; do stop_server "$name"; done
}

# --- measuring ----------------------------------------------------------------------------------

TICKS=$(getconf CLK_TCK)
CORES=$(nproc)

# User and system ticks of a process. What stands before the last ')' of stat is its name.
cpu_ticks() {
    local stat
    stat=$(<"/proc/$1/stat")
    # shellcheck disable=SC2086  # split into fields
    set -- ${stat##*) }
    echo "${12} ${13}"
}

# Ticks that all cores together were busy.
busy_ticks() {
    awk '/^cpu /{print $2 + $3 + $4 + $7 + $8 + $9; exit}' /proc/stat
}

# On a shared machine: waits for the others to finish what they do.
await_quiet() {
    local i busy
    ((quiet > 0)) || return 0
    for ((i = 0; i < quiet_bound; i++)); do
        busy=$(busy_ticks)
        sleep 1
        busy=$((($(busy_ticks) - busy) * 100 / (TICKS * CORES)))
        ((busy >= quiet)) || return 0
    done
    say "still $busy % busy after $quiet_bound s"
}

load() { # seconds connections url scenario
    if is_http2 "${4:-}"; then
        load_http2 "$1" "$2" "$3"
        return
    fi
    local threads=$((CORES < 4 ? CORES : 4))
    ((threads > $2)) && threads=$2
    timeout $(($1 + 30)) wrk -t "$threads" -c "$2" -d "${1}s" --timeout 10s \
        -s "$HERE/compare/summary.lua" "$3"
}

path_of() {
    case $1 in
        sleep) echo '/sleep?ms=50' ;;
        db) echo '/db?id=1' ;; # the first of many: summary.lua asks for another row each time
        queries) echo '/queries?n=20' ;;
        active | open | https | h2c | h2) echo /hello ;;
        *) echo "/$1" ;;
    esac
}

connections_of() {
    case $1 in
        sleep) echo "$sleep_connections" ;;
        active) echo "$active_connections" ;;
        h2c | h2) echo "$http2_connections" ;;
        *) echo "$connections" ;;
    esac
}

# The canned answers come at once: they take no part where a handler waits. WebFlux has no driver here:
# Boot's module for R2DBC does not resolve everywhere, and a blocking one would stop its loops.
takes_part() { # name scenario
    case ${kind[$1]}:$2 in
        c-epoll:hello | c-epoll:json | c-epoll:idle | engine:hello | engine:json | engine:idle) true ;;
        c-epoll:active | c-epoll:open | engine:active | engine:open) true ;;
        c-epoll:* | engine:* | *webflux:db | *webflux:queries) false ;;
        go:db | go:queries) has_pgx ;;
        go:https) false ;;
        netpoll*:h2* | tomcat*:h2* | observed:h2*) true ;;
        *:h2*) false ;;
        *) true ;;
    esac
}

note_absent() {
    local name
    wants_database || return 0
    for name in "${peers[@]}"; do
        case ${kind[$name]} in
            *webflux) notes+=("\`$name\` takes no part in db and queries: it has no R2DBC driver.") ;;
            go) has_pgx || notes+=("\`$name\` takes no part in db and queries: Debian's golang-github-jackc-pgx-v4-dev is not installed.") ;;
        esac
    done
}

warm_up() {
    local scenario=$1 name
    for name in "${peers[@]}"; do
        takes_part "$name" "$scenario" || continue
        is_jvm "$name" || ! is_one_of "$scenario" hello json active open || continue
        say "warming $name for $scenario, $warmup s"
        load "$warmup" "$(connections_of "$scenario")" "$scheme://127.0.0.1:${port[$name]}$(path_of "$scenario")" "$scenario" \
            >"$work/warmup.txt" 2>&1 || { cat "$work/warmup.txt" >&2 && die "warming $name failed"; }
    done
}

measure_throughput() { # scenario round name
    local scenario=$1 round=$2 name=$3 c before after busy behind started result wrk_cpu
    c=$(connections_of "$scenario")
    sleep 1
    await_quiet
    before=$(cpu_ticks "${pid[$name]}") busy=$(busy_ticks) behind=$(behind_ticks) started=$EPOCHREALTIME
    TIMEFORMAT='%U %S'
    { time load "$duration" "$c" "$scheme://127.0.0.1:${port[$name]}$(path_of "$scenario")" "$scenario" \
        >"$work/wrk.txt" 2>&1; } 2>"$work/time.txt" || true
    after=$(cpu_ticks "${pid[$name]}")
    wrk_cpu=$(tail -1 "$work/time.txt")
    result=$(sed -n 's/^RESULT //p' "$work/wrk.txt")
    [[ -n $result ]] || { cat "$work/wrk.txt" >&2 && die "wrk said nothing about $name"; }
    awk -v head="$scenario,$round,$name" -v c="$c" -v result="$result" -v before="$before" -v after="$after" \
        -v wrk="$wrk_cpu" -v hz="$TICKS" -v cores="$CORES" -v busy=$(($(busy_ticks) - busy - $(behind_ticks) + behind)) \
        -v started="$started" -v ended="$EPOCHREALTIME" 'BEGIN {
            split(result, r); split(before, b); split(after, a); split(wrk, w)
            user = (a[1] - b[1]) / hz; sys = (a[2] - b[2]) / hz
            elsewhere = (busy / hz - user - sys - w[1] - w[2]) / ((ended - started) * cores) * 100
            printf "%s,%.1f,%.3f,%.3f,%d,%d,%d,%.1f,%d,,,\n", head, r[1] / (r[2] / 1e6),
                user * 1e6 / r[1], sys * 1e6 / r[1], r[3], r[4], r[5],
                (elsewhere < 0 ? 0 : elsewhere), c
        }' | tee -a "$csv" | awk -F, '{
            printf "%-10s round %d  %-18s %9.0f requests/s  %6.1f us CPU  p99 %8.1f ms  failed %d\n",
                $1, $2, $3, $4, $5 + $6, $8 / 1000, $9 }' >&2
}

# Bytes that survive a full collection; the second look, since the first one empties weak references.
live_heap() {
    local i table
    is_jvm "$1" || { echo 0 && return; }
    for i in 1 2; do
        table=$("$JDK/bin/jcmd" "${pid[$1]}" GC.class_histogram 2>&1) || die "jcmd on $1: $table"
    done
    awk '/^Total/{print $3; found = 1} END{exit !found}' <<<"$table" || die "no total in $1's histogram"
}

rss() { awk '/^VmRSS/{print $2 * 1024}' "/proc/${pid[$1]}/status"; }

# What waits behind a server's default limit is no request in flight: Tomcat has 200 platform
# threads, and Jetty runs 200 virtual threads, its own few among them.
inflight_of() {
    local limit=$inflight_connections
    case ${kind[$1]} in
        tomcat-nio) limit=200 ;;
        jetty-virtual) limit=150 ;;
    esac
    echo $((inflight_connections < limit ? inflight_connections : limit))
}

# The line that the holder of the connections says next, or nothing after two minutes.
await_line() { # number
    local i
    for ((i = 0; i < 600; i++)); do
        sed -n "${1}p" "$work/hold.out" | grep . && return
        sleep 0.2
    done
    cat "$work/hold.err" >&2
    echo nothing
}

# On a fresh server: what an earlier load left in its pools would be missing from the figures.
measure_memory() { # scenario round name
    local scenario=$1 round=$2 name=$3 n path=/hello said holder hold
    local heap_before rss_before heap_held rss_held heap_after
    n=$idle_connections
    [[ $scenario == inflight ]] && n=$(inflight_of "$name") && path="/sleep?ms=$inflight_ms"
    stop_server "$name"
    start_server "$name"
    load 2 2 "$scheme://127.0.0.1:${port[$name]}/hello" >/dev/null 2>&1 || true
    heap_before=$(live_heap "$name")
    rss_before=$(rss "$name")
    rm -f "$work/hold.in"
    mkfifo "$work/hold.in"
    : >"$work/hold.out"
    timeout 300 "$JDK/bin/java" -Xmx512m "$HERE/compare/HoldConnections.java" \
        "$scenario" "${port[$name]}" "$n" "$path" <"$work/hold.in" >"$work/hold.out" 2>"$work/hold.err" &
    holder=$!
    exec {hold}>"$work/hold.in"
    said=$(await_line 1)
    [[ $said == READY ]] || die "could not hold $n connections to $name"
    sleep "$settle"
    heap_held=$(live_heap "$name")
    rss_held=$(rss "$name")
    exec {hold}>&-
    said=$(await_line 2)
    wait "$holder" || true
    was_held "$scenario" "$name" "$n" "$said" || return 0
    sleep "$settle"
    heap_after=$(live_heap "$name")
    awk -v head="$scenario,$round,$name" -v n="$n" -v jvm="$(is_jvm "$name" && echo 1 || echo 0)" \
        -v held=$((heap_held - heap_before)) -v kept=$((heap_after - heap_before)) \
        -v rss=$((rss_held - rss_before)) 'BEGIN {
            heap = jvm ? sprintf("%.0f,%.0f", held / n, kept / n) : ","
            printf "%s,,,,,,,,%d,%s,%.0f\n", head, n, heap, rss / n
        }' | tee -a "$csv" | awk -F, '{
            printf "%-10s round %d  %-18s %9s bytes of live heap, %s of RSS for each of %d\n",
                $1, $2, $3, ($12 == "" ? "-" : $12), $14, $11 }' >&2
}

# A figure counts only if every connection was there, and every handler waiting, while it was taken.
was_held() { # scenario name count said
    local word first total last what
    read -r word first total last <<<"$4"
    case $1:$word in
        idle:OPEN)
            what="\`$2\` had closed $(($3 - first)) of $3 idle connections"
            ((first == $3)) && return ;;
        inflight:ANSWERED)
            what="\`$2\` did not hold $3 requests in flight: $first answered early, $total in all, the last after $last ms"
            ((first == 0 && total == $3 && last < inflight_ms + 10000)) && return ;;
        *) what="\`$2\` lost the connections of $1" ;;
    esac
    say "$what"
    notes+=("$what; the figure was dropped.")
    return 1
}

run_scenario() { # scenario start
    local scenario=$1 first=$((($2 - 1) * rounds + 1)) round name
    case $scenario in
        idle | inflight | startup) (($2 == 1)) || return 0 ;; # on servers of their own
        *) warm_up "$scenario" ;;
    esac
    for ((round = first; round < first + rounds; round++)); do
        for name in "${peers[@]}"; do
            takes_part "$name" "$scenario" || continue
            case $scenario in
                idle | inflight) measure_memory "$scenario" "$round" "$name" ;;
                startup) measure_startup "$round" "$name" ;;
                open) measure_open "$round" "$name" ;;
                *) measure_throughput "$scenario" "$round" "$name" ;;
            esac
        done
    done
}

# What a server burns while nobody asks: it would be paid for by its neighbours' windows.
note_idle_cpu() {
    local name a b
    sleep 2
    for name in "${peers[@]}"; do a+="$name $(cpu_ticks "${pid[$name]}")"$'\n'; done
    sleep 3
    for name in "${peers[@]}"; do b+="$name $(cpu_ticks "${pid[$name]}")"$'\n'; done
    while read -r name a; do
        notes+=("\`$name\` used $a % of one core while idle.")
    done < <(paste -d' ' <(printf %s "$a") <(printf %s "$b") |
        awk -v hz="$TICKS" '{u = ($5 + $6 - $2 - $3) / hz / 3 * 100; if (u > 1) printf "%s %.1f\n", $1, u}')
}

note_logs() {
    local name line pattern
    for name in "${peers[@]}"; do
        is_jvm "$name" || continue
        line=$(grep -o 'ProtocolHandler \["[^"]*"\]' "$work/$name.log" | head -1 || true)
        if [[ -n $line ]]; then
            notes+=("\`$name\` ran on $line.")
        elif is_ours "$name"; then
            notes+=("**\`$name\` did not run on the netpoll connector**: its figures are another's.")
        fi
        # The JVM's own warnings count only where the manifest is to prevent them.
        pattern=' (WARN|ERROR) '
        is_ours "$name" && pattern+='|^WARNING'
        while read -r line; do
            notes+=("\`$name\` logged: $line")
        done < <(grep -E "$pattern" "$work/$name.log" | sed "s#$work/##g" | cut -c1-300 | sort -u | head -5)
    done
}

# --- the report ---------------------------------------------------------------------------------

processor() { sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1; }

# In nanoseconds, as a JVM pays for it.
cost_of_a_system_call() {
    "$JDK/bin/java" --enable-native-access=ALL-UNNAMED "$HERE/compare/SystemCall.java" 2>>"$work/report.log" || echo '?'
}

describe_machine() {
    local jar versions=
    for jar in "$work"/*.jar; do
        [[ -e $jar ]] || continue
        versions+=$("$JDK/bin/jar" tf "$jar" |
            sed -nE 's#BOOT-INF/lib/((spring-boot|spring-core|tomcat-embed-core|jetty-server|netty-transport|reactor-netty-http|HikariCP|postgresql)-[0-9][^/]*)\.jar#\1#p')$'\n'
    done
    cat <<EOF
- machine: $(processor), $CORES cores, $(awk '/^MemTotal/{printf "%.0f GB", $2 / 1048576}' /proc/meminfo)
- kernel: $(uname -sr); a system call (\`getppid\`) costs $system_call ns
- JDK: $(sed -n 's/^IMPLEMENTOR="\(.*\)"/\1/p' "$JDK/release") $(sed -n 's/^JAVA_RUNTIME_VERSION="\(.*\)"/\1/p' "$JDK/release"), \`${JVM_FLAGS[*]}\`, collector: $(collector)
- versions: $(sort -u <<<"$versions" | awk 'NF' | paste -sd, | sed 's/,/, /g')
- database: $([[ -n $database ]] && echo "$("$postgres/postgres" --version), $ITEMS rows, $POOL connections of each server" || echo none)
- go: $(go version 2>/dev/null | cut -d' ' -f3 || true); cc: $(cc --version 2>/dev/null | head -1 || true); wrk: $(wrk -v 2>&1 | sed -n 's/^wrk \([^ ]*\).*/\1/p')
- source: commit $(git -C "$ROOT" rev-parse --short HEAD 2>/dev/null || echo unknown)$([[ -z $(git -C "$ROOT" status --porcelain --untracked-files=no 2>/dev/null) ]] || echo ' with changes that are not committed')
- load: wrk on the same machine; $starts start(s) of all servers with $rounds interleaved round(s) each, of $duration s after $warmup s of warm-up; every server alive and idle while another is measured
EOF
}

collector() {
    local name
    for name in "${peers[@]}"; do
        is_jvm "$name" || continue
        "$JDK/bin/jcmd" "${pid[$name]}" VM.flags | grep -oE 'Use[A-Za-z0-9]+GC\b' | head -1
        return
    done
}

write_report() {
    local system_call
    system_call=$(cost_of_a_system_call)
    "$JDK/bin/java" "$HERE/compare/Picture.java" "$csv" "$(date -u +%Y-%m-%d), $(processor), $CORES cores, $(uname -sr | cut -d- -f1), a system call $system_call ns; $((rounds * starts)) rounds of $duration s, load on the same machine" \
        >"${csv%.csv}.svg"
    {
        echo "# Comparison of $(date -u '+%Y-%m-%d %H:%M') UTC"
        echo
        describe_machine
        echo
        "$JDK/bin/java" "$HERE/compare/Report.java" "$csv"
        if ((${#notes[@]})); then
            echo "## Notes"
            echo
            printf -- '- %s\n' "${notes[@]}"
        fi
    } >"${csv%.csv}.md"
    cat "${csv%.csv}.md"
    say
    say "written to ${csv%.csv}.md, .svg and .csv"
}

clean_up() {
    local code=$?
    trap - EXIT
    stop_servers
    stop_behind
    rm -f "$work"/*.jar "$work/go" "$work/c-epoll" "$work/open-loop"
    ((code == 0)) || say "logs are in $work"
    exit "$code"
}

start_behind() {
    ! wants_database || start_database "${#peers[@]}"
    ! wants downstream || start_downstream
}

start_servers() {
    local name
    for name in "${peers[@]}"; do
        say "starting $name on port ${port[$name]}"
        start_server "$name"
    done
}

# For syscalls.sh, a profiler or curl.
serve() {
    local name
    start_servers
    for name in "${peers[@]}"; do echo "$name: process ${pid[$name]}, $scheme://127.0.0.1:${port[$name]}"; done
    [[ -z $database ]] || echo "database: process $database, jdbc:postgresql://127.0.0.1:$database_port/postgres?user=bench"
    [[ -z $downstream ]] || echo "downstream: process $downstream, http://127.0.0.1:$downstream_port"
    echo "Ctrl-C ends them"
    wait
}

main() {
    parse_options "$@"
    check_tools
    raise_descriptor_limit
    choose_peers
    set_jvm_flags
    local stamp scenario start
    stamp=$(date -u +%Y-%m-%d-%H%M%S)
    work=$HERE/.work/$stamp
    mkdir -p "$work" "$results"
    trap clean_up EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    build_peers
    note_absent
    start_behind
    if [[ $serve == yes ]]; then
        serve
        return
    fi
    csv=$results/$stamp.csv
    echo "scenario,round,server,requests_per_second,cpu_user_us,cpu_system_us,p50_us,p99_us,failed,busy_elsewhere_percent,connections,live_heap_bytes_each,kept_heap_bytes_each,rss_bytes_each" >"$csv"
    for ((start = 1; start <= starts; start++)); do
        ((start == 1)) || stop_servers
        start_servers
        for scenario in ${scenarios//,/ }; do run_scenario "$scenario" "$start"; done
    done
    note_idle_cpu
    note_logs
    write_report
}

main "$@"
