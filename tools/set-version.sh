#!/usr/bin/env bash
# Sets the version of this project, in every pom and wherever the documentation shows it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [[ $# -ne 1 || $1 == -* ]]; then
    echo "usage: tools/set-version.sh VERSION     such as 0.1.0 or 0.2.0-SNAPSHOT" >&2
    exit 1
fi

current() { sed -n '/<artifactId>netpoll-bom</{n;s/.*<version>\(.*\)<\/version>.*/\1/p;q}' netpoll-bom/pom.xml; }

old=$(current)
# Not below target: what stands there is built, not written. Not within a longer number.
find . -name target -prune -o -name .git -prune -o \( -name pom.xml -o -name README.md -o -path './docs/*.md' \) -print0 |
    xargs -0 sed -i -E "s/(^|[^0-9.])${old//./\\.}([^0-9]|$)/\1$1\2/g"
# What makes jars reproducible: their entries all have the time of the release.
sed -i "s|\(<project.build.outputTimestamp>\)[^<]*|\1$(date -u +%Y-%m-%dT00:00:00Z)|" netpoll-bom/pom.xml
[[ $(current) == "$1" ]] || { echo "netpoll-bom/pom.xml still has $(current)" >&2; exit 1; }
echo "$old -> $1"
