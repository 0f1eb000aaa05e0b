#!/usr/bin/env bash
# A real Schema Registry on loopback, for tests: Apicurio's, which serves Confluent's API. No container, only a JRE (17 or
# newer) and curl.
#
#   registry.sh start [dir]   fetch and unpack it if need be, start, wait until it answers
#   registry.sh stop  [dir]   stop it; schemas were in memory and are gone
#   registry.sh env           what the test suites read:  eval "$(deploy/registry/registry.sh env)"
#
# dir is deploy/registry/run unless given. Port: REGISTRY_PORT (19081). Heap: REGISTRY_HEAP (256m).
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
port=${REGISTRY_PORT:-19081}
heap=${REGISTRY_HEAP:-256m}
api=http://127.0.0.1:$port/apis/ccompat/v7 # Confluent's, as of 7
# 3.3 wants Java 21, which Debian 12 does not have.
version=3.0.9
sha256=2b28181501a20cbf6efcd77f9b7153908fc01f3d3a7c32024c0bd9e1b04c8a43
artifact=io/apicurio/apicurio-registry-app/$version/apicurio-registry-app-$version-all.tar.gz
archive=$HOME/.m2/repository/$artifact # Maven itself cannot fetch it: its parent's pom is nowhere
runner=apicurio-registry-app-$version-runner.jar
start_seconds=120 # 5 on an idle machine
stop_seconds=30

die() { echo "registry.sh: $*" >&2; exit 1; }

# alive: is the process that dir/pid names still ours? A pid may have been given to someone else since.
alive() {
  [[ -s $dir/pid ]] && tr '\0' ' ' 2>/dev/null <"/proc/$(<"$dir/pid")/cmdline" | grep -qF -- "-Dnetsu.dir=$dir "
}

fetch() {
  [[ ! -f $archive ]] || return 0
  mkdir -p "$(dirname "$archive")"
  curl -fsSL --retry 3 -o "$archive.part.$$" "https://repo1.maven.org/maven2/$artifact" || die "fetching $artifact failed"
  mv "$archive.part.$$" "$archive"
}

jars() {
  # What another archive held must not stay: the mark holds the checksum of the one that was unpacked.
  [[ -f $here/libs/.sha256 && $(<"$here/libs/.sha256") == "$sha256" ]] && return
  fetch
  echo "$sha256  $archive" | sha256sum --check --status || die "$archive is not what it was: remove it"
  rm -rf "$here/libs"
  mkdir -p "$here/libs"
  tar -xzf "$archive" -C "$here/libs"
  echo "$sha256" >"$here/libs/.sha256"
}

answers() { curl -sf -o /dev/null --max-time 5 "$api/subjects"; }

start() {
  local began=$SECONDS pid waited=0
  command -v java >/dev/null || die "needs a JRE, 17 or newer (Debian: apt-get install default-jre-headless)"
  command -v curl >/dev/null || die "needs curl"
  if alive; then
    echo "already running, pid $(<"$dir/pid"), $api"
    return
  fi
  jars
  (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && die "port $port is taken by another program; set REGISTRY_PORT"
  # By itself it would listen on all addresses, and log each request. In a session of its own, so that the terminal's ^C does
  # not reach it.
  setsid java -Xms64m -Xmx"$heap" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Djava.awt.headless=true -Dnetsu.dir="$dir" \
    -Djava.io.tmpdir="$dir" -Dquarkus.http.host=127.0.0.1 -Dquarkus.http.port="$port" -Dquarkus.http.access-log.enabled=false \
    -jar "$here/libs/$runner" >"$dir/out" 2>&1 </dev/null &
  pid=$!
  echo "$pid" >"$dir/pid"
  until answers; do
    kill -0 "$pid" 2>/dev/null || { tail -20 "$dir/out" >&2; die "the registry ended at start"; }
    ((waited++ < start_seconds * 5)) || { tail -20 "$dir/out" >&2; die "no answer within $start_seconds s"; }
    sleep 0.2
  done
  echo "started in $((SECONDS - began)) s, pid $pid, $api"
}

stop() {
  local pid waited=0
  if ! alive; then
    rm -f "$dir/pid"
    echo "not running"
    return
  fi
  pid=$(<"$dir/pid")
  kill "$pid"
  while alive; do
    if ((waited++ >= stop_seconds * 5)); then
      kill -9 "$pid"
      die "pid $pid had to be killed after $stop_seconds s"
    fi
    sleep 0.2
  done
  rm -f "$dir/pid"
  echo "stopped"
}

dir=${2:-$here/run}
case ${1:-} in
start | stop)
  mkdir -p "$dir"
  dir=$(cd "$dir" && pwd)
  "$1"
  ;;
env)
  echo "export NETSU_TEST_REGISTRY=$api NETSU_TEST_REQUIRE_REGISTRY=1"
  ;;
*)
  sed -n '2,10s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
  exit 2
  ;;
esac
