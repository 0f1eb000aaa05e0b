#!/usr/bin/env bash
# A real, single-node Apache Kafka on loopback, for tests: no container, only a JDK (17 or newer) and Maven.
#
#   kafka.sh start [dir]   fetch the jars if need be, format dir if it is new, start, wait until it answers
#   kafka.sh stop  [dir]   stop it; the data stays in dir
#   kafka.sh env           what the test suites read:  eval "$(deploy/kafka/kafka.sh env)"
#
# dir is deploy/kafka/run unless given. Ports: KAFKA_PORT (19092) for clients, KAFKA_CONTROLLER_PORT (19093).
# Heap: KAFKA_HEAP (512m).
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
port=${KAFKA_PORT:-19092}
controller_port=${KAFKA_CONTROLLER_PORT:-19093}
heap=${KAFKA_HEAP:-512m}
start_seconds=120 # 3 on an idle machine, 34 on one with a load of 20
stop_seconds=30

die() { echo "kafka.sh: $*" >&2; exit 1; }

# alive DIR: is the process that DIR/pid names still ours? A pid may have been given to someone else since.
alive() {
  [[ -s $1/pid ]] && tr '\0' ' ' 2>/dev/null <"/proc/$(<"$1/pid")/cmdline" | grep -qF "kafka.Kafka $1/server.properties"
}

answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

jars() {
  # Jars of an older pom.xml must not stay on the class path: the mark holds the checksum of the one they came from.
  local sum
  sum=$(sha256sum <"$here/pom.xml")
  [[ -f $here/libs/.pom && $(<"$here/libs/.pom") == "$sum" ]] && return
  command -v mvn >/dev/null || die "needs Maven (Debian: apt-get install maven)"
  rm -rf "$here/libs"
  mvn -q -B -Dstyle.color=never -f "$here/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
    -DincludeScope=runtime -DoutputDirectory="$here/libs" >&2
  echo "$sum" >"$here/libs/.pom"
}

properties() {
  cat <<END
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:$controller_port
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller_port
advertised.listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller_port
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs=$1/logs
# One node, so one replica of everything.
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
# Tests should not wait for members that never come, nor long for those that died.
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
group.consumer.session.timeout.ms=6000
group.consumer.min.session.timeout.ms=6000
group.consumer.heartbeat.interval.ms=1000
group.consumer.min.heartbeat.interval.ms=1000
auto.create.topics.enable=false
log.segment.bytes=67108864
log.cleaner.dedupe.buffer.size=16777216
num.network.threads=2
num.io.threads=4
END
}

start() {
  local dir=$1 began=$SECONDS
  command -v java >/dev/null || die "needs a JDK, 17 or newer (Debian: apt-get install default-jdk-headless)"
  if alive "$dir"; then
    echo "already running, pid $(<"$dir/pid"), 127.0.0.1:$port"
    return
  fi
  answers "$port" && die "port $port is taken by another program; set KAFKA_PORT"
  answers "$controller_port" && die "port $controller_port is taken by another program; set KAFKA_CONTROLLER_PORT"
  jars
  properties "$dir" >"$dir/server.properties"
  if [[ ! -f $dir/logs/meta.properties ]]; then
    local id
    id=$(java -cp "$here/libs/*" kafka.tools.StorageTool random-uuid 2>/dev/null)
    java -cp "$here/libs/*" kafka.tools.StorageTool format --cluster-id "$id" --standalone \
      --config "$dir/server.properties" >"$dir/format.out" 2>&1 ||
      { cat "$dir/format.out" >&2; die "formatting failed"; }
  fi
  # In a session of its own, so that the terminal's ^C does not reach it.
  setsid java -Xms256m -Xmx"$heap" -XX:+UseG1GC -XX:MaxGCPauseMillis=20 -XX:MaxDirectMemorySize=128m \
    -Djava.awt.headless=true -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -Dorg.slf4j.simpleLogger.showDateTime=true \
    -cp "$here/libs/*" kafka.Kafka "$dir/server.properties" >"$dir/out" 2>&1 </dev/null &
  echo $! >"$dir/pid"
  local pid=$! waited=0
  # The port opens only once the broker is registered with its controller and unfenced.
  until answers "$port"; do
    kill -0 "$pid" 2>/dev/null || { tail -20 "$dir/out" >&2; die "Kafka ended at start"; }
    ((waited++ < start_seconds * 5)) || { tail -20 "$dir/out" >&2; die "no answer within $start_seconds s"; }
    sleep 0.2
  done
  echo "started in $((SECONDS - began)) s, pid $pid, 127.0.0.1:$port"
}

stop() {
  local dir=$1 pid waited=0
  if ! alive "$dir"; then
    rm -f "$dir/pid"
    echo "not running"
    return
  fi
  pid=$(<"$dir/pid")
  kill "$pid"
  while alive "$dir"; do
    ((waited++ < stop_seconds * 5)) || { kill -9 "$pid"; die "pid $pid had to be killed after $stop_seconds s"; }
    sleep 0.2
  done
  rm -f "$dir/pid"
  echo "stopped"
}

dir=${2:-$here/run}
case ${1:-} in
start | stop)
  mkdir -p "$dir"
  "$1" "$(cd "$dir" && pwd)"
  ;;
env) echo "export NETSU_TEST_BROKERS=127.0.0.1:$port NETSU_TEST_REQUIRE_KAFKA=1" ;;
*)
  sed -n '2,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
  exit 2
  ;;
esac
