# Usage: supervise.sh JARS HEAP_MIB CLUSTER_ID PORT CONTROLLER_PORT SETTINGS [ARGUMENT…]. Without a cluster id it gets one of its
# own. SETTINGS are lines for server.properties that win over those below; the arguments go to the formatting of the log folder.
# Commands come in on standard input, one word a line: start, halt, freeze, thaw. Each is answered by one line: ok, or what
# went wrong. The end of the input ends it all.
jars=$1 heap_mib=$2 cluster_id=$3 port=$4 controller_port=$5 settings=$6
shift 6
folder=$(mktemp -d /tmp/tribunal-kafka.XXXXXX) || exit 1
broker=
trap '' INT TERM

# A small heap and a simple compiler: a test's broker lives for seconds.
kafka() {
    local main=$1
    shift
    exec java -Djava.io.tmpdir="$folder" -XX:-UsePerfData -Xmx${heap_mib}m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dlog4j2.level=INFO -cp "$jars/*" "$main" "$@" </dev/null
}

halt() {
    [ -z "$broker" ] || { kill -KILL "$broker" && wait "$broker"; } 2>/dev/null
    broker=
}

freeze() { kill -STOP "$broker"; }

thaw() { kill -CONT "$broker"; }

start() {
    (kafka kafka.Kafka "$folder/server.properties" >"$folder/broker.log" 2>&1) &
    broker=$!
    for _ in $(seq 600); do
        grep -qs 'Kafka Server started' "$folder/broker.log" && return 0
        kill -0 "$broker" 2>/dev/null || break
        sleep 0.1
    done
    return 1
}

cat >"$folder/server.properties" <<PROPERTIES
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$controller_port
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller_port
advertised.listeners=PLAINTEXT://127.0.0.1:$port
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=$folder/log
# One node holds the only copy.
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
# A typing error in a topic's name must not make a topic.
auto.create.topics.enable=false
# A broker that was killed may register again soon, rather than after nine seconds.
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500
# The first member of a group would wait three seconds for others.
group.initial.rebalance.delay.ms=0
# What members of the classic protocol ask for, and those of the new one (KIP-848) are told: a killed one is missed after seconds.
group.consumer.min.session.timeout.ms=6000
group.consumer.session.timeout.ms=6000
group.consumer.min.heartbeat.interval.ms=500
group.consumer.heartbeat.interval.ms=500
$settings
PROPERTIES

[ -n "$cluster_id" ] || cluster_id=$( (kafka kafka.tools.StorageTool random-uuid) 2>/dev/null | tail -n 1)
if (kafka kafka.tools.StorageTool format -t "$cluster_id" "$@" -c "$folder/server.properties") >"$folder/format.log" 2>&1; then
    echo ok
else
    echo "format failed: $(tail -n 1 "$folder/format.log")"
fi

while read -r command; do
    if "$command"; then echo ok; else echo "$command failed: $(tail -n 1 "$folder/broker.log")"; fi
done

halt
rm -rf "$folder"
