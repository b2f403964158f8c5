# TLS and HTTP/2 for compare.sh, which sources this: h2load's traffic in the words of summary.lua.
#
#   https  /hello over TLS, by HTTP/1.1
#   h2     /hello over TLS, by HTTP/2
#   h2c    the same without TLS, with prior knowledge
#
# Servers of the first two have TLS only, so these are measured without others.

HTTP2_STREAMS=32

is_http2() { is_one_of "$1" h2c h2; }

wants_http2() { wants h2c || wants h2; }

wants_tls() { wants https || wants h2; }

check_wire() {
    local scenario
    ! wants_http2 || only=${only:-netpoll,tomcat-nio} # the others do not have it, or not by this property
    ! wants https || only=${only:-netpoll,tomcat-nio,tomcat-virtual,jetty-virtual,webflux}
    ! wants_http2 || command -v h2load >/dev/null || die "h2load is not installed (apt install nghttp2-client)"
    wants_tls || return 0
    for scenario in ${scenarios//,/ }; do
        is_one_of "$scenario" https h2 || die "https and h2 are measured without $scenario: their servers have TLS and nothing else"
    done
    scheme=https
}

# What a server of Spring Boot's is started with.
wire_arguments() {
    ! wants_http2 || echo --server.http2.enabled=true
    [[ $scheme == http ]] || printf '%s\n' "--server.ssl.key-store=$work/keys.p12" --server.ssl.key-store-password=benchmark
}

make_keys() {
    [[ $scheme == http ]] || "$JDK/bin/keytool" -genkeypair -keyalg EC -groupname secp256r1 -validity 2 -dname CN=localhost \
        -storetype PKCS12 -keystore "$work/keys.p12" -storepass benchmark >"$work/keytool.log" 2>&1
}

# Requests, duration in microseconds, p50, p99, failed: the times are those of h2load's own log.
load_http2() { # seconds connections url
    local threads=$((CORES < 4 ? CORES : 4))
    ((threads > $2)) && threads=$2
    rm -f "$work/h2load.times"
    timeout $(($1 + 30)) h2load -t "$threads" -c "$2" -m "$HTTP2_STREAMS" -D "$1" --log-file="$work/h2load.times" "$3" \
        >"$work/h2load.txt" 2>&1 || { cat "$work/h2load.txt" && return 1; }
    cut -f3 "$work/h2load.times" | sort -n >"$work/h2load.sorted"
    awk -v seconds="$1" -v n="$(wc -l <"$work/h2load.sorted")" '
        FNR == NR { if (FNR == int(n / 2) + 1) p50 = $1; if (FNR == int(n * 0.99) + 1) p99 = $1; next }
        /^requests:/ { done = $6 + 0; failed = $10 + $12 + $14 }
        END { printf "RESULT %d %d %d %d %d\n", done, seconds * 1e6, p50, p99, failed }' \
        "$work/h2load.sorted" "$work/h2load.txt"
}
