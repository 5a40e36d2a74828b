//! How every client of ours reaches the cluster.

use std::collections::BTreeMap;

/// Where the cluster is, who we are, and what the operator overrides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientConfig {
    /// `host:port` list, separated by commas.
    pub bootstrap_servers: String,
    /// Name shown in the broker's logs and quotas.
    pub client_id: String,
    /// Raw librdkafka settings; they win over ours.
    pub properties: BTreeMap<String, String>,
}
