//! Databases for tests: a private PostgreSQL server, and SQLite files.
//!
//! The server belongs to a shell that reads our pipe. Whatever way the test binary ends, the pipe
//! closes, and the shell stops the server and removes its folder: a `Drop` of a static would never run.

use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{LazyLock, Mutex, PoisonError};

use sqlx::{AssertSqlSafe, Connection, PgConnection};

const SUPERVISOR: &str = include_str!("testing/supervise.sh");

/// A PostgreSQL server of our own on a free port, in a temporary folder, not run by root.
#[derive(Debug)]
pub struct PostgresServer {
    port: u16,
    databases: AtomicU32,
    supervisor: Mutex<Supervisor>,
}

#[derive(Debug)]
struct Supervisor {
    child: Child,
    commands: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl PostgresServer {
    /// The one server of this test binary, started by the first test that asks for it.
    ///
    /// # Panics
    /// If PostgreSQL is not installed or does not start: a test that needs it must not pass
    /// without it.
    pub fn shared() -> &'static Self {
        static SERVER: LazyLock<PostgresServer> = LazyLock::new(|| {
            PostgresServer::start().unwrap_or_else(|error| panic!("PostgreSQL for tests: {error}"))
        });
        &SERVER
    }

    /// Starts a server of one's own: for tests that stop it.
    pub fn start() -> io::Result<Self> {
        let port = free_port()?;
        let mut child = Command::new("/bin/sh")
            .args(["-c", SUPERVISOR, "postgres-for-tests"])
            .arg(binaries()?)
            .arg(port.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let commands = child.stdin.take();
        let answers = child
            .stdout
            .take()
            .ok_or_else(|| io::Error::other("no answers"))?;
        let answers = BufReader::new(answers);
        let mut supervisor = Supervisor {
            child,
            commands,
            answers,
        };
        supervisor.answer()?;
        let server = Self {
            port,
            databases: AtomicU32::new(0),
            supervisor: Mutex::new(supervisor),
        };
        server.resume()?;
        Ok(server)
    }

    /// Makes an empty database and answers its URL.
    pub async fn create_database(&self) -> Result<String, sqlx::Error> {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let mut connection = PgConnection::connect(&self.url("postgres")).await?;
        let create = AssertSqlSafe(format!("CREATE DATABASE {name}"));
        sqlx::raw_sql(create).execute(&mut connection).await?;
        connection.close().await?;
        Ok(self.url(&name))
    }

    /// The URL of a database of this server.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// Where it listens on this host.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Stops the server as a crash would: at once, without asking its clients.
    pub fn halt(&self) -> io::Result<()> {
        self.command("halt")
    }

    /// Starts it again on the same port and data.
    pub fn resume(&self) -> io::Result<()> {
        self.command("start")
    }

    fn command(&self, command: &str) -> io::Result<()> {
        let mut supervisor = self
            .supervisor
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(commands) = &mut supervisor.commands {
            writeln!(commands, "{command}")?;
        }
        supervisor.answer()
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        let supervisor = self
            .supervisor
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        supervisor.commands.take();
        // Whether it tidied up is seen by nobody here.
        let _ = supervisor.child.wait();
    }
}

impl Supervisor {
    fn answer(&mut self) -> io::Result<()> {
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        match line.trim_end() {
            "ok" => Ok(()),
            "" => Err(io::Error::other("the supervisor of PostgreSQL ended")),
            complaint => Err(io::Error::other(complaint.to_owned())),
        }
    }
}

/// Where Debian keeps them, newest version first; else whatever is on the path.
fn binaries() -> io::Result<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let mut found: Vec<PathBuf> = versions
        .map(|version| version.path().join("bin"))
        .filter(|folder| folder.join("initdb").exists())
        .collect();
    found.sort();
    if let Some(newest) = found.pop() {
        return Ok(newest);
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .find(|folder| folder.join("initdb").exists())
        .ok_or_else(|| io::Error::other("initdb not found: install the postgresql package"))
}

fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// The URL of a fresh SQLite file in a folder.
pub fn sqlite_url(folder: &Path) -> String {
    format!("sqlite:{}", folder.join("tribunal.db").display())
}

/// Runs each test once on PostgreSQL and once on SQLite: `async fn name(url: &str) ->
/// anyhow::Result<()>` becomes `on_postgres::name` and `on_sqlite::name`.
#[macro_export]
macro_rules! on_both_databases {
    ($($name:ident),+ $(,)?) => {
        mod on_postgres {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() -> anyhow::Result<()> {
                    let server = $crate::testing::PostgresServer::shared();
                    super::$name(&server.create_database().await?).await
                }
            )+
        }

        mod on_sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() -> anyhow::Result<()> {
                    let folder = tempfile::tempdir()?;
                    super::$name(&$crate::testing::sqlite_url(folder.path())).await
                }
            )+
        }
    };
}
