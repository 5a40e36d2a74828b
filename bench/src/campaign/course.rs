//! The faults of a plan as they happen: when each is due, what must be mended afterwards, and what is spared.
//!
//! A planted killer is convicted when its evaluator dies while it runs alone, and whoever else runs alone just then is innocent.
//! So as long as a killer has no verdict, no evaluator is killed or cut off by us: the deaths are the killer's.

use std::collections::BTreeSet;
use std::sync::PoisonError;
use std::thread;
use std::time::Duration;

use anyhow::{Context, bail};
use e2e::results;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::clock::now_ms;
use super::load::Planter;
use super::members::Members;
use super::plan::{Event, Fault, Line, Role, Trouble};
use super::site::Site;

/// Between two looks at everything.
const TICK: Duration = Duration::from_millis(100);
/// Between two looks whether killers were convicted.
const LOOK_FOR_VERDICTS: Duration = Duration::from_secs(2);

/// The plan, on its way.
pub(super) struct Course<'a> {
    site: &'a Site,
    pub(super) members: Members<'a>,
    planter: Planter,
    /// Killers without a verdict.
    at_large: BTreeSet<Uuid>,
    looked_at: Instant,
    /// Lines to mend, and when.
    troubled: Vec<(Line, Instant)>,
    /// A server that is down, until it is back: with what it cost.
    broker: Option<Repair>,
    database: Option<Repair>,
}

/// A server on its way back.
struct Repair {
    since_ms: i64,
    done: JoinHandle<anyhow::Result<()>>,
}

impl<'a> Course<'a> {
    pub(super) fn new(site: &'a Site, members: Members<'a>, planter: Planter) -> Self {
        Self {
            site,
            members,
            planter,
            at_large: BTreeSet::new(),
            looked_at: Instant::now(),
            troubled: Vec::new(),
            broker: None,
            database: None,
        }
    }

    /// Lets everything happen that is planned within this time.
    pub(super) async fn run(
        &mut self,
        plan: &[Event],
        lasting: Duration,
        stop: &CancellationToken,
    ) -> anyhow::Result<()> {
        let started = Instant::now();
        let mut plan = plan.iter().peekable();
        while started.elapsed() < lasting {
            while let Some(event) = plan.next_if(|event| event.at <= started.elapsed()) {
                self.befall(event.fault).await?;
            }
            self.tick(stop).await?;
        }
        Ok(())
    }

    /// One look at everything, and a pause.
    pub(super) async fn tick(&mut self, stop: &CancellationToken) -> anyhow::Result<()> {
        tokio::select! {
            () = stop.cancelled() => bail!("interrupted"),
            () = tokio::time::sleep(TICK) => {}
        }
        self.members.tend()?;
        self.mend_lines(Instant::now());
        self.finish_repairs().await?;
        while let Ok(submission_id) = self.planter.planted.try_recv() {
            self.at_large.insert(submission_id);
        }
        self.look_for_verdicts().await;
        Ok(())
    }

    /// Nothing goes wrong from now on.
    pub(super) async fn heal(&mut self) -> anyhow::Result<()> {
        self.site.clear_lines();
        self.troubled.clear();
        for repair in self.broker.take().into_iter().chain(self.database.take()) {
            repair.done.await??;
        }
        self.members.calm()
    }

    async fn befall(&mut self, fault: Fault) -> anyhow::Result<()> {
        if !self.at_large.is_empty() && could_convict_others(&fault) {
            self.members.history.count("spared");
            return Ok(());
        }
        match fault {
            Fault::Kill { resident, down } => self.members.kill(resident, down).await?,
            Fault::Freeze { resident, lasting } => self.members.freeze(resident, lasting)?,
            Fault::KillBroker { broker, down } => self.stop_broker(broker, down, true),
            Fault::FreezeBroker { broker, lasting } => self.stop_broker(broker, lasting, false),
            Fault::RestartDatabase { down } => self.restart_database(down),
            Fault::Cut { line, one_in } => {
                self.site.line(line).cut(one_in);
                self.members.history.count("cut");
                self.trouble(line, Duration::ZERO);
            }
            Fault::Trouble {
                line,
                trouble,
                lasting,
            } => {
                self.site.line(line).set(Some(trouble));
                self.troubled.push((line, Instant::now() + lasting));
                self.members.history.count(kind(trouble));
                self.trouble(line, lasting);
            }
            Fault::Join(role) => self.members.join_guest(role)?,
            Fault::Leave => self.members.leave_guest()?,
            Fault::Plant { killers } => {
                // Nobody reads it any more if the load has failed, and then that is told.
                let _ = self.planter.orders.send(killers).await;
                self.members.history.count("plant");
            }
        }
        Ok(())
    }

