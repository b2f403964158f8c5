#!/usr/bin/env bash
# Shows with curl what becomes of a request's work when the request is over, on the sample's order service.
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PATIENCE=60 # seconds, for whatever has to come

usage() {
    cat <<EOF
usage: ./demo.sh [URL]

Without a URL it starts the sample's jar on a free port, with the database that is inside, and ends it
afterwards. The jar comes from:

    ./mvnw -pl sample-service -am -DskipTests package

With a URL it uses the sample that runs there. Ends with 0 if everything was as announced.
EOF
}

die() {
    printf 'demo.sh: %s\n' "$*" >&2
    exit 1
}

title() { printf '\n== %s\n' "$*"; }

# Shows a curl command and what came: the status, and the body if there is one.
ask() {
    printf '$ curl'
    printf ' %q' "$@"
    printf '\n'
    local code=0
    curl --silent --show-error --write-out ' [%{http_code}]' "$@" >"$work/answer" 2>"$work/error" || code=$?
    if ((code == 28)); then
        printf '  (curl leaves: %s)\n' "$(sed 's/^curl: ([0-9]*) //' "$work/error")"
    else
        printf '  %s%s\n' "$(cat "$work/error")" "$(cat "$work/answer")"
    fi
}

expect() {
    grep -q -- "$1" "$work/answer" || die "expected $1, not: $(cat "$work/answer" "$work/error")"
}

quietly() { curl --silent --fail --max-time 10 "$url$1"; }

# The number behind a key of a JSON answer, 0 if it is not there; "path key [object]", the object its key is in.
number() {
    local json
    json=$(quietly "$1" | tr -d '\n ')
    if (($# == 3)); then json=${json#*"\"$3\":{"}; fi
    if [[ $json =~ \"$2\":([0-9]+) ]]; then echo "${BASH_REMATCH[1]}"; else echo 0; fi
}

reports() { quietly /orders/report/running; }

await() { # what it means, expected, command…
    local what=$1 expected=$2 found=
    shift 2
    for ((i = 0; i < PATIENCE * 10; i++)); do
        found=$("$@" || true)
        if [[ $found == "$expected" ]]; then
            printf '  the server says: %s: %s\n' "$what" "$found"
            return
        fi
        sleep 0.1
    done
    die "$what: expected $expected, is $found"
}

# The first java that is 25 or newer: JAVA_HOME's, the path's, or an installed one.
find_java() {
    local java version
    for java in ${JAVA_HOME:+"$JAVA_HOME/bin/java"} java /usr/lib/jvm/*/bin/java; do
        version=$("$java" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p') || continue
        if ((${version:-0} >= 25)); then
            echo "$java"
            return
        fi
    done
    return 1
}

start_sample() {
    local jar java
    jar=$(ls "$HERE"/sample-service/target/sample-service-*.jar 2>/dev/null | head -n 1)
    [[ -n $jar ]] || die "there is no jar yet: ./mvnw -pl sample-service -am -DskipTests package"
    java=$(find_java) || die "no JDK 25 found: set JAVA_HOME to one"
    printf 'starting %s\n' "$(basename "$jar")"
    "$java" -jar "$jar" --server.port=0 >"$work/log" 2>&1 &
    sample=$!
    local port=
    for ((i = 0; i < PATIENCE * 20; i++)); do
        kill -0 "$sample" 2>/dev/null || die "the sample ended: $(tail -n 20 "$work/log")"
        port=$(sed -n 's/.*Tomcat started on port \([0-9]*\).*/\1/p' "$work/log" | head -n 1)
        if [[ -n $port ]] && grep -q 'Started SampleApplication' "$work/log"; then break; fi
        sleep 0.1
    done
    [[ -n $port ]] || die "the sample did not start: $(tail -n 20 "$work/log")"
    url=http://localhost:$port
}

end_sample() {
    if [[ -n $sample ]]; then
        kill "$sample" 2>/dev/null || true
        wait "$sample" 2>/dev/null || true
    fi
    rm -rf "$work"
}

client_leaves() {
    title "A client leaves: its query ends in the database"
    local before
    before=$(number /actuator/netpoll client-disconnected ended)
    ask --max-time 5 "$url/orders/report?seconds=60"
    await "reports the database is working on" 0 reports
    await "requests that ended because the client left" $((before + 1)) \
        number /actuator/netpoll client-disconnected ended
}

deadline() {
    title "A deadline passes: 503, and its query ends in the database"
    ask -H 'x-request-timeout-ms: 500' "$url/orders/report?seconds=60"
    expect '\[503\]'
    expect 'deadline exceeded'
    await "reports the database is working on" 0 reports
}

hard_deadline() {
    title "A handler that ignores every signal: its client is answered all the same"
    ask -H 'x-request-timeout-ms: 500' "$url/spin?ms=10000"
    expect '\[503\]'
    await "work that goes on although its request is over" 1 number /actuator/netpoll count overdue
    # The innermost frame of the sample's own: above it there may be one of the clock it looks at.
    quietly /actuator/netpoll | tr -d '\n' | grep -o '"stack":\[[^]]*' |
        grep -o '"dev\.netpoll\.sample\.[^"]*' | sed -n '1s/"/  it is at /p'
    await "work that goes on, when the handler is through" 0 number /actuator/netpoll count overdue
}

downstream() {
    title "A service downstream hangs: the deadline ends the calls to it"
    ask -H 'x-request-timeout-ms: 500' "$url/orders/$order/prices?delayMs=60000"
    expect '\[503\]'
    expect 'deadline exceeded'
    ask "$url/orders/$order/prices"
    expect '\[200\]'
}

detached() {
    title "A task stops with its request, a detached one goes on"
    local stopped archived
    stopped=$(number /orders/notifications stopped)
    archived=$(number /orders/notifications archived)
    ask --max-time 4 -X POST "$url/orders/$order/reminders?seconds=10"
    await "reminders that stopped with their client" $((stopped + 1)) number /orders/notifications stopped
    await "reminders filed by the detached task" $((archived + 1)) number /orders/notifications archived
}

case ${1:-} in
    --help | -h) usage && exit 0 ;;
    -*) die "unknown option $1; --help says more" ;;
esac
(($# <= 1)) || die "wants one URL at most; --help says more"
command -v curl >/dev/null || die "curl is not installed"

work=$(mktemp -d)
sample=
trap end_sample EXIT
if (($# == 1)); then url=${1%/}; else start_sample; fi
printf 'the sample is at %s\n' "$url"

title "An order"
ask -H 'Content-Type: application/json' -d '{"customer":"Ada","items":["tea","milk","bread"]}' "$url/orders"
expect '\[201\]'
order=$(sed -n 's/.*"id":\([0-9]*\).*/\1/p' "$work/answer")

client_leaves
deadline
hard_deadline
downstream
detached

title "Everything was as announced"
