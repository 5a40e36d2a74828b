//! The command line as a user or a script meets it, against the in-memory broker and against none.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use kafka::embedded::Broker;
use kafka::{ClientConfig, NewRecord, Producer, Record, Start, Tail};
use schemas::{
    Progress, ProgressState, Submission, TestVerdict, Verdict, VerdictCode, codec, headers, topics,
};
use serde_json::Value;

fn broker() -> Broker {
    let topics = [
        (topics::SUBMISSIONS, 3),
        (topics::SUBMISSIONS_BULK, 3),
        (topics::PROGRESS, 1),
        (topics::VERDICTS, 3),
    ];
    Broker::with_topics(&topics).unwrap()
}

fn producer(servers: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_producer"));
    command
        .args(arguments)
        .args(["--bootstrap-servers", servers]);
    command
        .env_remove("TRIBUNAL_USER")
        .env_remove("TRIBUNAL_LOG");
    command
}

async fn run(mut command: Command) -> Output {
    let run = tokio::task::spawn_blocking(move || command.output().unwrap());
    run.await.unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn json_lines(output: &Output) -> Vec<Value> {
    let lines = text(&output.stdout);
    let parse = |line: &str| serde_json::from_str(line).unwrap();
    lines.lines().map(parse).collect()
}

fn config(broker: &Broker) -> ClientConfig {
    ClientConfig::new(broker.bootstrap_servers(), "test")
}

async fn records(broker: &Broker, topic: &str) -> Vec<Record> {
    let mut tail = Tail::open(&config(broker), &[topic], Start::Beginning)
        .await
        .unwrap();
    tail.read_to_present_end().await.unwrap()
}

fn program(folder: &Path) -> String {
    let file = folder.join("hello.py");
    fs::write(&file, "print('hello')\n").unwrap();
    file.to_str().unwrap().to_owned()
}

/// Answers the next submission as an evaluator would.
async fn judge_one(broker: &Broker, verdict: VerdictCode) {
    let mut tail = Tail::open(&config(broker), &[topics::SUBMISSIONS], Start::Beginning)
        .await
        .unwrap();
    let producer = Producer::new(&config(broker)).unwrap();
    let record = tail.next_record().await.unwrap();
    let submission: Submission = codec::decode(&record.payload).unwrap();
    let id = submission.submission_id;
    let standard = headers::standard(id, 0, headers::trace(&record.headers));
    let send = |topic: &str, payload| {
        producer.send(NewRecord::new(topic, id.to_string(), payload).with_headers(standard.clone()))
    };
    let step = Progress {
        submission_id: id,
        state: ProgressState::Running,
        tests_done: 1,
        tests_total: 2,
        test_verdict: Some(VerdictCode::Ac),
        ..Progress::default()
    };
    send(topics::PROGRESS, codec::encode(&step).unwrap())
        .await
        .unwrap();
    // Neither somebody else's verdict nor bytes that nobody can read may end the wait.
    let other = headers::standard(uuid::Uuid::from_u128(1), 0, headers::trace(&[]));
    let other = NewRecord::new(topics::VERDICTS, "x", "x").with_headers(other);
    producer.send(other).await.unwrap();
    send(topics::VERDICTS, b"not avro".to_vec()).await.unwrap();
    let mut judged = Verdict {
        submission_id: id,
        problem_id: submission.problem_id,
        language: submission.language,
        verdict,
        ..Verdict::default()
    };
    judged.public.tests_total = 2;
    judged.public.tests_passed = 1;
    judged.jury.tests = vec![TestVerdict {
        message: Some("the secret answer is 42".to_owned()),
        ..TestVerdict::default()
    }];
    send(topics::VERDICTS, codec::encode(&judged).unwrap())
        .await
        .unwrap();
}

/// Runs a command beside an evaluator; the evaluator goes when the command ends.
async fn run_judged(broker: &Broker, command: Command, verdict: VerdictCode) -> Output {
    let mut output = std::pin::pin!(run(command));
    tokio::select! {
        output = &mut output => return output,
        () = judge_one(broker, verdict) => {}
    }
    output.await
}

#[tokio::test]
async fn an_accepted_submission_is_on_the_log_with_its_key_and_headers() {
    let (broker, folder) = (broker(), tempfile::tempdir().unwrap());
    let file = program(folder.path());
    let arguments = [
        "submit",
        "--problem",
        "hello",
        "--user",
        "ada",
        "--json",
        &file,
    ];
    let output = run(producer(broker.bootstrap_servers(), &arguments)).await;
    assert_eq!(code(&output), 0, "{}", text(&output.stderr));
    assert_eq!(text(&output.stderr), "");
    let said = &json_lines(&output)[0];
    assert_eq!(said["event"], "accepted");
    assert_eq!(said["language"], "python3");

    let records = records(&broker, topics::SUBMISSIONS).await;
    let [record] = &records[..] else {
        panic!("{} records", records.len())
    };
    assert_eq!(record.key.as_deref(), Some(&b"hello"[..]));
    let submission: Submission = codec::decode(&record.payload).unwrap();
    assert_eq!(
        submission.submission_id.to_string(),
        said["submission_id"].as_str().unwrap()
    );
    assert_eq!(
        (submission.user_id.as_str(), submission.tenant.as_str()),
        ("ada", "default")
    );
    assert_eq!(submission.files[0].name, "hello.py");
    assert_eq!(
        headers::identity(&record.headers),
        Some((submission.submission_id, 0))
    );
    assert_eq!(
        record.text_header(headers::CONTENT_TYPE),
        Some(headers::AVRO)
    );
    assert!(
        record
            .text_header(headers::TRACEPARENT)
            .unwrap()
            .starts_with("00-")
    );
    assert_eq!(said["offset"], record.offset);
}

#[tokio::test]
async fn waiting_shows_progress_and_ends_with_the_verdict_as_exit_status() {
    for (verdict, status) in [
        (VerdictCode::Ac, 0),
        (VerdictCode::Wa, 1),
        (VerdictCode::Je, 4),
    ] {
        let (broker, folder) = (broker(), tempfile::tempdir().unwrap());
        let file = program(folder.path());
        let arguments = ["submit", "--problem", "hello", "--wait", "--json", &file];
        let command = producer(broker.bootstrap_servers(), &arguments);
        let output = run_judged(&broker, command, verdict).await;
        assert_eq!(code(&output), status, "{}", text(&output.stderr));
        let said = json_lines(&output);
        let events: Vec<&str> = said
            .iter()
            .map(|line| line["event"].as_str().unwrap())
            .collect();
        // Progress is on a topic of its own and may come after the verdict: then it is not shown.
        assert_eq!(
            (events[0], *events.last().unwrap()),
            ("accepted", "verdict")
        );
        let last = said.last().unwrap();
        assert_eq!(last["verdict"], verdict.as_str());
        assert_eq!(last["tests_total"], 2);
        assert!(
            !text(&output.stdout).contains("secret answer"),
            "the jury's part was shown"
        );
    }
}

#[tokio::test]
async fn a_repeated_command_is_the_same_submission() {
    let (broker, folder) = (broker(), tempfile::tempdir().unwrap());
    let file = program(folder.path());
    let arguments = [
        "submit",
        "--problem",
        "hello",
        "--idempotency-key",
        "k",
        "--json",
        &file,
    ];
    let first = run(producer(broker.bootstrap_servers(), &arguments)).await;
    let again = run(producer(broker.bootstrap_servers(), &arguments)).await;
    let id = |output: &Output| json_lines(output)[0]["submission_id"].clone();
    assert_eq!(id(&first), id(&again));
}

#[tokio::test]
async fn too_long_a_wait_says_that_the_submission_is_accepted_all_the_same() {
    let (broker, folder) = (broker(), tempfile::tempdir().unwrap());
    let file = program(folder.path());
    let arguments = [
        "submit",
        "--problem",
        "hello",
        "--wait",
        "--timeout",
        "1",
        &file,
    ];
    let output = run(producer(broker.bootstrap_servers(), &arguments)).await;
    assert_eq!(code(&output), 4);
    assert!(
        text(&output.stderr).contains("it is accepted"),
        "{}",
        text(&output.stderr)
    );
}

#[tokio::test]
async fn bad_input_is_refused_by_name_and_nothing_is_sent() {
    let (broker, folder) = (broker(), tempfile::tempdir().unwrap());
    let file = program(folder.path());
    let other = folder.path().join("notes.txt");
    fs::write(&other, "x").unwrap();
    let huge = folder.path().join("huge.c");
    fs::write(&huge, vec![b' '; 300_000]).unwrap();
    let cases: [(&[&str], &str); 6] = [
        (&["--problem", "../etc", &file], "only a-z and 0-9"),
        (
            &["--problem", "hello", other.to_str().unwrap()],
            "give it with --language",
        ),
        (
            &["--problem", "hello", huge.to_str().unwrap()],
            "has 300000 bytes",
        ),
        (
            &["--problem", "hello", "nowhere.py"],
            "failed to read nowhere.py",
        ),
        (
            &["--problem", "hello", "--language", "C++", &file],
            "not a language code",
        ),
        (
            &["--problem", "hello", "-X", "acsk=1", &file],
            "Kafka setting `acsk` is refused",
        ),
    ];
    for (arguments, message) in cases {
        let arguments = [&["submit"], arguments].concat();
        let output = run(producer(broker.bootstrap_servers(), &arguments)).await;
        assert_eq!(code(&output), 2, "{arguments:?}");
        assert!(
            text(&output.stderr).contains(message),
            "{}",
            text(&output.stderr)
        );
        assert_eq!(text(&output.stdout), "");
    }
    assert_eq!(records(&broker, topics::SUBMISSIONS).await, []);
}

#[tokio::test]
async fn a_missing_topic_is_named_with_the_command_that_creates_it() {
    let broker = Broker::with_topics(&[("other", 1)]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = program(folder.path());
    let output = run(producer(
        broker.bootstrap_servers(),
        &["submit", "--problem", "hello", &file],
    ))
    .await;
    assert_eq!(code(&output), 3);
    let error = text(&output.stderr);
    assert!(
        error.contains("topic `submissions` does not exist"),
        "{error}"
    );
    assert!(error.contains("tribunal topics apply"), "{error}");
}

fn dead_port() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

#[tokio::test]
async fn a_cluster_that_is_away_is_said_within_the_time_that_was_set() {
    let folder = tempfile::tempdir().unwrap();
    let file = program(folder.path());
    let lines = folder.path().join("in.jsonl");
    fs::write(&lines, line("a")).unwrap();
    let quick = [
        "-X",
        "socket.timeout.ms=500",
        "-X",
        "message.timeout.ms=500",
    ];
    for arguments in [
        vec!["submit", "--problem", "hello", &file],
        vec!["bulk", lines.to_str().unwrap()],
    ] {
        let arguments = [&arguments[..], &quick].concat();
        let output = run(producer(&dead_port(), &arguments)).await;
        assert_eq!(code(&output), 3);
        let error = text(&output.stderr);
        assert!(error.contains("check --bootstrap-servers"), "{error}");
        assert_eq!(text(&output.stdout), "");
    }
}

fn line(content: &str) -> String {
    let files = serde_json::json!([{ "name": "a.py", "content": content }]);
    format!(
        "{}\n",
        serde_json::json!({ "problem": "hello", "files": files })
    )
}

fn jsonl(folder: &Path, lines: &[String]) -> PathBuf {
    let file = folder.join("in.jsonl");
    fs::write(&file, lines.concat()).unwrap();
    file
}

async fn bulk(broker: &Broker, file: &Path, more: &[&str]) -> Output {
    let arguments = [&["bulk", file.to_str().unwrap()], more].concat();
    run(producer(broker.bootstrap_servers(), &arguments)).await
}

#[tokio::test]
async fn a_bulk_run_sends_each_line_once_and_a_second_run_sends_nothing() {
    let (broker, folder) = (broker(), tempfile::tempdir().unwrap());
    let lines: Vec<String> = (0..250).map(|n| line(&format!("print({n})"))).collect();
    let file = jsonl(folder.path(), &lines);
    let first = bulk(&broker, &file, &["--in-flight", "64"]).await;
    assert_eq!(code(&first), 0, "{}", text(&first.stderr));
    assert!(
        text(&first.stdout).contains("100 of 250 lines\n"),
        "{}",
        text(&first.stdout)
    );
    assert!(text(&first.stdout).ends_with("250 accepted, 0 accepted before, 0 refused\n"));
    let again = bulk(&broker, &file, &["--json"]).await;
    assert_eq!(json_lines(&again).last().unwrap()["already_accepted"], 250);
    assert_eq!(records(&broker, topics::SUBMISSIONS_BULK).await.len(), 250);
    assert_eq!(records(&broker, topics::SUBMISSIONS).await, []);
}

#[tokio::test]
async fn a_run_goes_on_where_its_journal_ends_and_new_lines_are_new() {
    let (broker, folder) = (broker(), tempfile::tempdir().unwrap());
    let file = jsonl(folder.path(), &[line("a"), line("a")]);
    let first = json_lines(&bulk(&broker, &file, &["--json"]).await);
    assert_eq!(first.last().unwrap()["accepted"], 2);
    // As if the machine had died before the second line was noted.
    let journal = folder.path().join("in.jsonl.accepted");
    let noted = fs::read_to_string(&journal).unwrap();
    let (kept, _) = noted.split_once('\n').unwrap();
    fs::write(&journal, format!("{kept}\n{}", &kept[..20])).unwrap();
    let file = jsonl(folder.path(), &[line("a"), line("a"), line("b")]);
    let second = json_lines(&bulk(&broker, &file, &["--json"]).await);
    let events: Vec<&str> = second
        .iter()
        .map(|it| it["event"].as_str().unwrap())
        .collect();
    assert_eq!(
        events,
        ["already_accepted", "accepted", "accepted", "summary"]
    );
    assert_eq!(
        first[1]["submission_id"], second[1]["submission_id"],
        "sent again under its id"
    );
}

#[tokio::test]
async fn one_bad_line_of_a_file_stops_everything_before_anything_is_sent() {
    let (broker, folder) = (broker(), tempfile::tempdir().unwrap());
    let file = jsonl(
        folder.path(),
        &[line("a"), "{\"problem\":1}\n".to_owned(), line("b")],
    );
    let output = bulk(&broker, &file, &[]).await;
    assert_eq!(code(&output), 2);
    let error = text(&output.stderr);
    assert!(
        error.contains("nothing was sent: 1 of 3 lines are bad"),
        "{error}"
    );
    assert!(
        error.contains("line 2: not a submission as JSON"),
        "{error}"
    );
    assert_eq!(records(&broker, topics::SUBMISSIONS_BULK).await, []);
    assert!(!folder.path().join("in.jsonl.accepted").exists());

    let output = bulk(&broker, &file, &["--skip-bad", "--json"]).await;
    assert_eq!(code(&output), 2);
    let said = json_lines(&output);
    let refused = said.iter().find(|line| line["event"] == "refused").unwrap();
    assert_eq!(refused["line"], 2);
    assert_eq!(records(&broker, topics::SUBMISSIONS_BULK).await.len(), 2);
}

#[tokio::test]
async fn standard_input_is_read_and_paths_are_relative_to_where_we_are() {
    let (broker, folder) = (broker(), tempfile::tempdir().unwrap());
    program(folder.path());
    let input = jsonl(
        folder.path(),
        &["{\"problem\":\"hello\",\"path\":\"hello.py\"}\n".to_owned()],
    );
    let mut command = producer(broker.bootstrap_servers(), &["bulk", "--json", "-"]);
    command
        .current_dir(folder.path())
        .stdin(fs::File::open(input).unwrap());
    let output = run(command).await;
    assert_eq!(code(&output), 0, "{}", text(&output.stderr));
    let records = records(&broker, topics::SUBMISSIONS_BULK).await;
    let submission: Submission = codec::decode(&records[0].payload).unwrap();
    assert_eq!(submission.files[0].content, b"print('hello')\n");
}

#[tokio::test]
async fn help_teaches_the_exit_status_and_completions_are_written() {
    let help = run(producer("unused", &["--help"])).await;
    assert!(
        text(&help.stdout).contains("Exit status:"),
        "{}",
        text(&help.stdout)
    );
    let mut completions = Command::new(env!("CARGO_BIN_EXE_producer"));
    completions.args(["completions", "bash"]);
    let output = run(completions).await;
    assert!(text(&output.stdout).contains("_producer()"));
}
