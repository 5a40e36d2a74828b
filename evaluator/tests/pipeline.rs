//! Submissions in, verdicts out: a whole evaluator on an in-memory broker with the real sandbox.

mod support;

use std::path::Path;

use anyhow::Context;
use evaluator::config::ProblemSource;
use kafka::Survey;
use schemas::{VerdictCode, headers, topics};
use seeded::Bug;
use support::endpoint::{free_address, get, ready_with};
use support::{Cluster, PATIENCE, Running, jury, submission};

/// Sleeps long enough to be caught in the act, uses no CPU time and is right.
const SLEEPER: &str = "import time\ntime.sleep(2)\nprint('a')\n";

#[tokio::test(flavor = "multi_thread")]
async fn every_submission_of_either_lane_gets_its_one_verdict() -> anyhow::Result<()> {
    let mut cluster = Cluster::start().await?;
    let expected = [
        (jury("lanterns", "accepted/lantern.c")?, VerdictCode::Ac),
        (jury("lanterns", "accepted/lantern.py")?, VerdictCode::Ac),
        (
            jury("lanterns", "wrong_answer/capitals.c")?,
            VerdictCode::Wa,
        ),
        (
            jury("lanterns", "run_time_error/short_alphabet.py")?,
            VerdictCode::Rte,
        ),
        (jury("tidepool", "accepted/tour.py")?, VerdictCode::Ac),
        (
            jury("tidepool", "wrong_answer/six_digits.c")?,
            VerdictCode::Wa,
        ),
        (
            submission("lanterns", "main.c", "int main("),
            VerdictCode::Ce,
        ),
        (
            submission("lanterns", "main.intercal", "DO GIVE UP"),
            VerdictCode::Ce,
        ),
    ];
    let mut expected = Vec::from(expected);
    expected[7].0.language = "intercal".to_owned();
    for (index, (submission, _)) in expected.iter().enumerate() {
        let lane = [topics::SUBMISSIONS, topics::SUBMISSIONS_BULK][index % 2];
        cluster.submit(lane, submission).await?;
    }
    let running = Running::start(&cluster, |_| {})?;
    let verdicts = cluster.verdicts(expected.len()).await?;
    for (submission, code) in &expected {
        let verdict = &verdicts[&submission.submission_id];
        assert_eq!(
            verdict.verdict, *code,
            "{} {:?}",
            submission.files[0].name, verdict.jury
        );
        assert_eq!(verdict.problem_id, submission.problem_id);
        assert_eq!(verdict.jury.attempt, 1);
    }
    running.stop().await?;
    assert_eq!(cluster.unread_verdicts().await?, 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verdict_carries_the_headers_by_which_it_is_found_and_traced() -> anyhow::Result<()> {
    let mut cluster = Cluster::start().await?;
    let mut submission = jury("lanterns", "accepted/lantern.py")?;
    submission.generation = 3;
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".parse()?;
    let sent = headers::standard(submission.submission_id, 3, trace);
    let payload = schemas::codec::encode(&submission)?;
    cluster
        .publish(topics::SUBMISSIONS, "lanterns", payload, sent)
        .await?;
    let running = Running::start(&cluster, |_| {})?;
    let (record, verdict) = cluster.next_verdict().await?;
    running.stop().await?;

    let id = submission.submission_id;
    assert_eq!(record.key.as_deref(), Some(id.to_string().as_bytes()));
    assert_eq!(headers::identity(&record.headers), Some((id, 3)));
    assert_eq!(headers::trace(&record.headers).trace_id, trace.trace_id);
    assert_eq!(
        record.text_header(headers::CONTENT_TYPE),
        Some(headers::AVRO)
    );
    assert_eq!(record.text_header(headers::ATTEMPT), Some("1"));
    let origin = headers::origin(&record.headers).context("no original coordinates")?;
    assert_eq!(
        (origin.topic.as_str(), origin.offset),
        (topics::SUBMISSIONS, 0)
    );
    assert_eq!(verdict.jury.origin, Some(origin));
    assert!(verdict.jury.host.starts_with("host-"));
    assert!(!verdict.jury.protections.is_empty());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_can_judge_is_a_dead_letter_and_its_neighbours_are_judged() -> anyhow::Result<()>
{
    let mut cluster = Cluster::start().await?;
    let unknown_problem = submission("nosuchproblem", "main.py", "print()");
    let mut unserved = submission("lanterns", "Main.java", "class Main {}");
    unserved.language = "java".to_owned();
    let claimed = submission("lanterns", "main.py", "");
    let claim = headers::standard(
        claimed.submission_id,
        0,
        schemas::traceparent::TraceParent::start(),
    );
    let neighbour = jury("lanterns", "accepted/lantern.py")?;

    cluster
        .publish(
            topics::SUBMISSIONS,
            "lanterns",
            b"no frame".to_vec(),
            Vec::new(),
        )
        .await?;
    cluster
        .publish(
            topics::SUBMISSIONS,
            "lanterns",
            b"no frame either".to_vec(),
            claim,
        )
        .await?;
    for submission in [&unknown_problem, &unserved, &neighbour] {
        cluster.submit(topics::SUBMISSIONS, submission).await?;
    }
    let running = Running::start(&cluster, |_| {})?;
    let verdicts = cluster.verdicts(4).await?;
    let result = |id| {
        let verdict = &verdicts[&id];
        let reason = verdict
            .public
            .reason
            .as_ref()
            .map(|reason| reason.code.clone());
        (verdict.verdict, reason.unwrap_or_default())
    };
    let judge_error = |code: &str| (VerdictCode::Je, code.to_owned());
    assert_eq!(
        result(claimed.submission_id),
        judge_error("malformed-record")
    );
    assert_eq!(
        verdicts[&claimed.submission_id].problem_id, "lanterns",
        "the key tells it"
    );
    assert_eq!(
        result(unknown_problem.submission_id),
        judge_error("unknown-problem")
    );
    assert_eq!(
        result(unserved.submission_id),
        judge_error("language-unavailable")
    );
    assert_eq!(result(neighbour.submission_id).0, VerdictCode::Ac);

    let mut letters = Vec::new();
    for _ in 0..4 {
        letters.push(cluster.next_dead_letter().await?);
    }
    assert!(
        letters.iter().any(|letter| letter.payload == b"no frame"),
        "untouched, though nobody knows whose it is"
    );
    let causes = letters
        .iter()
        .filter_map(|letter| letter.text_header(headers::dead_letter::EXCEPTION_FQCN));
    let mut causes: Vec<_> = causes.collect();
    causes.sort_unstable();
    assert_eq!(
        causes,
        [
            "language-unavailable",
            "malformed-record",
            "malformed-record",
            "unknown-problem"
        ]
    );
    running.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_in_the_middle_loses_nothing_and_repeats_nothing() -> anyhow::Result<()> {
    let mut cluster = Cluster::start().await?;
    for _ in 0..6 {
        let sleeper = submission("lanterns", "sleeper.py", SLEEPER);
        cluster.submit(topics::SUBMISSIONS, &sleeper).await?;
    }
    let first = Running::start(&cluster, |_| {})?;
    let mut verdicts = cluster.verdicts(1).await?;
    // Two slots: while the first verdict was on its way, others had started.
    first.stop().await?;
    let second = Running::start(&cluster, |_| {})?;
    for (id, verdict) in cluster.verdicts(5).await? {
        assert!(
            verdicts.insert(id, verdict).is_none(),
            "{id} was judged twice"
        );
    }
    assert_eq!(verdicts.len(), 6);
    let hosts: std::collections::BTreeSet<_> = verdicts
        .values()
        .map(|verdict| &verdict.jury.host)
        .collect();
    assert_eq!(hosts.len(), 2, "both evaluators judged");
    second.stop().await?;
    assert_eq!(cluster.unread_verdicts().await?, 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_we_do_not_have_stops_the_intake_and_buries_nothing() -> anyhow::Result<()> {
    let cluster = Cluster::start().await?;
    let address = free_address()?;
    let running = Running::start(&cluster, |config| config.http = Some(address.clone()))?;
    ready_with(&address, "200 OK").await?;

    let unknown_id = [0, 0xff, 0xff, 0xff, 0xff, 1, 2, 3];
    cluster
        .publish(
            topics::SUBMISSIONS,
            "lanterns",
            unknown_id.to_vec(),
            Vec::new(),
        )
        .await?;
    let answer = ready_with(&address, "intake stopped").await?;
    assert!(
        answer.contains("503") && answer.contains("upgrade"),
        "{answer}"
    );
    assert!(get(&address, "/health/live").await?.contains("200"));
    let metrics = get(&address, "/metrics").await?;
    assert!(metrics.contains("tribunal_evaluator_ready 0"), "{metrics}");
    assert!(metrics.contains("tribunal_evaluator_slots 2"), "{metrics}");
    assert!(
        !metrics.contains("tribunal_evaluator_dead_letters_total{"),
        "{metrics}"
    );
    running.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_is_refused_for_good_stops_the_intake_and_is_not_lost() -> anyhow::Result<()> {
    let mut cluster = Cluster::start().await?;
    let address = free_address()?;
    let poison = vec![0xff; 50_000];
    let narrow = Running::start(&cluster, |config| {
        config.http = Some(address.clone());
        let limit = ("message.max.bytes".to_owned(), "20000".to_owned());
        config.client.properties.extend([limit]);
    })?;
    ready_with(&address, "200 OK").await?;
    let topic = topics::SUBMISSIONS;
    cluster
        .publish(topic, "lanterns", poison.clone(), Vec::new())
        .await?;
    let answer = ready_with(&address, "intake stopped").await?;
    for told in ["503", "submissions.dlq", "nothing is lost", "restart"] {
        assert!(answer.contains(told), "{told}: {answer}");
    }
    narrow.stop().await?;

    let wide = Running::start(&cluster, |_| {})?;
    let letter = cluster.next_dead_letter().await?;
    assert_eq!(letter.payload, poison);
    wide.stop().await
}

/// Whether a record still waits for its evaluator after its only successor was refused.
async fn waits_though_its_successor_is_refused() -> anyhow::Result<bool> {
    let cluster = Cluster::start().await?;
    let address = free_address()?;
    let running = Running::start(&cluster, |config| {
        config.http = Some(address.clone());
        let limit = ("message.max.bytes".to_owned(), "20000".to_owned());
        config.client.properties.extend([limit]);
    })?;
    let poison = vec![0xff; 50_000];
    let topic = topics::SUBMISSIONS;
    cluster
        .publish(topic, "lanterns", poison, Vec::new())
        .await?;
    let survey = Survey::new(cluster.client.clone());
    let is_done = async || {
        let group = topics::evaluator_group(topic);
        let committed = survey.committed(&group, topic).await?;
        anyhow::Ok(committed.into_values().flatten().any(|offset| offset > 0))
    };
    let handled = async {
        while !is_done().await? {
            let ready = get(&address, "/health/ready").await;
            if ready.is_ok_and(|answer| answer.contains("intake stopped")) {
                break;
            }
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(PATIENCE, handled).await??;
    running.stop().await?;
    Ok(!is_done().await?)
}

#[tokio::test]
async fn a_record_is_not_done_before_the_delivery_report_of_its_successor() -> anyhow::Result<()> {
    assert!(waits_though_its_successor_is_refused().await?);
    Ok(())
}

#[tokio::test]
async fn a_record_that_is_done_before_the_delivery_report_is_found() -> anyhow::Result<()> {
    let _sown = seeded::sow(Bug::DoneBeforeReport);
    assert!(!waits_though_its_successor_is_refused().await?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_of_ours_is_tried_again_and_then_given_up_with_its_history() -> anyhow::Result<()> {
    let mut cluster = Cluster::start().await?;
    let problems = tempfile::tempdir()?;
    faulty_package(&problems.path().join("faulty"))?;
    let submission = submission("faulty", "main.py", "print(1)");
    cluster.submit(topics::SUBMISSIONS, &submission).await?;
    let running = Running::start(&cluster, |config| {
        config.problems = ProblemSource::Directory(problems.path().to_owned());
    })?;
    let (record, verdict) = cluster.next_verdict().await?;
    let reason = verdict
        .public
        .reason
        .as_ref()
        .map(|reason| reason.code.as_str());
    assert_eq!(
        (verdict.verdict, reason),
        (VerdictCode::Je, Some("judge-fault"))
    );
    assert_eq!(verdict.jury.attempt, 3);
    assert_eq!(record.text_header(headers::ATTEMPT), Some("3"));
    let told: Vec<_> = verdict
        .jury
        .messages
        .iter()
        .map(|message| &message[..10])
        .collect();
    assert_eq!(told, ["attempt 1:", "attempt 2:", "attempt 3:"]);
    assert!(!serde_json::to_string(&verdict.public)?.contains("attempt"));
    let letter = cluster.next_dead_letter().await?;
    assert_eq!(letter.payload, schemas::codec::encode(&submission)?);
    running.stop().await
}

/// A package whose output validator answers neither yes nor no.
fn faulty_package(directory: &Path) -> anyhow::Result<()> {
    let files = [
        (
            "problem.yaml",
            "problem_format_version: 2025-09\nname: Faulty\nuuid: 00000000-0000-0000-0000-000000000000\n\
             limits:\n  time_limit: 1.0\n",
        ),
        ("data/secret/1.in", "1\n"),
        ("data/secret/1.ans", "1\n"),
        ("output_validator/validate.py", "raise SystemExit(7)\n"),
    ];
    for (path, content) in files {
        let path = directory.join(path);
        std::fs::create_dir_all(path.parent().context("no parent")?)?;
        std::fs::write(path, content)?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_on_which_no_language_works_takes_no_work_and_says_why() -> anyhow::Result<()> {
    let mut cluster = Cluster::start().await?;
    let submission = jury("lanterns", "accepted/lantern.c")?;
    cluster.submit(topics::SUBMISSIONS, &submission).await?;
    let address = free_address()?;
    let running = Running::start(&cluster, |config| {
        config.http = Some(address.clone());
        // Debian keeps files there without which no Java program starts.
        config.languages = vec!["java".to_owned()];
        config
            .sandbox
            .toolchain
            .retain(|path| !path.starts_with("/etc/java-17-openjdk"));
    })?;
    let answer = ready_with(&address, "canary failed").await?;
    assert!(
        answer.contains("503") && answer.contains("java"),
        "{answer}"
    );
    running.stop().await?;
    assert_eq!(cluster.unread_verdicts().await?, 0);
    Ok(())
}
