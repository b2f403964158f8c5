#!/usr/bin/env bash
# Makes a release into a local folder, checks it as Maven Central would, and builds and starts the
# README's application from that folder alone.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
PATIENCE=120 # seconds, for the application to start

usage() {
    cat <<EOF
usage: tools/release-check.sh [--once] [MAVEN OPTION...]

Copies the checkout to target/release-check, gives it the version without -SNAPSHOT, and there

  1. runs ./mvnw -Prelease deploy into a folder, signed with a key that is thrown away afterwards;
  2. builds everything a second time and compares the jars' checksums (not with --once);
  3. checks poms, jars, sources, Javadoc, signatures, checksums and module descriptors of each artifact, and
     that the check refuses the folder when something of that is missing or wrong;
  4. compares what the starter alone brings into an application with what Spring Boot itself brings;
  5. writes an application of the README's code blocks, builds it with an empty local repository
     that has netpoll from that folder and nothing else, starts it by java -jar, calls its handlers, and asks
     /actuator/netpoll which engine it runs on.

Needs a JDK 25, gpg and curl. Nothing is published.
EOF
}

die() {
    printf 'release-check.sh: %s\n' "$*" >&2
    exit 1
}

title() { printf '\n== %s\n' "$*"; }

find_java_home() {
    local home
    for home in "${JAVA_HOME:-}" "$(dirname "$(dirname "$(readlink -f "$(command -v java || echo /)")")")" \
        /usr/lib/jvm/* "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/*; do
        [[ -x $home/bin/javac && -r $home/release ]] || continue
        if (($(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$home/release") >= 25)); then
            echo "$home"
            return
        fi
    done
    die "no JDK 25 or newer found; install one or point JAVA_HOME at it"
}

once=no
if [[ ${1:-} == --help || ${1:-} == -h ]]; then
    usage
    exit 0
elif [[ ${1:-} == --once ]]; then
    once=yes
    shift
fi
options=("$@")
for tool in gpg curl; do
    command -v "$tool" >/dev/null || die "$tool is not installed"
done
JAVA_HOME=$(find_java_home)
export JAVA_HOME

work=$ROOT/target/release-check
source=$work/source
repository=$work/repository
application=$work/application
GNUPGHOME=$(mktemp -d /tmp/gpg-XXXXXX) # short: the agent's socket stands in it
export GNUPGHOME
server=
at_end() {
    [[ -z $server ]] || kill "$server" 2>/dev/null || true
    gpgconf --kill all 2>/dev/null || true
    rm -rf "$GNUPGHOME"
}
trap at_end EXIT

# What is not published, and takes long to build, stays out.
maven() {
    (cd "$source" && ./mvnw -B -ntp -q -Prelease -DskipTests -pl '!sample-service,!benchmarks' "${options[@]}" "$@")
}

# Third-party artifacts come from the usual repositories into an empty local one. Netpoll's come from the folder; what
# does not is found by from_the_folder.
users_maven() {
    "$source/mvnw" -B -ntp -q "${options[@]}" -Dmaven.repo.local="$work/m2" -Dmaven.repo.local.tail="$repository" "$@"
}

from_the_folder() {
    local elsewhere
    elsewhere=$(find "$work/m2/dev/netpoll" \( -name '*.jar' -o -name '*.pom' \) 2>/dev/null || true)
    [[ -z $elsewhere ]] || die "not from the folder: $elsewhere"
}

# --- what is published --------------------------------------------------------------------------

copy_checkout() {
    rm -rf "$work"
    mkdir -p "$source"
    (cd "$ROOT" && git ls-files -z -co --exclude-standard |
        while IFS= read -r -d '' file; do [[ ! -e $file ]] || printf '%s\0' "$file"; done |
        tar -c --null --files-from=-) | tar -x -C "$source"
    version=$(sed -n '/<artifactId>netpoll-bom</{n;s/.*<version>\(.*\)<\/version>.*/\1/p;q}' "$source/netpoll-bom/pom.xml")
    version=${version%-SNAPSHOT}
    "$source/tools/set-version.sh" "$version"
}

