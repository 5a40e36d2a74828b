//! A Kafka that lets nobody in without credentials, and nobody do what no ACL allows.
//!
//! One listener takes SCRAM within TLS, one takes client certificates. Users and certificates are made
//! for the test; the settings of each are a properties file, as an operator would write it.

use std::fs;
use std::path::{Path, PathBuf};

use kafka::ClientConfig;

use crate::broker::{Broker, Node, free_ports};
use crate::certificates::Certificates;

/// Who may do everything.
pub const ADMINISTRATOR: &str = "administrator";
/// Roles that prove who they are by a password.
pub const BY_PASSWORD: [&str; 5] = [
    "producer",
    "gateway",
    "evaluator",
    "results-sink",
    "operator",
];
/// The role that proves it by a certificate.
pub const BY_CERTIFICATE: &str = "analytics";

/// The broker, and everybody's settings.
#[derive(Debug)]
pub struct Secured {
    /// Who is let in by password is served here.
    pub broker: Broker,
    mutual_port: u16,
    folder: PathBuf,
    certificates: Certificates,
}

impl Secured {
    /// Makes certificates, users and settings in a folder, and starts the broker.
    pub fn start(folder: &Path) -> anyhow::Result<Self> {
        let certificates = Certificates::make(folder)?;
        for name in ["broker", BY_CERTIFICATE] {
            certificates.sign(name)?;
        }
        let [port, mutual_port, controller_port] = free_ports()?;
        let chain = fs::read_to_string(certificates.key("broker"))?
            + &fs::read_to_string(certificates.certificate("broker"))?;
        let keystore = folder.join("broker.keystore.pem");
        fs::write(&keystore, chain)?;
        let settings = server_settings(
            [port, mutual_port, controller_port],
            &keystore,
            &certificates.authority(),
        );
        let users = BY_PASSWORD.into_iter().chain([ADMINISTRATOR]);
        let add = |user| {
            let password = password(user);
            let user = format!("SCRAM-SHA-256=[name={user},password={password}]");
            ["--add-scram".to_owned(), user]
        };
        let users = users.flat_map(add);
        Ok(Self {
            broker: Broker::start_node(&Node {
                settings,
                format_arguments: users.collect(),
                ..Node::alone(port, controller_port)
            })?,
            mutual_port,
            folder: folder.to_owned(),
            certificates,
        })
    }

    /// The settings of a user, in the order that librdkafka reads them.
    #[must_use]
    pub fn settings(&self, user: &str) -> Vec<(String, String)> {
        let authority = self.certificates.authority();
        let pairs = if user == BY_CERTIFICATE {
            let certificate = self.certificates.certificate(user);
            let key = self.certificates.key(user);
            vec![
                ("security.protocol", "ssl".to_owned()),
                ("ssl.certificate.location", text(&certificate)),
                ("ssl.key.location", text(&key)),
                // Flags name the other listener.
                (
                    "bootstrap.servers",
                    format!("127.0.0.1:{}", self.mutual_port),
                ),
            ]
        } else {
            vec![
                ("security.protocol", "sasl_ssl".to_owned()),
                ("sasl.mechanism", "SCRAM-SHA-256".to_owned()),
                ("sasl.username", user.to_owned()),
                ("sasl.password", password(user)),
            ]
        };
        let owned = pairs.into_iter();
        let owned = owned.chain([("ssl.ca.location", text(&authority))]);
        owned
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }

    /// A client with a user's credentials.
    #[must_use]
    pub fn client(&self, user: &str) -> ClientConfig {
        let mut client = ClientConfig::new(self.broker.bootstrap_servers(), user);
        client.properties.extend(self.settings(user));
        client
    }

    /// A properties file with them.
    pub fn properties_file(&self, user: &str) -> anyhow::Result<String> {
        let file = self.folder.join(format!("{user}.properties"));
        let lines = self.settings(user).into_iter();
        let lines: Vec<String> = lines
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        fs::write(&file, lines.join("\n"))?;
        Ok(text(&file))
    }
}

/// A user's password: nothing else in the world looks like it, so that a leak is found by searching.
#[must_use]
pub fn password(user: &str) -> String {
    format!("Xyzzy-{user}-7f3a9c")
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn server_settings(
    [port, mutual_port, controller_port]: [u16; 3],
    keystore: &Path,
    authority: &Path,
) -> String {
    let (keystore, authority) = (keystore.display(), authority.display());
    let password = password(ADMINISTRATOR);
    let scram = "org.apache.kafka.common.security.scram.ScramLoginModule required";
    format!(
        "\
listeners=PASSWORD://127.0.0.1:{port},MUTUAL://127.0.0.1:{mutual_port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PASSWORD://127.0.0.1:{port},MUTUAL://127.0.0.1:{mutual_port}
listener.security.protocol.map=PASSWORD:SASL_SSL,MUTUAL:SSL,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PASSWORD
sasl.enabled.mechanisms=SCRAM-SHA-256
sasl.mechanism.inter.broker.protocol=SCRAM-SHA-256
listener.name.password.scram-sha-256.sasl.jaas.config={scram} username=\"{ADMINISTRATOR}\" password=\"{password}\";
ssl.keystore.type=PEM
ssl.keystore.location={keystore}
ssl.truststore.type=PEM
ssl.truststore.location={authority}
listener.name.mutual.ssl.client.auth=required
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
# The broker is the anonymous one: it speaks to its own controller without credentials, on a listener that no client is told of.
super.users=User:{ADMINISTRATOR};User:ANONYMOUS
"
    )
}
