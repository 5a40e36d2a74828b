//! Three brokers that are one cluster; clients reach each through a proxy.

use std::sync::{Arc, Mutex};
use std::thread;

use anyhow::Context;
use e2e::broker::{Broker, Node, free_ports};

use super::plan::BROKERS;
use super::proxy::Proxy;

/// Sixteen bytes in base64, as Kafka wants the id of a cluster.
const CLUSTER_ID: &str = "dHJpYnVuYWwtY2FtcGFpZw";
const HEAP_MIB: u32 = 320;

/// A broker that several tasks may want to stop, one at a time.
pub(super) type Shared = Arc<Mutex<Broker>>;

/// Ports of one broker.
#[derive(Clone, Copy)]
struct Ports {
    /// Behind the proxy.
    clients: u16,
    /// For the other brokers, without a proxy.
    internal: u16,
    controller: u16,
}

/// Starts them side by side: none is up before most of them are.
pub(super) async fn start() -> anyhow::Result<(Vec<Shared>, Vec<Proxy>)> {
    let ports = free_ports::<{ 3 * BROKERS }>()?;
    let ports: Vec<Ports> = ports
        .chunks(3)
        .map(|of_one| Ports {
            clients: of_one[0],
            internal: of_one[1],
            controller: of_one[2],
        })
        .collect();
    let mut proxies = Vec::new();
    for ports in &ports {
        proxies.push(Proxy::open(ports.clients).await?);
    }
    let nodes: Vec<Node> = (0..BROKERS)
        .map(|index| node(index, &ports, proxies[index].port()))
        .collect();
    let started = tokio::task::spawn_blocking(move || start_all(&nodes)).await?;
    let brokers = started.context("failed to start the brokers")?;
    Ok((brokers, proxies))
}

fn start_all(nodes: &[Node]) -> anyhow::Result<Vec<Shared>> {
    thread::scope(|scope| {
        let starting: Vec<_> = nodes
            .iter()
            .map(|node| scope.spawn(|| Broker::start_node(node)))
            .collect();
        let started = starting.into_iter().map(|start| {
            let started = start.join();
            let broker = started.map_err(|_| anyhow::anyhow!("a broker's thread panicked"))??;
            Ok(Arc::new(Mutex::new(broker)))
        });
        started.collect()
    })
}

fn node(index: usize, all: &[Ports], advertised: u16) -> Node {
    let ports = all[index];
    let voters = (1..).zip(all);
    let voters = voters.map(|(id, ports)| format!("{id}@127.0.0.1:{}", ports.controller));
    let voters = voters.collect::<Vec<_>>().join(",");
    let Ports {
        clients,
        internal,
        controller,
    } = ports;
    let id = index + 1;
    Node {
        cluster_id: Some(CLUSTER_ID.to_owned()),
        heap_mib: HEAP_MIB,
        settings: format!(
            "\
node.id={id}
controller.quorum.voters={voters}
listeners=PLAINTEXT://127.0.0.1:{clients},INTERNAL://127.0.0.1:{internal},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{advertised},INTERNAL://127.0.0.1:{internal}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=INTERNAL
default.replication.factor=3
min.insync.replicas=2
offsets.topic.replication.factor=3
transaction.state.log.replication.factor=3
transaction.state.log.min.isr=2
share.coordinator.state.topic.replication.factor=3
share.coordinator.state.topic.min.isr=2
# A busy host must not look like a dead broker, and a dead one must not hold up writes for half a minute.
broker.session.timeout.ms=6000
replica.lag.time.max.ms=10000
"
        ),
        ..Node::alone(clients, controller)
    }
}