    fn trouble(&mut self, line: Line, lasting: Duration) {
        if matches!(line, Line::Broker(_)) {
            let (now_ms, slots) = (now_ms(), self.members.slots_of_all());
            let until_ms = now_ms + lasting.as_millis() as i64;
            self.members.history.trouble(now_ms, until_ms, slots);
        }
    }

    fn mend_lines(&mut self, now: Instant) {
        let site = self.site;
        self.troubled.retain(|(line, until)| {
            let over = *until <= now;
            if over {
                site.line(*line).set(None);
            }
            !over
        });
    }

    /// One broker at a time: the guarantee is for two of three.
    fn stop_broker(&mut self, index: usize, lasting: Duration, kill: bool) {
        if self.broker.is_some() {
            return;
        }
        let broker = self.site.brokers[index].clone();
        let done = tokio::task::spawn_blocking(move || {
            let mut broker = broker.lock().unwrap_or_else(PoisonError::into_inner);
            if kill {
                broker.halt()?;
                thread::sleep(lasting);
                broker.resume()
            } else {
                broker.freeze()?;
                thread::sleep(lasting);
                broker.thaw()
            }
        });
        let since_ms = now_ms();
        self.broker = Some(Repair { since_ms, done });
        let history = &mut self.members.history;
        history.count(if kill { "kill broker" } else { "freeze broker" });
        history.kills += u32::from(kill);
    }

    fn restart_database(&mut self, down: Duration) {
        if self.database.is_some() {
            return;
        }
        let postgres = self.site.postgres.clone();
        let done = tokio::task::spawn_blocking(move || {
            postgres.halt().context("failed to stop PostgreSQL")?;
            thread::sleep(down);
            postgres.resume().context("failed to restart PostgreSQL")
        });
        let since_ms = now_ms();
        self.database = Some(Repair { since_ms, done });
        self.members.history.count("restart database");
    }

    async fn finish_repairs(&mut self) -> anyhow::Result<()> {
        if let Some(repair) = self.broker.take_if(|repair| repair.done.is_finished()) {
            repair.done.await??;
            let slots = self.members.slots_of_all();
            let history = &mut self.members.history;
            history.trouble(repair.since_ms, now_ms(), slots);
        }
        if let Some(repair) = self.database.take_if(|repair| repair.done.is_finished()) {
            repair.done.await??;
        }
        Ok(())
    }

    /// The database may be away: then we look again later.
    async fn look_for_verdicts(&mut self) {
        if self.at_large.is_empty() || self.looked_at.elapsed() < LOOK_FOR_VERDICTS {
            return;
        }
        self.looked_at = Instant::now();
        let limit = LOOK_FOR_VERDICTS;
        let rows = tokio::time::timeout(limit, results::rows(&self.site.database_url)).await;
        if let Ok(Ok(rows)) = rows {
            self.at_large
                .retain(|killer| !rows.contains_key(&(*killer, 0)));
        }
    }
}

/// Whether an evaluator may lose what it runs.
fn could_convict_others(fault: &Fault) -> bool {
    match fault {
        Fault::Kill { resident, .. } | Fault::Freeze { resident, .. } => {
            resident.0 == Role::Evaluator
        }
        Fault::KillBroker { .. } | Fault::FreezeBroker { .. } => true,
        Fault::Trouble { line, trouble, .. } => {
            matches!(line, Line::Broker(_)) && !matches!(trouble, Trouble::Delay { .. })
        }
        _ => false,
    }
}

fn kind(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::Delay { .. } => "delay",
        Trouble::Stall => "stall",
        Trouble::Refuse => "refuse",
    }
}
