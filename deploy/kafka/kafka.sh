#!/usr/bin/env bash
# A real Apache Kafka on loopback, for tests: no container, only a JDK (17 or newer) and Maven. One node, or with
# KAFKA_NODES=3 a cluster of three, each broker and controller.
#
#   kafka.sh start [dir [n]]   fetch the jars if need be, format dir if it is new, start, wait until it answers
#   kafka.sh stop  [dir [n]]   stop it; the data stays in dir
#   kafka.sh kill  dir [n]     the same with SIGKILL
#   kafka.sh env               what the test suites read:  eval "$(deploy/kafka/kafka.sh env)"
#
# n is a node's number, from 1; without one, all nodes are meant. dir is deploy/kafka/run unless given. Ports: KAFKA_PORT
# (19092) for clients, KAFKA_CONTROLLER_PORT (19093; of three nodes 19095); node n has those plus n - 1.
# Heap of each: KAFKA_HEAP (512m).
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
port=${KAFKA_PORT:-19092}
nodes=${KAFKA_NODES:-1}
controller_port=${KAFKA_CONTROLLER_PORT:-$((19092 + nodes))}
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

# of NODE sets home, client and control: where that node lives and listens. A single node lives in dir itself.
of() {
  home=$dir client=$((port + $1 - 1)) control=$((controller_port + $1 - 1))
  ((nodes == 1)) || home=$dir/$1
}

# quorum lists the controllers as id@host:port, or without ids.
quorum() {
  local n list=
  for ((n = 1; n <= nodes; n++)); do
    list+=,${1:+$n@}127.0.0.1:$((controller_port + n - 1))
  done
  echo "${list:1}"
}

properties() {
  # A topic of three copies of which two must have a record: one node may die.
  local copies=$nodes least=$((nodes > 2 ? 2 : 1))
  # A cluster's controllers are named in the file; a single one is where the log was formatted.
  local controllers="controller.quorum.bootstrap.servers=$(quorum)"
  ((nodes == 1)) || controllers="controller.quorum.voters=$(quorum ids)"
  cat <<END
process.roles=broker,controller
node.id=$1
$controllers
listeners=PLAINTEXT://127.0.0.1:$client,CONTROLLER://127.0.0.1:$control
advertised.listeners=PLAINTEXT://127.0.0.1:$client,CONTROLLER://127.0.0.1:$control
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs=$home/logs
default.replication.factor=$copies
min.insync.replicas=$least
offsets.topic.replication.factor=$copies
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=$copies
transaction.state.log.min.isr=$least
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=$copies
share.coordinator.state.topic.min.isr=$least
# Tests should not wait for members that never come, nor long for those that died.
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
group.consumer.session.timeout.ms=6000
group.consumer.min.session.timeout.ms=6000
group.consumer.heartbeat.interval.ms=1000
group.consumer.min.heartbeat.interval.ms=1000
# How long a killed broker still leads. 9000 is Kafka's default.
broker.session.timeout.ms=$((nodes > 1 ? 6000 : 9000))
auto.create.topics.enable=false
log.segment.bytes=67108864
log.cleaner.dedupe.buffer.size=16777216
num.network.threads=2
num.io.threads=4
END
}

# format NODE CLUSTER makes a node's directory if it is new.
format() {
  local home client control standalone=--standalone
  of "$1"
  mkdir -p "$home"
  properties "$1" >"$home/server.properties"
  [[ ! -f $home/logs/meta.properties ]] || return 0
  ((nodes == 1)) || standalone=
  java -cp "$here/libs/*" kafka.tools.StorageTool format --cluster-id "$2" $standalone \
    --config "$home/server.properties" >"$home/format.out" 2>&1 ||
    { cat "$home/format.out" >&2; die "formatting failed"; }
}

# launch NODE starts a node's process and does not wait for it.
launch() {
  local home client control
  of "$1"
  answers "$client" && die "port $client is taken by another program; set KAFKA_PORT"
  answers "$control" && die "port $control is taken by another program; set KAFKA_CONTROLLER_PORT"
  # In a session of its own, so that the terminal's ^C does not reach it.
  setsid java -Xms256m -Xmx"$heap" -XX:+UseG1GC -XX:MaxGCPauseMillis=20 -XX:MaxDirectMemorySize=128m \
    -Djava.awt.headless=true -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -Dorg.slf4j.simpleLogger.showDateTime=true \
    -cp "$here/libs/*" kafka.Kafka "$home/server.properties" >"$home/out" 2>&1 </dev/null &
  echo $! >"$home/pid"
}

