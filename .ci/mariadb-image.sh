#!/usr/bin/env bash
# Gives the tests a MariaDB 10.11 image where no registry is reached: builds localhost/mariadb:10.11 from
# Debian's packages if it is not there. Idempotent; called by postgres-image.sh, which sees to the daemon.
# Everything goes to stderr.
set -euo pipefail
exec >&2

IMAGE=localhost/mariadb:10.11

# What `ldd` wants for mariadbd, a shell, and the tables that a new database begins with.
PACKAGES=(
  mariadb-server-core mariadb-client-core mariadb-common mysql-common busybox-static
  libaio1 libnuma1 liburing2 libpcre2-8-0 libssl3 libsystemd0 libcrypt1 libc6 libgcc-s1 libstdc++6
  zlib1g libzstd1 liblz4-1 liblzma5 libcap2 libgcrypt20 libgpg-error0 libtinfo6 libncurses6
)

say() { echo "mariadb-image: $*"; }

download() {
  (cd "$1" && apt-get download -qq -o APT::Sandbox::User=root "${PACKAGES[@]}")
}

# The script that makes a new database wants more of a system than the image has, so it runs here.
initialize() {
  local root=$1 libraries=$1/usr/lib/x86_64-linux-gnu:$1/lib/x86_64-linux-gnu
  mkdir -p "$root/var/lib/mysql"
  LD_LIBRARY_PATH=$libraries "$root/usr/bin/mariadb-install-db" --no-defaults --basedir="$root/usr" \
    --datadir="$root/var/lib/mysql" --user=root --skip-test-db \
    --auth-root-authentication-method=normal >/dev/null
}

furnish() {
  local root=$1 applet
  mkdir -p "$root"/{bin,etc,tmp,run/mysqld}
  chmod 1777 "$root/tmp"
  echo 'root:x:0:0:root:/root:/bin/sh' >"$root/etc/passwd"
  for applet in sh cat sleep ls ps kill; do
    [ -e "$root/bin/$applet" ] || ln -s busybox "$root/bin/$applet"
  done
  cat >"$root/entrypoint.sh" <<'ENTRYPOINT'
#!/bin/sh
# Honours MARIADB_DATABASE, MARIADB_USER and MARIADB_PASSWORD, as the official image does.
set -e
cat >/tmp/init.sql <<SQL
CREATE DATABASE IF NOT EXISTS \`${MARIADB_DATABASE:-test}\`;
CREATE USER IF NOT EXISTS '${MARIADB_USER:-test}'@'%' IDENTIFIED BY '${MARIADB_PASSWORD:-test}';
GRANT ALL ON *.* TO '${MARIADB_USER:-test}'@'%';
SQL
exec mariadbd --no-defaults --user=root --datadir=/var/lib/mysql --socket=/run/mysqld/mysqld.sock \
  --bind-address=0.0.0.0 --init-file=/tmp/init.sql --skip-name-resolve "$@"
ENTRYPOINT
  chmod 755 "$root/entrypoint.sh"
  rm -rf "$root"/usr/share/{doc,man,locale}
}

docker image inspect "$IMAGE" >/dev/null 2>&1 && exit 0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/debs" "$work/root"
chmod 755 "$work" "$work/debs"
say "building $IMAGE"
download "$work/debs" || { apt-get update -qq && download "$work/debs"; }
for deb in "$work"/debs/*.deb; do
  dpkg-deb -x "$deb" "$work/root"
done
initialize "$work/root"
furnish "$work/root"
tar -C "$work/root" -c . | docker import --change 'ENTRYPOINT ["/entrypoint.sh"]' --change 'EXPOSE 3306' \
  --change 'ENV PATH=/usr/sbin:/usr/bin:/sbin:/bin' - "$IMAGE" >/dev/null
say "built $IMAGE, $(docker image inspect --format '{{.Size}}' "$IMAGE") bytes"