build_twice() {
    title "A release of $version into ${repository#"$ROOT/"}"
    gpg --batch --quiet --passphrase '' --quick-generate-key 'netpoll release check <check@localhost>' rsa3072 sign 1d
    maven -DaltDeploymentRepository="check::file://$repository" deploy
    [[ $once == no ]] || return 0

    title "The same jars from a second build"
    checksums() { (cd "$source" && sha256sum ./*/target/netpoll-*.jar | sort -k 2); }
    checksums >"$work/first.sha256"
    maven -Dgpg.skip clean package
    checksums >"$work/second.sha256"
    diff "$work/first.sha256" "$work/second.sha256" || die "the jars above are not reproducible"
    echo "$(wc -l <"$work/first.sha256") jars are the same"
}

check() { "$JAVA_HOME/bin/java" "$ROOT/tools/CheckRelease.java" "$1" "$version"; }

# refused FAULT COMMAND...: after the command, in a copy of the folder, the check finds the fault.
refused() {
    local fault=$1 found
    shift
    rm -rf "$work/spoiled"
    cp -r "$repository" "$work/spoiled"
    (cd "$work/spoiled/dev/netpoll" && "$@")
    found=$(check "$work/spoiled" 2>&1) && die "accepted in spite of: $*"
    grep -qF -- "$fault" <<<"$found" || die "after $* it says not '$fault' but: $found"
    printf 'refused, "%s": %s\n' "$fault" "$(grep -m1 -F -- "$fault" <<<"$found" | sed "s|$work/spoiled/dev/netpoll/||")"
    rm -rf "$work/spoiled"
}

sums_again() {
    md5sum "$1" | cut -d' ' -f1 >"$1.md5"
    sha1sum "$1" | cut -d' ' -f1 >"$1.sha1"
}
other_bytes() { echo "later" >>"$1" && sums_again "$1"; }
without() { sed -i "/<$2>.*<\/$2>/d; /<$2>/,/<\/$2>/d" "$1" && sums_again "$1"; }
no_descriptor() {
    rm -rf "$work/jar"
    "$JAVA_HOME/bin/jar" --extract --file "$1" --dir "$work/jar"
    rm "$work/jar/module-info.class"
    "$JAVA_HOME/bin/jar" --create --file "$1" --manifest "$work/jar/META-INF/MANIFEST.MF" -C "$work/jar" .
}

check_folder() {
    title "What Maven Central demands"
    check "$repository"
    local engine=netpoll-engine/$version/netpoll-engine-$version bom=netpoll-bom/$version/netpoll-bom-$version
    local web=netpoll-web/$version/netpoll-web-$version
    refused "not signed" rm "$engine.jar.asc"
    refused "missing" rm "$engine-javadoc.jar"
    refused "missing" rm "$engine-sources.jar"
    refused "missing" rm "$web.pom"
    refused "published" rm -r netpoll-web
    refused "not to be published" cp "$engine.jar" "$engine-tests.jar"
    refused "the signature is not valid" other_bytes "$engine-sources.jar"
    refused "no sha1, or a wrong one" cp "$bom.pom.md5" "$bom.pom.sha1"
    refused "no licenses/license/name" without "$bom.pom" licenses
    refused "no scm/connection" without "$bom.pom" connection
    refused "no description" without "$web.pom" description
    refused "has no module descriptor" no_descriptor "$web.jar"
}

# --- an application from it ---------------------------------------------------------------------

# The README's code blocks in a language; each ends with a line of its own, \f.
readme_blocks() {
    awk -v fence="\`\`\`$1" '$0 == fence { inside = 1; next } /^```/ && inside { inside = 0; print "\f" } inside' \
        "$source/README.md"
}

# Those of them whose first line is $2.
readme_xml() { readme_blocks xml | awk -v RS='\f\n' -v ORS='' -v first="$1" 'index($0, first) == 1'; }

# A pom: $1 dependencies, $2 plugins.
pom() {
    cat <<EOF
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <parent>
    <groupId>org.springframework.boot</groupId>
    <artifactId>spring-boot-starter-parent</artifactId>
    <version>$boot</version>
  </parent>
  <groupId>com.example</groupId>
  <artifactId>demo</artifactId>
  <version>1</version>
  <properties>
    <java.version>25</java.version>
  </properties>
  <dependencies>
$1
  </dependencies>
  <build>
    <plugins>
$2
    </plugins>
  </build>
</project>
EOF
}

boot_dependency() {
    printf '<dependency><groupId>org.springframework.boot</groupId><artifactId>%s</artifactId></dependency>\n' "$1"
}

# What an application with the dependency $1 has on its classpath.
brings() {
    mkdir -p "$work/alone"
    pom "$1" "" >"$work/alone/pom.xml"
    users_maven -f "$work/alone" dependency:list -DincludeScope=runtime -DoutputFile="$work/alone/list"
    sed -n 's/^ *\([^: ]*:[^: ]*\):jar:.*/\1/p' "$work/alone/list" | sort
}

check_dependencies() {
    title "What the starter alone brings beside spring-boot-autoconfigure"
    brings "$dependency" >"$work/with.txt"
    brings "$(boot_dependency spring-boot-autoconfigure)" >"$work/without.txt"
    comm -23 "$work/with.txt" "$work/without.txt" | tee "$work/more.txt"
    grep -q '^dev.netpoll:netpoll-spring-boot-starter$' "$work/more.txt" || die "the starter is not among them"
    ! grep -v '^dev.netpoll:' "$work/more.txt" >"$work/surprise.txt" ||
        die "nobody asked for $(tr '\n' ' ' <"$work/surprise.txt")"
}

write_application() {
    mkdir -p "$application"/src/main/{java/com/example/demo,resources}
    cd "$application"
    pom "$(boot_dependency spring-boot-starter-webmvc)$(boot_dependency spring-boot-starter-actuator)$dependency" \
        "$manifest$(printf '<plugin><groupId>org.springframework.boot</groupId>%s</plugin>' \
            '<artifactId>spring-boot-maven-plugin</artifactId>')" >pom.xml
    # What every Boot application has.
    cat >src/main/java/com/example/demo/DemoApplication.java <<'EOF'
package com.example.demo;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

@SpringBootApplication
public class DemoApplication {

    public static void main(String[] args) {
        SpringApplication.run(DemoApplication.class, args);
    }
}
EOF
    local block
    while IFS= read -r -d $'\f' block; do
        local class
        class=$(sed -n 's/^\(public \)\?\(final \)\?\(class\|record\|interface\) \([A-Za-z]*\).*/\4/p' <<<"$block" | head -1)
        [[ -n $class ]] || die "a Java block of the README has no type: $block"
        printf 'package com.example.demo;\n\n%s' "$block" >"src/main/java/com/example/demo/$class.java"
        echo "$class.java"
    done < <(readme_blocks java)
    readme_blocks yaml | sed 's/^\f$/---/' >src/main/resources/application.yaml
}

start_application() {
    "$JAVA_HOME/bin/java" -jar target/demo-1.jar --server.port=0 \
        --management.endpoints.web.exposure.include=netpoll >"$work/application.log" 2>&1 &
    server=$!
    port=
    for ((i = 0; i < PATIENCE * 10; i++)); do
        port=$(sed -n 's/.*Tomcat started on port \([0-9]*\).*/\1/p' "$work/application.log")
        [[ -z $port ]] || return 0
        kill -0 "$server" 2>/dev/null || break
        sleep 0.1
    done
    cat "$work/application.log" >&2
    die "the application did not start"
}

ask_application() {
    local path report
    while IFS= read -r path; do
        printf '%s → ' "$path"
        curl -fsS "localhost:$port$path" || die "the README's $path fails"
        echo
    done < <(readme_blocks java | sed -n 's/.*@GetMapping("\([^"{]*\)").*/\1/p')
    report=$(curl -fsS "localhost:$port/actuator/netpoll")
    [[ $report =~ \"engine\":\"epoll\",\"carriers\":\"loop\" ]] || die "it does not run on the engine's loops: $report"
    echo "${BASH_REMATCH[0]}"
    grep -F 'Starting ProtocolHandler ["http-netpoll-' "$work/application.log" || die "Tomcat did not start netpoll's connector"
    ! grep -E '^WARNING| WARN | ERROR ' "$work/application.log" || die "it complained, see above"
}

copy_checkout
build_twice
check_folder
boot=$(sed -n 's/.*<spring-boot.version>\(.*\)<\/spring-boot.version>.*/\1/p' "$source/pom.xml")
dependency=$(readme_xml '<dependency>')
manifest=$(readme_xml '<plugin>')
[[ $dependency == *netpoll-spring-boot-starter* && $manifest == *Add-Opens* ]] ||
    die "the README shows no dependency or no manifest any more"
check_dependencies
title "The README's application, from that folder alone"
write_application
users_maven package
from_the_folder
start_application
ask_application
title "All is well: ${repository#"$ROOT/"} has what a release of $version would publish"
