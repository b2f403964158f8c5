# The open loop of compare.sh: requests at a constant rate, whatever the server makes of them. Read by compare.sh;
# uses its say, die, load, port, pid and work.

declare -A capacity=() # name -> requests per second that a closed loop got out of it

build_open_loop() {
    command -v cc >/dev/null || die "the open loop needs a C compiler (apt install gcc)"
    cc -O2 -o "$work/open-loop" "$HERE/compare/open-loop.c" 2>"$work/open-loop.log" ||
        { cat "$work/open-loop.log" >&2 && die "the open loop does not compile"; }
}

# What is asked of it: one rate for all, or a share of what it can do itself.
rate_of() {
    if ((open_rate > 0)); then
        echo "$open_rate"
        return
    fi
    if [[ -z ${capacity[$1]:-} ]]; then
        load 5 "$connections" "http://127.0.0.1:${port[$1]}/hello" >"$work/wrk.txt" 2>&1 || true
        capacity[$1]=$(awk '/^RESULT /{printf "%d", $2 / ($3 / 1e6)}' "$work/wrk.txt")
        ((${capacity[$1]:-0} > 0)) || { cat "$work/wrk.txt" >&2 && die "wrk said nothing about $1"; }
    fi
    echo $((capacity[$1] * open_percent / 100))
}

measure_open() { # round name
    local round=$1 name=$2 rate before after busy behind result started
    rate=$(rate_of "$name")
    sleep 1
    await_quiet
    before=$(cpu_ticks "${pid[$name]}")
    result=$("$work/open-loop" "${port[$name]}" /hello "$connections" "$rate" "$duration" 2>"$work/open-loop.err") ||
        { cat "$work/open-loop.err" >&2 && die "the open loop failed at $name"; }
    after=$(cpu_ticks "${pid[$name]}")
    awk -v head="open,$round,$name" -v c="$connections" -v result="${result#RESULT }" -v before="$before" \
        -v after="$after" -v hz="$TICKS" -v rate="$rate" -v seconds="$duration" 'BEGIN {
            split(result, r); split(before, b); split(after, a); asked = rate * seconds
            printf "%s,%.1f,%.3f,%.3f,%d,%d,%d,,%d,,,\n", head, r[1] / (r[2] / 1e6),
                (a[1] - b[1]) / hz * 1e6 / asked, (a[2] - b[2]) / hz * 1e6 / asked, r[3], r[4], r[5], c
        }' | tee -a "$csv" | awk -F, -v rate="$rate" '{
            printf "%-10s round %d  %-18s %9.0f requests/s of %d  %6.1f us CPU  p50 %6.1f  p99 %8.1f ms  failed %d\n",
                $1, $2, $3, $4, rate, $5 + $6, $7 / 1000, $8 / 1000, $9 }' >&2
}
