//! `scale-out`: what sixteen evaluators judge over sixteen times what one does; how long a new member waits for its first
//! record; and for how long nobody works on the partitions of one that was killed.

mod members;

use std::time::Duration;

use kafka::GroupProtocol;

use crate::Figure;
use crate::pipeline::{Broker, Fleet, Load, Verdicts, evenly, full_rate, run, tell};
use crate::samples::median;
use members::{killed, new_member};

const PARTITIONS: usize = 48;
const EVALUATORS: usize = 16;
const SLOTS: usize = 4;
const TASK: Duration = Duration::from_millis(200);
/// What the slots of one evaluator can do, per second.
const EACH: usize = 20;
/// Seconds of one measurement of throughput.
const SECONDS: usize = 12;
/// New members that are measured, the last of the sixteen.
const NEW_MEMBERS: usize = 3;
/// The consumer's default.
const SESSION_TIMEOUT: Duration = Duration::from_secs(10);

/// The figures of one group protocol.
pub(crate) fn measure(group_protocol: GroupProtocol) -> anyhow::Result<Vec<Figure>> {
    run(measured(group_protocol))
}

async fn measured(group_protocol: GroupProtocol) -> anyhow::Result<Vec<Figure>> {
    let broker = Broker::start_with(PARTITIONS, group_protocol).await?;
    let load = Load::new(&broker.client, PARTITIONS, TASK)?;
    let mut verdicts = Verdicts::open(&broker.client).await?;
    let mut fleet = Fleet::start(&broker, 1, SLOTS).await?;
    let one = rate(&load, &mut verdicts, 1).await?;
    tell(&format!("one evaluator: {one:.1}/s"));
    fleet.grow_to(EVALUATORS - NEW_MEMBERS).await?;
    let mut joined = Vec::new();
    for _ in 0..NEW_MEMBERS {
        joined.push(new_member(&mut fleet, &load, &mut verdicts).await?);
    }
    tell(&format!("new members waited for {joined:.0?} ms"));
    let all = rate(&load, &mut verdicts, EVALUATORS).await?;
    tell(&format!("all evaluators: {all:.1}/s"));
    let idle = killed(&mut fleet, &load, &mut verdicts).await?;
    let milliseconds = |ms: f64| Duration::from_secs_f64(ms / 1e3);
    let name = |what: &str| match group_protocol {
        GroupProtocol::Classic => format!("scale-out{what}"),
        GroupProtocol::Consumer => format!("scale-out{what}-kip848"),
    };
    let linear = one * EVALUATORS as f64;
    Ok(vec![
        Figure::at_least(
            &name(""),
            all,
            linear,
            "submissions/s",
            0.9,
            "≥ 90 % linear",
        ),
        Figure::at_most(
            &name("-new-member"),
            milliseconds(median(joined)),
            Duration::from_secs(2),
            1.0,
            "≤ 2 s",
        ),
        Figure::at_most(
            &name("-killed"),
            milliseconds(idle),
            SESSION_TIMEOUT + Duration::from_secs(2),
            1.0,
            "≤ session time-out + 2 s",
        ),
    ])
}

/// Judged per second by so many, without the first and the last round.
async fn rate(load: &Load, verdicts: &mut Verdicts, evaluators: usize) -> anyhow::Result<f64> {
    let count = evaluators * EACH * SECONDS;
    load.send_all(evenly(count, PARTITIONS)).await?;
    let (judged, _) = verdicts.take_first(count).await?;
    Ok(full_rate(&judged, evaluators * SLOTS))
}
