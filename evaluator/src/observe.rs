//! Bringing the gauges up to date, for whoever reads the metrics now.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use kafka::ConsumerStatus;
use kafka::consumer::PartitionStatus;
use prometheus::GaugeVec;
use schemas::topics::CLIENT_LANES;
use service::metrics::count_to;

use crate::evaluator::Evaluator;
use crate::intake::backlog;
use crate::metrics::{ConsumerMetrics, PartitionMetrics};
use crate::schedule::LaneKind;

/// Since when each frontier has been where it is, as far as anybody looked.
#[derive(Debug, Default)]
pub(crate) struct Frontiers(Mutex<HashMap<(String, i32), (i64, Instant)>>);

impl Evaluator {
    /// Brings the gauges up to date.
    pub(crate) fn observe(&self) {
        let (ends, slots, breaker) = (
            &self.metrics.ends,
            &self.metrics.slots,
            &self.metrics.breaker,
        );
        slots.slots.set(gauge(self.turns.slots()));
        slots.busy.set(gauge(self.turns.slots_busy()));
        slots.suspects.set(gauge(self.turns.suspects()));
        slots.held.set(gauge(self.holds.held()));
        breaker.state.set(self.breaker.state_code());
        breaker
            .ready
            .set(i64::from(self.health.reasons().is_empty()));
        let oldest = self.publisher.oldest_in_flight().unwrap_or_default();
        ends.oldest_unpublished_seconds.set(oldest.as_secs_f64());
        self.observe_waiting();
        let statuses = self.health.statuses();
        self.observe_backlog(&statuses);
        for (topic, status) in &statuses {
            self.metrics.consumers.observe(topic, status);
        }
        let partitions = statuses.iter().flat_map(|(_, status)| &status.partitions);
        self.metrics
            .partitions
            .observe(partitions, &self.frontiers, crate::clock::now_ms());
    }

    fn observe_waiting(&self) {
        let metrics = &self.metrics.waiting;
        for topic in CLIENT_LANES {
            let handing_over = f64::from(u8::from(self.overflow.is_handing_over(topic)));
            set(&metrics.handing_over, &[topic], handing_over);
        }
        for lane in LaneKind::ALL {
            let (label, waiting) = (&[lane.name()], self.turns.waiting(lane));
            set(&metrics.waiting, label, waiting.count as f64);
            let cost = waiting.cost.as_secs_f64();
            set(&metrics.waiting_cpu_seconds, label, cost);
        }
    }

    fn observe_backlog(&self, statuses: &[(String, ConsumerStatus)]) {
        let mean = self.costs.mean().as_secs_f64();
        let gauges = &self.metrics.waiting.backlog_cpu_seconds;
        gauges.reset();
        for (topic, status) in statuses {
            let records = backlog::not_started(status) + backlog::on_log(status);
            set(gauges, &[topic], records as f64 * mean);
        }
    }
}

impl ConsumerMetrics {
    fn observe(&self, topic: &str, status: &ConsumerStatus) {
        let label = &[topic];
        let seconds = |gauges: &GaugeVec, time: Duration| set(gauges, label, time.as_secs_f64());
        seconds(&self.heartbeat_age_seconds, status.heartbeat_age);
        let committing = self.commit_seconds.with_label_values(label);
        count_to(&committing, status.commit_time.as_secs_f64());
        for (gauges, last) in [
            (&self.commit_latency_seconds, status.commit_latency),
            (&self.hand_off_seconds, status.hand_off),
        ] {
            if let Some(last) = last {
                seconds(gauges, last);
            }
        }
        for (counters, total) in [
            (&self.commits, status.commits),
            (&self.commit_failures, status.commit_failures),
            (&self.client_errors, status.client_errors),
            (&self.lost_partitions, status.lost),
            (&self.refetched, status.refetched),
        ] {
            count_to(&counters.with_label_values(label), total);
        }
    }
}

impl PartitionMetrics {
    fn observe<'a>(
        &self,
        partitions: impl Iterator<Item = &'a PartitionStatus>,
        frontiers: &Frontiers,
        now_ms: i64,
    ) {
        // Partitions that we own no longer must not keep their last values.
        for gauges in [
            &self.frontier_lag,
            &self.frontier_age_seconds,
            &self.outstanding,
            &self.queued,
            &self.oldest_age_seconds,
        ] {
            gauges.reset();
        }
        let mut seen = HashMap::new();
        let mut known = frontiers.0.lock().unwrap_or_else(PoisonError::into_inner);
        for status in partitions {
            let partition = status.partition.to_string();
            let labels = [status.topic.as_str(), partition.as_str()];
            set(&self.outstanding, &labels, status.outstanding as f64);
            set(&self.queued, &labels, status.queued as f64);
            if let Some(appended_ms) = status.frontier_timestamp_ms {
                let age_ms = (now_ms - appended_ms).max(0);
                set(&self.oldest_age_seconds, &labels, age_ms as f64 / 1_000.0);
            }
            let Some(frontier) = status.frontier else {
                continue;
            };
            // The end is a few seconds old and may lie before the frontier.
            let lag = status.end_offset.map(|end| (end - frontier).max(0));
            if let Some(lag) = lag {
                set(&self.frontier_lag, &labels, lag as f64);
            }
            let waits = status.outstanding > 0 || lag.is_some_and(|lag| lag > 0);
            let key = (status.topic.clone(), status.partition);
            let since = match known.get(&key) {
                Some((before, since)) if *before == frontier && waits => *since,
                _ => Instant::now(),
            };
            let age = since.elapsed().as_secs_f64();
            set(&self.frontier_age_seconds, &labels, age);
            seen.insert(key, (frontier, since));
        }
        *known = seen;
    }
}

fn set(gauges: &GaugeVec, labels: &[&str], value: f64) {
    gauges.with_label_values(labels).set(value);
}

fn gauge(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
