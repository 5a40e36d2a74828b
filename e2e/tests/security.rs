//! TLS, SCRAM, client certificates and ACLs on a real Kafka: the rights are enough, and no more than enough.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use e2e::cluster::Cluster;
use e2e::eventually::eventually;
use e2e::finished::Finished;
use e2e::jury::jury_submissions;
use e2e::process;
use e2e::results::rows;
use e2e::secured::{ADMINISTRATOR, BY_CERTIFICATE, BY_PASSWORD, Secured, password};
use kafka::admin::{Acl, Admin, Operation, ResourceKind};
use kafka::{NewRecord, ProduceError, Producer};
use schemas::topics::{self, Profile, Role};

const PATIENCE: Duration = Duration::from_secs(120);

#[tokio::test]
async fn each_role_may_do_what_it_needs_and_nothing_else_and_no_password_is_ever_printed()
-> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let secured = Secured::start(folder.path())?;
    let mut printed = Vec::new();

    printed.push(apply_topics_and_acls(&secured)?);
    nobody_gets_in_without_credentials(&secured).await?;
    only_declared_roles_write(&secured).await?;
    printed.extend(undeclared_writers_are_found_and_removed(&secured).await?);
    printed.extend(a_wrong_password_is_told(&secured, folder.path())?);
    printed.push(one_submission_all_the_way(secured).await?);

    for user in BY_PASSWORD.into_iter().chain([ADMINISTRATOR]) {
        let secret = password(user);
        for text in &printed {
            ensure!(
                !text.contains(&secret),
                "{user}'s password was printed:\n{text}"
            );
        }
    }
    Ok(())
}

/// `tribunal topics ACTION`, as loud as can be.
fn topics_command(secured: &Secured, user: &str, action: &str) -> anyhow::Result<Command> {
    let mut command = process::command("tribunal")?;
    command.args(["topics", action, "--profile", "single-node"]);
    command.args(["--principal", "analytics=User:CN=analytics"]);
    command.args(["--bootstrap-servers", &secured.broker.bootstrap_servers()]);
    command.args(["--kafka-properties-file", &secured.properties_file(user)?]);
    Ok(command)
}

/// Runs it and insists on its exit status; returns all it said.
fn said(command: &mut Command, status: i32) -> anyhow::Result<String> {
    let done = Finished::run(command)?;
    let text = format!("{}\n{}", done.output, done.errors);
    ensure!(
        done.status == Some(status),
        "{:?}, not {status}: {text}",
        done.status
    );
    Ok(text)
}

fn apply_topics_and_acls(secured: &Secured) -> anyhow::Result<String> {
    let text = said(&mut topics_command(secured, ADMINISTRATOR, "plan")?, 1)?;
    ensure!(
        text.contains("+ ACL missing: User:evaluator may Write topic `verdicts`"),
        "{text}"
    );
    let text = said(&mut topics_command(secured, ADMINISTRATOR, "apply")?, 0)?;
    ensure!(
        text.contains("ACL missing: User:CN=analytics may Read"),
        "{text}"
    );
    let text = text + &said(&mut topics_command(secured, ADMINISTRATOR, "verify")?, 0)?;
    let refused = said(&mut topics_command(secured, "operator", "verify")?, 3)?;
    ensure!(
        refused.contains("needs `Alter` on the cluster"),
        "{refused}"
    );
    Ok(text + &refused)
}

async fn nobody_gets_in_without_credentials(secured: &Secured) -> anyhow::Result<()> {
    let mut stranger = secured.client("producer");
    for name in ["sasl.username", "sasl.password", "sasl.mechanism"] {
        stranger.properties.remove(name);
    }
    let quick = ("message.timeout.ms".to_owned(), "3000".to_owned());
    stranger
        .properties
        .extend([("security.protocol".to_owned(), "ssl".to_owned()), quick]);
    let sent = Producer::new(&stranger)?.send(NewRecord::new(topics::SUBMISSIONS, "k", "v"));
    ensure!(
        sent.await.is_err(),
        "a client without credentials was let in"
    );
    Ok(())
}

/// Of every role and topic: who is not declared to write is refused.
async fn only_declared_roles_write(secured: &Secured) -> anyhow::Result<()> {
    for role in Role::ALL {
        let producer = Producer::new(&secured.client(role.name()))?;
        let declared = topics::declared(Profile::SingleNode);
        let others = declared.iter().filter(|topic| !topic.write.contains(&role));
        let sent: Vec<_> = others
            .map(|topic| producer.send(NewRecord::new(&topic.name, "key", "value")))
            .collect();
        ensure!(!sent.is_empty());
        for delivery in sent {
            let refused = tokio::time::timeout(PATIENCE, delivery).await?;
            // Who may write nothing at all may get no idempotent producer to begin with.
            let as_it_should = matches!(
                refused,
                Err(ProduceError::Refused { .. } | ProduceError::Fatal { .. })
            );
            ensure!(as_it_should, "{}: {refused:?}", role.name());
        }
    }
    Ok(())
}

