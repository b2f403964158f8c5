#!/usr/bin/env bash
# Runs the connector's contract and what the starter makes of it with another Spring Boot, and so with another Tomcat
# and another OpenTelemetry.
# Two tests of the contract are skipped on Tomcats whose own connector fails them.
set -euo pipefail

usage="usage: tools/compatibility.sh SPRING_BOOT_VERSION [TOMCAT_VERSION]"
boot=${1:?$usage}
tomcat=${2:-}

cd "$(dirname "$0")/.."

tests='NetpollContractTest,NetpollTlsContractTest,ContextValveTest,ContextValveTlsTest,ProxyProtocolTest'
tests+=',OnTheEngineTest,FallbackTest,HttpsTest,NetpollEndpointTest,ObservationModeTest,ObservationDifferentialTest'

exec ./mvnw -pl starter-autoconfigure -am test \
  -Dspring-boot.version="$boot" ${tomcat:+-Dtomcat.version="$tomcat"} \
  -Dtest="$tests" -Dsurefire.failIfNoSpecifiedTests=false
