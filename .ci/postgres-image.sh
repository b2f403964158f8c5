#!/usr/bin/env bash
# Gives the tests a PostgreSQL 15 image where no registry is reached: starts dockerd if none runs, builds
# localhost/postgres:15 from Debian's packages if it is not there, and prints what the tests need in their
# environment; the MariaDB image that a few tests want is built beside it. Idempotent; takes about twenty
# seconds the first time and half a second afterwards.
#
#   eval "$(.ci/postgres-image.sh)"
#
# Everything that is not for eval goes to stderr. Fails when there is no Docker and none can be started.
set -euo pipefail

IMAGE=localhost/postgres:15
DOCKERD_LOG=${DOCKERD_LOG:-/tmp/dockerd.log}

# What `ldd` wants for postgres, initdb and psql, a shell, a way to drop root, and time zones.
PACKAGES=(
  postgresql-15 postgresql-client-15 libpq5 busybox-static gosu tzdata
  libc6 libc-bin libgcc-s1 libstdc++6 libcrypt1 zlib1g libzstd1 liblz4-1 liblzma5 libbz2-1.0
  libssl3 libxml2 libicu72 libpam0g libaudit1 libcap-ng0 libcap2 libselinux1 libpcre2-8-0 libsystemd0
  libgssapi-krb5-2 libkrb5-3 libk5crypto3 libkrb5support0 libcom-err2 libkeyutils1
  libldap-2.5-0 libsasl2-2 libgnutls30 libp11-kit0 libffi8 libidn2-0 libunistring2 libtasn1-6
  libnettle8 libhogweed6 libgmp10 libgcrypt20 libgpg-error0 libuuid1 libreadline8 libtinfo6
)

say() { echo "postgres-image: $*" >&2; }

die() {
  say "$*"
  exit 1
}

docker_answers() { docker info >/dev/null 2>&1; }

# A second daemon beside a running one ruins both, so one that is still coming up is waited for.
dockerd_runs() { [ -s /var/run/docker.pid ] && kill -0 "$(cat /var/run/docker.pid)" 2>/dev/null; }

start_docker() {
  if docker_answers; then return; fi
  if ! dockerd_runs; then
    command -v dockerd >/dev/null || die "Docker does not answer and there is no dockerd to start"
    [ "$(id -u)" = 0 ] || die "Docker does not answer and only root could start dockerd"
    say "starting dockerd (log: $DOCKERD_LOG)"
    setsid nohup dockerd >"$DOCKERD_LOG" 2>&1 </dev/null 9>&- &
  fi
  for _ in $(seq 1 120); do
    if docker_answers; then return; fi
    sleep 0.5
  done
  tail -n 20 "$DOCKERD_LOG" >&2 || true
  die "dockerd did not answer within 60 s"
}

download() {
  (cd "$1" && apt-get download -qq -o APT::Sandbox::User=root "${PACKAGES[@]}" >&2)
}