async fn undeclared_writers_are_found_and_removed(
    secured: &Secured,
) -> anyhow::Result<[String; 2]> {
    let admin = Admin::new(&secured.client(ADMINISTRATOR))?;
    let stranger = Acl::allow(
        "User:producer",
        Operation::Write,
        ResourceKind::Topic,
        topics::VERDICTS,
    );
    admin.mend_acls(&[stranger], false).await?;
    let found = said(&mut topics_command(secured, ADMINISTRATOR, "verify")?, 1)?;
    let expected = "! ACL not declared: User:producer may Write topic `verdicts`";
    ensure!(found.contains(expected), "{found}");
    let mut remove = topics_command(secured, ADMINISTRATOR, "apply")?;
    let removed = said(remove.arg("--remove-undeclared-writers"), 0)?;
    said(&mut topics_command(secured, ADMINISTRATOR, "verify")?, 0)?;
    Ok([found, removed])
}

/// Also as loud as can be, so that what librdkafka prints of its settings is among what is searched.
fn a_wrong_password_is_told(secured: &Secured, folder: &Path) -> anyhow::Result<[String; 2]> {
    let mut loud = topics_command(secured, "operator", "verify")?;
    loud.args(["-X", "debug=all", "-X", "socket.timeout.ms=4000"]);
    let file = secured.properties_file("operator")?;
    let wrong = folder.join("wrong.properties");
    let text = std::fs::read_to_string(file)?;
    // The right name with another's password.
    std::fs::write(
        &wrong,
        text.replace(&password("operator"), &password("gateway")),
    )?;
    let mut mistaken = process::command("tribunal")?;
    mistaken.args(["topics", "plan", "--bootstrap-servers"]);
    mistaken.arg(secured.broker.bootstrap_servers());
    mistaken.arg("--kafka-properties-file").arg(&wrong);
    mistaken.args(["-X", "socket.timeout.ms=4000", "-X", "debug=all"]);
    let refused = said(&mut mistaken, 3)?;
    Ok([said(&mut loud, 3)?, refused])
}

/// Producer, evaluator, sink and analytics with their own credentials; returns all they printed at trace level.
async fn one_submission_all_the_way(secured: Secured) -> anyhow::Result<String> {
    let file = |user| secured.properties_file(user);
    let files = (
        file("producer")?,
        file("evaluator")?,
        file("results-sink")?,
        file(BY_CERTIFICATE)?,
    );
    let servers = secured.broker.bootstrap_servers();
    let client = secured.client(ADMINISTRATOR);
    let cluster = Cluster::around(secured.broker, client).await?;
    let flags = |file| {
        [
            "--kafka-properties-file",
            file,
            "--log",
            "trace",
            "-X",
            "debug=security,conf",
        ]
    };
    let mut evaluating = flags(&files.1).to_vec();
    evaluating.extend(["--slots", "1"]);
    let evaluator = cluster.evaluator(1, &evaluating).await?;
    let sink = cluster.sink_with(&flags(&files.2)).await?;
    let analytics = cluster.analytics_with(&flags(&files.3)).await?;

    let jury = jury_submissions("lanterns", "c")?;
    let program = jury
        .iter()
        .find(|it| it.expected == schemas::VerdictCode::Ac);
    let mut submit = process::command("producer")?;
    submit.args(["submit", "--bootstrap-servers", &servers]);
    submit.args([
        "--problem",
        "lanterns",
        "--wait",
        "--timeout",
        "120",
        "--json",
    ]);
    submit.args(flags(&files.0));
    submit.arg(&program.context("no accepted program")?.path);
    let done = tokio::task::spawn_blocking(move || said(&mut submit, 0)).await??;
    ensure!(done.contains("\"AC\""), "{done}");

    eventually(PATIENCE, "the verdict is recorded", async || {
        Ok((!rows(&cluster.database_url).await?.is_empty()).then_some(()))
    })
    .await?;
    eventually(PATIENCE, "analytics has counted it", async || {
        let mut report = process::command("analytics")?;
        report.args([
            "report",
            "--json",
            "--window",
            "all",
            "--database-url",
            &cluster.database_url,
        ]);
        Ok((!Finished::run(&mut report)?.json()?.is_empty()).then_some(()))
    })
    .await?;
    let mut all = done;
    for mut service in [evaluator, sink, analytics] {
        let metrics = service.metrics().await?;
        service.process.stop(PATIENCE).await?;
        let log = service.process.log();
        if !log.contains("TRACE") && !log.contains("DEBUG") {
            bail!("the log is not as loud as it should be: {log}");
        }
        all += &(log + &metrics);
    }
    Ok(all)
}
