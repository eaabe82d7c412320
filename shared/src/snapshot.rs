//! What a shard hands over at the end of each interval: a delta, never a total.
//!
//! Merging deltas is commutative and associative, so it does not matter in
//! which order shards report, and the merge of all deltas is the run.

use crate::counters::Counters;
use crate::examples::ErrorExamples;
use crate::latency::LatencyHistogram;
use crate::sample::SampleBatch;
use crate::script_totals::ScriptTotals;
use crate::step_delta::{self, StepDelta};

/// The distributions a run keeps, in nanoseconds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Latencies {
    /// Intended start to last byte read, of answered requests.
    pub response: LatencyHistogram,
    /// First byte written to last byte read, of answered requests.
    pub service: LatencyHistogram,
    /// Intended start to release, of every arrival of the open model: the
    /// generator's own lateness.
    pub schedule_lag: LatencyHistogram,
    /// Intended start to the moment a virtual user was free, of answered
    /// requests; 0 where one was.
    pub vu_wait: LatencyHistogram,
    /// Taken by a virtual user to first byte written, of answered requests:
    /// the wait for a place in the pool, look-up, connect and handshake.
    pub blocked: LatencyHistogram,
    /// TCP connects that succeeded.
    pub connect: LatencyHistogram,
    /// TLS handshakes that succeeded.
    pub tls: LatencyHistogram,
}

impl Latencies {
    /// Adds everything `other` holds.
    pub fn merge(&mut self, other: &Self) {
        let mine = self.all_mut();
        mine.into_iter()
            .zip(other.by_name())
            .for_each(|(sum, (_, more))| sum.merge(more));
    }

    /// Forgets everything and keeps the memory.
    pub fn clear(&mut self) {
        self.all_mut().into_iter().for_each(LatencyHistogram::clear);
    }

    /// All of them with their names on the wire.
    #[must_use]
    pub fn by_name(&self) -> [(&'static str, &LatencyHistogram); 7] {
        [
            ("response", &self.response),
            ("service", &self.service),
            ("scheduleLag", &self.schedule_lag),
            ("vuWait", &self.vu_wait),
            ("blocked", &self.blocked),
            ("connect", &self.connect),
            ("tls", &self.tls),
        ]
    }

    fn all_mut(&mut self) -> [&mut LatencyHistogram; 7] {
        [
            &mut self.response,
            &mut self.service,
            &mut self.schedule_lag,
            &mut self.vu_wait,
            &mut self.blocked,
            &mut self.connect,
            &mut self.tls,
        ]
    }
}

/// How things stand at one moment. Gauges of several shards add up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gauges {
    /// Connections open or being made.
    pub connections: u64,
    /// Most of them at once since the last snapshot.
    pub connections_peak: u64,
    /// Exchanges between issue and outcome.
    pub in_flight: u64,
    /// Arrivals released and waiting for a virtual user.
    pub waiting: u64,
}

impl Gauges {
    /// The gauges of two shards together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            connections: self.connections + other.connections,
            connections_peak: self.connections_peak + other.connections_peak,
            in_flight: self.in_flight + other.in_flight,
            waiting: self.waiting + other.waiting,
        }
    }
}

/// What happened since the last snapshot.
#[derive(Clone, Debug, Default)]
pub struct Delta {
    /// Counts.
    pub counters: Counters,
    /// Distributions.
    pub latencies: Latencies,
    /// Single requests.
    pub samples: SampleBatch,
    /// The first failures of each class.
    pub examples: ErrorExamples,
    /// What scripts did.
    pub scripts: ScriptTotals,
    /// Step by step, where an iteration has several; else empty.
    pub steps: Vec<StepDelta>,
}

impl Delta {
    /// Adds everything `other` holds.
    pub fn merge(&mut self, other: &Self) {
        self.counters.merge(&other.counters);
        self.latencies.merge(&other.latencies);
        self.samples.append(&other.samples);
        self.examples.merge(&other.examples);
        self.scripts.merge(&other.scripts);
        step_delta::merge(&mut self.steps, &other.steps);
    }

    /// Forgets everything and keeps the memory.
    pub fn clear(&mut self) {
        self.counters.clear();
        self.latencies.clear();
        self.samples.clear();
        self.examples.clear();
        self.scripts.clear();
        self.steps.iter_mut().for_each(StepDelta::clear);
    }
}

/// Everything measured since the epoch, without the single requests, which are
/// handed on as they come.
#[derive(Clone, Debug, Default)]
pub struct Totals {
    /// Counts.
    pub counters: Counters,
    /// Distributions.
    pub latencies: Latencies,
    /// The first failures of each class.
    pub examples: ErrorExamples,
    /// What scripts did.
    pub scripts: ScriptTotals,
}

impl Totals {
    /// Adds a delta.
    pub fn add(&mut self, delta: &Delta) {
        self.counters.merge(&delta.counters);
        self.latencies.merge(&delta.latencies);
        self.examples.merge(&delta.examples);
        self.scripts.merge(&delta.scripts);
    }

    /// Adds everything `other` holds.
    pub fn merge(&mut self, other: &Self) {
        self.counters.merge(&other.counters);
        self.latencies.merge(&other.latencies);
        self.examples.merge(&other.examples);
        self.scripts.merge(&other.scripts);
    }
}

/// One shard's delta of the intervals up to and including `interval`.
#[derive(Clone, Debug)]
pub struct ShardSnapshot {
    /// Which shard.
    pub shard: usize,
    /// The last interval it covers, counted from the epoch.
    pub interval: u64,
    /// What happened.
    pub delta: Box<Delta>,
    /// How things stand.
    pub gauges: Gauges,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Status;
    use proptest::prelude::*;

    fn delta(spans: &[u64]) -> Delta {
        let mut delta = Delta::default();
        for &span in spans {
            delta.latencies.response.record(span);
            delta.latencies.service.record(span / 2);
            delta.counters.issued += 1;
            delta
                .counters
                .count_status(Status::new(200 + (span % 300) as u16).expect("legal"));
        }
        delta
    }

    fn merged(parts: &[&Delta]) -> Delta {
        let mut sum = Delta::default();
        parts.iter().for_each(|part| sum.merge(part));
        sum
    }

    proptest! {
        #[test]
        fn merging_is_commutative_and_associative(
            a in prop::collection::vec(0u64..1_000_000_000, 0..50),
            b in prop::collection::vec(0u64..1_000_000_000, 0..50),
            c in prop::collection::vec(0u64..1_000_000_000, 0..50),
        ) {
            let (a, b, c) = (delta(&a), delta(&b), delta(&c));
            let orders = [
                merged(&[&a, &b, &c]),
                merged(&[&c, &a, &b]),
                merged(&[&merged(&[&a, &b]), &c]),
                merged(&[&a, &merged(&[&b, &c])]),
            ];
            for pair in orders.windows(2) {
                prop_assert_eq!(&pair[0].counters, &pair[1].counters);
                prop_assert_eq!(&pair[0].latencies, &pair[1].latencies);
            }
        }
    }
}
