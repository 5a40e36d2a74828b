//! Asking for a new judgement of what became a dead letter.
//!
//! The generation of the new record is that of the dead one + 1, as the record itself says it: the same letters ask for the same
//! (submission, generation) however often they are replayed, and of each the first verdict counts. Of several letters of a
//! submission only the one of the highest generation is replayed: what a replay has failed at already needs no second one.

use std::collections::BTreeMap;
use std::process::ExitCode;

use anyhow::{Context, ensure};
use kafka::{ClientConfig, NewRecord, Producer};
use schemas::{Submission, codec, headers, topics};
use serde_json::json;
use service::KafkaArgs;
use uuid::Uuid;

use super::filter::Filter;
use super::letter::{Letter, Place};
use super::show::visible;
use super::{Letters, REFUSED, client, print_line, tell};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    filter: Filter,
    /// Replay every dead letter there is.
    #[arg(long)]
    all: bool,
    /// Only say what would be replayed.
    #[arg(long)]
    dry_run: bool,
    /// Print one line of JSON per submission.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    kafka: KafkaArgs,
}

pub(super) async fn execute(args: &Args) -> anyhow::Result<ExitCode> {
    ensure!(
        args.all || args.dry_run || args.filter != Filter::default(),
        "say which dead letters to replay (--problem, --cause, --tenant, --submission, --since, --until), or --all"
    );
    let client = client(&args.kafka)?;
    let mut chosen = Chosen::default();
    let mut letters = Letters::open(&client, &args.filter).await?;
    while let Some(letter) = letters.next().await? {
        chosen.consider(&letter);
    }
    for (place, why) in &chosen.unreadable {
        tell(&format!("{place} cannot be replayed: {}", visible(why)));
    }
    replay(args, &client, &chosen).await?;
    chosen.tell_of_all(args.dry_run);
    let unreadable = !chosen.unreadable.is_empty();
    Ok(ExitCode::from(if unreadable { REFUSED } else { 0 }))
}

/// Reads the letters a second time, because not all of them need fit into memory.
async fn replay(args: &Args, client: &ClientConfig, chosen: &Chosen) -> anyhow::Result<()> {
    let producer = Producer::new(client)?;
    let mut letters = Letters::open(client, &args.filter).await?;
    while let Some(letter) = letters.next().await? {
        let Some(replayed) = chosen.of(&letter) else {
            continue;
        };
        if !args.dry_run {
            let accepted = producer.send(record(&letter, &replayed)?).await;
            accepted.context("not all were replayed: mend this and replay again, which is harmless for those that were")?;
        }
        say(args, letter.place(), &replayed);
    }
    Ok(())
}

fn say(args: &Args, place: Place, replayed: &Submission) {
    let Submission {
        submission_id,
        generation,
        problem_id,
        ..
    } = replayed;
    print_line(&if args.json {
        json!({
            "letter": place.to_string(),
            "submission_id": submission_id,
            "generation": generation,
            "problem_id": problem_id,
            "replayed": !args.dry_run,
        })
        .to_string()
    } else {
        let problem_id = visible(problem_id);
        format!("{place}: {submission_id} for {problem_id}, generation {generation}")
    });
}

/// The letters worth replaying: one of each submission.
#[derive(Debug, Default)]
struct Chosen {
    latest: BTreeMap<Uuid, (i32, Place)>,
    /// Letters of submissions that have a later one.
    superseded: usize,
    unreadable: Vec<(Place, String)>,
}

impl Chosen {
    fn consider(&mut self, letter: &Letter) {
        let place = letter.place();
        let submission = match &letter.submission {
            Ok(submission) => submission,
            Err(error) => return self.unreadable.push((place, error.to_string())),
        };
        let this = (submission.generation, place);
        let latest = self.latest.entry(submission.submission_id);
        let latest = latest.and_modify(|latest| {
            self.superseded += 1;
            *latest = this.max(*latest);
        });
        latest.or_insert(this);
    }

    /// What the letter asks for if it is replayed.
    fn of(&self, letter: &Letter) -> Option<Submission> {
        let submission = letter.submission.as_ref().ok()?;
        let (_, place) = self.latest.get(&submission.submission_id)?;
        (*place == letter.place()).then(|| Submission {
            generation: submission.generation.saturating_add(1),
            ..submission.clone()
        })
    }

    fn tell_of_all(&self, dry_run: bool) {
        let would = if dry_run { "would be " } else { "" };
        tell(&format!(
            "{} {would}replayed, {} left out for a later letter of the same submission, {} unreadable",
            self.latest.len(),
            self.superseded,
            self.unreadable.len()
        ));
    }
}

/// A new beginning: nothing of the old way but the trace and where it comes from.
fn record(letter: &Letter, replayed: &Submission) -> anyhow::Result<NewRecord> {
    let payload = codec::encode(replayed)
        .with_context(|| format!("failed to encode what is in {}", letter.place()))?;
    let trace = headers::trace(&letter.record.headers).child();
    let mut headers = headers::standard(replayed.submission_id, replayed.generation, trace);
    headers.push(headers::text(
        headers::REPLAYED_FROM,
        format!("{}/{}", topics::SUBMISSIONS_DLQ, letter.place()),
    ));
    let key = replayed.problem_id.as_str();
    Ok(NewRecord::new(topics::SUBMISSIONS_BULK, key, payload).with_headers(headers))
}

#[cfg(test)]
mod tests {
    use super::super::letter::tests::{letter, whole};
    use super::*;

    #[test]
    fn of_each_submission_the_letter_of_the_highest_generation_is_replayed_as_the_next() {
        let letters = [
            whole(5, 0, 1),
            whole(5, 1, 2),
            whole(6, 0, 3),
            letter(4, vec![0xff]),
        ];
        let mut chosen = Chosen::default();
        letters.iter().for_each(|letter| chosen.consider(letter));
        let replayed = letters.iter().map(|letter| {
            let replayed = chosen.of(letter)?;
            Some((replayed.submission_id.as_u128(), replayed.generation))
        });
        let replayed: Vec<_> = replayed.collect();
        assert_eq!(replayed, [None, Some((5, 2)), Some((6, 1)), None]);
        assert_eq!((chosen.superseded, chosen.unreadable.len()), (1, 1));
    }

    #[test]
    fn a_replayed_record_begins_anew_and_says_where_it_comes_from() -> anyhow::Result<()> {
        let letter = whole(5, 0, 3);
        let mut chosen = Chosen::default();
        chosen.consider(&letter);
        let replayed = chosen.of(&letter).context("chosen")?;
        let record = record(&letter, &replayed)?;
        assert_eq!(record.topic, "submissions.bulk");
        assert_eq!(record.key.as_deref(), Some(&b"lanterns"[..]));
        let payload = record.payload.unwrap_or_default();
        assert_eq!(codec::decode::<Submission>(&payload)?, replayed);
        let names: Vec<_> = record.headers.iter().map(|(name, _)| &name[..]).collect();
        assert_eq!(
            names,
            [
                "submission-id",
                "generation",
                "traceparent",
                "content-type",
                "replayed-from"
            ]
        );
        assert_eq!(
            headers::identity(&record.headers),
            Some((Uuid::from_u128(5), 1))
        );
        let from = headers::find(&record.headers, headers::REPLAYED_FROM);
        assert_eq!(from, Some("submissions.dlq/1/3"));
        Ok(())
    }
}