unpack() {
  local debs=$1 root=$2 deb
  for deb in "$debs"/*.deb; do
    dpkg-deb -x "$deb" "$root"
  done
  # The just-in-time compiler is half of the image, and its library is not here anyway.
  rm -rf "$root"/usr/lib/postgresql/15/lib/{bitcode,llvmjit*} "$root"/usr/share/{doc,man,locale,icons}
}

furnish() {
  local root=$1 applet
  mkdir -p "$root"/{bin,etc,tmp,run/postgresql,var/lib/postgresql,docker-entrypoint-initdb.d}
  chmod 1777 "$root/tmp"
  ln -sfn /run "$root/var/run"
  echo 'root:x:0:0:root:/root:/bin/sh
postgres:x:999:999::/var/lib/postgresql:/bin/sh' >"$root/etc/passwd"
  echo 'root:x:0:
postgres:x:999:' >"$root/etc/group"
  for applet in sh cat mkdir chown chmod ls ps kill sleep echo env id head grep; do
    [ -e "$root/bin/$applet" ] || ln -s busybox "$root/bin/$applet"
  done
  cat >"$root/initialize.sh" <<'INITIALIZE'
#!/bin/sh
# While the image is built: a database cluster that only lacks its user.
set -e
mkdir -p "$PGDATA"
chown -R 999:999 /var/lib/postgresql /run/postgresql
gosu postgres initdb -U postgres --auth-local=trust --auth-host=scram-sha-256 -E UTF8 --locale=C.UTF-8 --no-sync >/dev/null
echo "listen_addresses = '*'" >>"$PGDATA/postgresql.conf"
echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
INITIALIZE
  cat >"$root/entrypoint.sh" <<'ENTRYPOINT'
#!/bin/sh
# Honours POSTGRES_USER, POSTGRES_PASSWORD and POSTGRES_DB. Like the official image it starts a server that
# nobody can reach to set up, and then the real one: who waits for "ready to accept connections" counts two.
set -e
[ "$(id -u)" != 0 ] || exec gosu postgres "$0" "$@"
user=${POSTGRES_USER:-postgres}
db=${POSTGRES_DB:-$user}
password=${POSTGRES_PASSWORD:-postgres}
pg_ctl -w -o "-c listen_addresses='' -c fsync=off" start
sql() { psql -q -v ON_ERROR_STOP=1 -v user="$user" -v db="$db" -v password="$password" -U postgres -d postgres; }
[ "$user" = postgres ] || echo 'CREATE ROLE :"user" SUPERUSER LOGIN' | sql
echo "ALTER ROLE :\"user\" PASSWORD :'password'" | sql
[ "$db" = postgres ] || echo 'CREATE DATABASE :"db" OWNER :"user" STRATEGY file_copy' | sql
pg_ctl -w -m fast stop
exec "$@"
ENTRYPOINT
  chmod 755 "$root/entrypoint.sh" "$root/initialize.sh"
}

build_image() {
  if docker image inspect "$IMAGE" >/dev/null 2>&1; then return; fi
  local work
  work=$(mktemp -d)
  # shellcheck disable=SC2064
  trap "rm -rf '$work'" EXIT
  mkdir "$work/debs" "$work/root"
  chmod 755 "$work" "$work/debs"
  say "building $IMAGE"
  if ! download "$work/debs"; then
    say "refreshing the package lists and trying once more"
    apt-get update -qq >&2
    download "$work/debs"
  fi
  unpack "$work/debs" "$work/root"
  furnish "$work/root"
  chroot "$work/root" /usr/lib/postgresql/15/bin/postgres --version >&2 || die "a library is missing"
  local empty container
  empty=$(tar -C "$work/root" -c . | docker import \
    --change 'ENTRYPOINT ["/entrypoint.sh"]' --change 'CMD ["postgres"]' --change 'EXPOSE 5432' \
    --change 'ENV PATH=/usr/lib/postgresql/15/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
    --change 'ENV PGDATA=/var/lib/postgresql/data' --change 'ENV LANG=C.UTF-8' -)
  container=$(docker create --entrypoint /initialize.sh "$empty")
  docker start -a "$container" >&2
  docker commit --change 'ENTRYPOINT ["/entrypoint.sh"]' "$container" "$IMAGE" >/dev/null
  docker rm "$container" >/dev/null
  say "built $IMAGE, $(docker image inspect --format '{{.Size}}' "$IMAGE") bytes"
}

exec 9>"${TMPDIR:-/tmp}/netpoll-postgres-image.lock"
flock 9 # two runs at once would start two daemons
start_docker
build_image
"$(dirname "$0")/mariadb-image.sh" || say "there is no MariaDB image"

# Ryuk is an image too. Without the host, Testcontainers looks for the way to a daemon in a container of its
# own, and hangs.
echo 'export TESTCONTAINERS_RYUK_DISABLED=true'
echo 'export TESTCONTAINERS_HOST_OVERRIDE=localhost'
echo 'export TESTCONTAINERS_HUB_IMAGE_NAME_PREFIX=localhost/'
