//! The processes of the product: kept running, killed, frozen, joined by guests.
//!
//! All are started on the thread that runs the campaign, because each dies with the thread that started it.

use std::collections::VecDeque;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::Duration;

use e2e::service::Service;
use tokio::time::Instant;

use super::clock::now_ms;
use super::history::History;
use super::plan::{RESIDENTS, Resident, Role};
use super::site::Site;

/// What starts it again takes so long to notice that it has ended.
const RESTART_AFTER: Duration = Duration::from_millis(500);
/// Longest time from the request to leave to the end.
const LEAVING: Duration = Duration::from_secs(90);
/// A scrape that takes longer tells nothing in time.
const SCRAPE: Duration = Duration::from_millis(500);
/// What a commit's round trip is taken for when nobody could tell.
const UNKNOWN_ROUND_TRIP: Duration = Duration::from_secs(5);
/// The first guests' numbers.
const GUESTS: std::ops::Range<u32> = 11..20;
const SIGKILL: i32 = 9;

struct Member {
    resident: Resident,
    state: State,
}

enum State {
    Up(Service),
    Frozen {
        service: Service,
        since_ms: i64,
        until: Instant,
    },
    Leaving {
        service: Service,
        until: Instant,
    },
    Down {
        until: Instant,
    },
}

/// All of them.
pub(super) struct Members<'a> {
    site: &'a Site,
    slots: usize,
    residents: Vec<Member>,
    guests: VecDeque<Member>,
    leaving: Vec<Member>,
    pub(super) history: History,
}

impl<'a> Members<'a> {
    /// Starts the residents.
    pub(super) fn start(site: &'a Site, slots: usize) -> anyhow::Result<Self> {
        let mut members = Self {
            site,
            slots,
            residents: Vec::new(),
            guests: VecDeque::new(),
            leaving: Vec::new(),
            history: History::default(),
        };
        for resident in RESIDENTS {
            let member = members.join(resident)?;
            members.residents.push(member);
        }
        Ok(members)
    }

    /// Returns when all residents take work.
    pub(super) async fn until_ready(&mut self, limit: Duration) -> anyhow::Result<()> {
        for member in &mut self.residents {
            if let State::Up(service) = &mut member.state {
                service.ready(limit).await?;
            }
        }
        Ok(())
    }

    pub(super) fn slots_of_all(&self) -> usize {
        let evaluators = self.residents.iter().chain(&self.guests);
        let evaluators = evaluators.filter(|member| member.resident.0 == Role::Evaluator);
        evaluators.count() * self.slots
    }

    /// Starts again whatever has ended, wakes whoever has slept enough, and buries who has left.
    pub(super) fn tend(&mut self) -> anyhow::Result<()> {
        for index in 0..self.residents.len() {
            let resident = self.residents[index].resident;
            if let Some(status) = self.residents[index].ended()? {
                self.note_end(resident, status);
                self.residents[index].state = State::Down {
                    until: Instant::now() + RESTART_AFTER,
                };
            }
            if self.residents[index].is_due() {
                self.residents[index] = self.join(resident)?;
            }
            self.thaw_if_due(index)?;
        }
        self.tend_guests()
    }

    fn tend_guests(&mut self) -> anyhow::Result<()> {
        let mut ended = Vec::new();
        for guest in self.guests.iter_mut().chain(&mut self.leaving) {
            if let Some(status) = guest.ended()? {
                ended.push((guest.resident, status));
            } else if guest.overstays() {
                self.history.stuck.push(name(guest.resident));
                guest.state = State::Down {
                    until: Instant::now(),
                };
            }
        }
        for (resident, status) in ended {
            self.note_end(resident, status);
        }
        let is_there = |guest: &Member| guest.service().is_some_and(|it| !it.process.has_ended());
        self.guests.retain(is_there);
        self.leaving.retain(is_there);
        Ok(())
    }

    /// It ended and we had not killed it.
    fn note_end(&mut self, resident: Resident, status: ExitStatus) {
        if resident.0 == Role::Evaluator && status.signal() == Some(SIGKILL) {
            self.history.planted_deaths += 1;
            let host = name(resident);
            self.history
                .death(&host, now_ms(), UNKNOWN_ROUND_TRIP, self.slots);
        } else if !status.success() {
            let line = format!("{} ({status})", name(resident));
            *self.history.gave_up.entry(line).or_default() += 1;
        }
    }

    /// SIGKILL, whatever it does.
    pub(super) async fn kill(&mut self, resident: Resident, down: Duration) -> anyhow::Result<()> {
        let index = self.index(resident);
        let member = &mut self.residents[index];
        let round_trip = member.commit_round_trip().await;
        let Some(service) = member.service_mut() else {
            return Ok(());
        };
        service.process.kill()?;
        member.state = State::Down {
            until: Instant::now() + down,
        };
        self.history.kills += 1;
        self.history.count("kill");
        if resident.0 == Role::Evaluator {
            let host = name(resident);
            self.history.death(&host, now_ms(), round_trip, self.slots);
        }
        Ok(())
    }

    /// SIGSTOP, if it runs.
    pub(super) fn freeze(&mut self, resident: Resident, lasting: Duration) -> anyhow::Result<()> {
        let index = self.index(resident);
        let down = State::Down {
            until: Instant::now(),
        };
        let state = &mut self.residents[index].state;
        *state = match std::mem::replace(state, down) {
            State::Up(service) => {
                service.process.freeze()?;
                self.history.count("freeze");
                State::Frozen {
                    service,
                    since_ms: now_ms(),
                    until: Instant::now() + lasting,
                }
            }
            other => other,
        };
        Ok(())
    }