# ready NODE BEGAN waits until a node answers, and says how long that took since BEGAN.
ready() {
  local home client control pid waited=0
  of "$1"
  pid=$(<"$home/pid")
  # The port opens only once the broker is registered with its controller and unfenced.
  until answers "$client"; do
    kill -0 "$pid" 2>/dev/null || { tail -20 "$home/out" >&2; die "Kafka ended at start"; }
    ((waited++ < start_seconds * 5)) || { tail -20 "$home/out" >&2; die "no answer within $start_seconds s"; }
    sleep 0.2
  done
  echo "started in $((SECONDS - $2)) s, pid $pid, 127.0.0.1:$client"
}

# start NODE… formats those that are new, side by side: a JVM each.
start() {
  local began=$SECONDS n id= pid home client control
  local -a fresh=() formatting=() launched=()
  command -v java >/dev/null || die "needs a JDK, 17 or newer (Debian: apt-get install default-jdk-headless)"
  jars
  for n in "$@"; do
    of "$n"
    if alive "$home"; then
      echo "already running, pid $(<"$home/pid"), 127.0.0.1:$client"
      continue
    fi
    launched+=("$n")
    [[ -f $home/logs/meta.properties ]] || fresh+=("$n")
  done
  ((${#fresh[@]} == 0)) || id=$(cluster_id)
  for n in "${launched[@]}"; do
    format "$n" "$id" &
    formatting+=($!)
  done
  for pid in "${formatting[@]}"; do wait "$pid" || exit 1; done
  for n in "${launched[@]}"; do launch "$n"; done
  for n in "${launched[@]}"; do ready "$n" "$began"; done
}

# cluster_id is that of a node which has one, or a new one.
cluster_id() {
  cat "$dir"/logs/meta.properties "$dir"/*/logs/meta.properties 2>/dev/null | sed -n 's/^cluster.id=//p' | head -1 | grep . ||
    java -cp "$here/libs/*" kafka.tools.StorageTool random-uuid 2>/dev/null
}

# end SIGNAL NODE… sends the signal and waits until the processes are gone. Of a cluster that is stopped, the last node has
# no quorum to say goodbye to and would wait for minutes: it is killed, which its log bears.
end() {
  local signal=$1 n pid waited=0 home client control patience=$stop_seconds
  local -a ending=()
  shift
  (($# == 1)) || patience=5
  for n in "$@"; do
    of "$n"
    if alive "$home"; then
      kill -"$signal" "$(<"$home/pid")"
      ending+=("$n")
    else
      rm -f "$home/pid"
      echo "not running"
    fi
  done
  for n in "${ending[@]}"; do
    of "$n"
    pid=$(<"$home/pid")
    while alive "$home"; do
      if ((waited++ >= patience * 5)); then
        kill -9 "$pid"
        (($# > 1)) || die "pid $pid had to be killed after $patience s"
      fi
      sleep 0.2
    done
    rm -f "$home/pid"
    echo "stopped"
  done
}

dir=${2:-$here/run}
case ${1:-} in
start | stop | kill)
  [[ $nodes == 1 || $nodes == 3 ]] || die "KAFKA_NODES is $nodes, must be 1 or 3"
  mkdir -p "$dir"
  dir=$(cd "$dir" && pwd)
  which=(${3:-$(seq "$nodes")})
  ((which[0] >= 1 && which[0] <= nodes)) || die "node ${which[0]}: there are $nodes (KAFKA_NODES)"
  case $1 in
  start) start "${which[@]}" ;;
  stop) end TERM "${which[@]}" ;;
  kill) end KILL "${which[@]}" ;;
  esac
  ;;
env)
  seeds=127.0.0.1:$port
  for ((n = 1; n < nodes; n++)); do seeds+=,127.0.0.1:$((port + n)); done
  echo "export NETSU_TEST_BROKERS=$seeds NETSU_TEST_REQUIRE_KAFKA=1"
  ;;
*)
  sed -n '2,14s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
  exit 2
  ;;
esac