    fn thaw_if_due(&mut self, index: usize) -> anyhow::Result<()> {
        let due = matches!(&self.residents[index].state, State::Frozen { until, .. } if *until <= Instant::now());
        if due { self.thaw(index) } else { Ok(()) }
    }

    fn thaw(&mut self, index: usize) -> anyhow::Result<()> {
        let member = &mut self.residents[index];
        let down = State::Down {
            until: Instant::now(),
        };
        member.state = match std::mem::replace(&mut member.state, down) {
            State::Frozen {
                service, since_ms, ..
            } => {
                service.process.thaw()?;
                if member.resident.0 == Role::Evaluator {
                    let host = name(member.resident);
                    self.history.frozen(&host, since_ms, now_ms(), self.slots);
                }
                State::Up(service)
            }
            other => other,
        };
        Ok(())
    }

    /// A guest comes.
    pub(super) fn join_guest(&mut self, role: Role) -> anyhow::Result<()> {
        let others = || self.guests.iter().chain(&self.leaving);
        let taken = |number: &u32| others().any(|guest| guest.resident == (role, *number));
        let Some(number) = GUESTS.clone().find(|number| !taken(number)) else {
            return Ok(());
        };
        let guest = self.join((role, number))?;
        self.guests.push_back(guest);
        self.history.count("join");
        Ok(())
    }

    /// The one that is there longest is asked to leave.
    pub(super) fn leave_guest(&mut self) -> anyhow::Result<()> {
        let Some(mut guest) = self.guests.pop_front() else {
            return Ok(());
        };
        guest.leave()?;
        self.leaving.push(guest);
        self.history.count("leave");
        Ok(())
    }

    /// Nobody is frozen and no guest stays.
    pub(super) fn calm(&mut self) -> anyhow::Result<()> {
        for index in 0..self.residents.len() {
            self.thaw(index)?;
        }
        while !self.guests.is_empty() {
            self.leave_guest()?;
        }
        self.tend()
    }

    /// Asks all to end, and kills who does not in time.
    pub(super) async fn stop(mut self, limit: Duration) -> anyhow::Result<History> {
        self.calm()?;
        let until = Instant::now() + limit;
        for member in &mut self.residents {
            member.leave()?;
        }
        for member in self.residents.iter_mut().chain(&mut self.leaving) {
            while member.is_running()? {
                if Instant::now() > until {
                    self.history.stuck.push(name(member.resident));
                    break;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        Ok(self.history)
    }

    fn index(&self, resident: Resident) -> usize {
        let position = self.residents.iter().position(|it| it.resident == resident);
        position.unwrap_or_default()
    }

    fn join(&self, resident: Resident) -> anyhow::Result<Member> {
        let (roles, name) = (&self.site.roles, name(resident));
        let service = match resident.0 {
            Role::Evaluator => {
                let slots = self.slots.to_string();
                let flags = [
                    "--languages",
                    "c",
                    "--slots",
                    &slots,
                    "--grace-seconds",
                    "20",
                ];
                roles.evaluator(resident.1, &flags)?
            }
            Role::Sink => roles.reader("results-sink", &name, &["--reconcile-seconds", "5"])?,
            Role::Analytics => roles.reader("analytics", &name, &[])?,
        };
        Ok(Member {
            resident,
            state: State::Up(service),
        })
    }
}

impl Member {
    fn service(&self) -> Option<&Service> {
        match &self.state {
            State::Up(service) | State::Frozen { service, .. } | State::Leaving { service, .. } => {
                Some(service)
            }
            State::Down { .. } => None,
        }
    }

    fn service_mut(&mut self) -> Option<&mut Service> {
        match &mut self.state {
            State::Up(service) | State::Frozen { service, .. } | State::Leaving { service, .. } => {
                Some(service)
            }
            State::Down { .. } => None,
        }
    }

    /// How it ended, once.
    fn ended(&mut self) -> anyhow::Result<Option<ExitStatus>> {
        match self.service_mut() {
            Some(service) if !service.process.has_ended() => service.process.ended(),
            _ => Ok(None),
        }
    }

    fn is_running(&mut self) -> anyhow::Result<bool> {
        Ok(match self.service_mut() {
            Some(service) => service.process.ended()?.is_none(),
            None => false,
        })
    }

    fn leave(&mut self) -> anyhow::Result<()> {
        let until = Instant::now();
        self.state = match std::mem::replace(&mut self.state, State::Down { until }) {
            State::Up(service) if !service.process.has_ended() => {
                service.process.terminate()?;
                let until = until + LEAVING;
                State::Leaving { service, until }
            }
            other => other,
        };
        Ok(())
    }

    fn is_due(&self) -> bool {
        matches!(self.state, State::Down { until } if until <= Instant::now())
    }

    fn overstays(&self) -> bool {
        matches!(self.state, State::Leaving { until, .. } if until <= Instant::now())
    }

    /// How long the last commits of all its lanes took, one after the other.
    async fn commit_round_trip(&self) -> Duration {
        let State::Up(service) = &self.state else {
            return UNKNOWN_ROUND_TRIP;
        };
        if self.resident.0 != Role::Evaluator {
            return Duration::ZERO;
        }
        let latency = service.metric("tribunal_evaluator_commit_latency_seconds");
        match tokio::time::timeout(SCRAPE, latency).await {
            Ok(Ok(Some(seconds))) => Duration::from_secs_f64(seconds),
            _ => UNKNOWN_ROUND_TRIP,
        }
    }
}

/// A process's name: that of its log, and an evaluator's host.
fn name((role, number): Resident) -> String {
    let role = match role {
        Role::Evaluator => "evaluator",
        Role::Sink => "results-sink",
        Role::Analytics => "analytics",
    };
    format!("{role}-{number}")
}
