//! The snapshot that a shard sends at the end of each interval: a delta, never a total.
//!
//! Merging deltas is commutative and associative, so the order in which shards report does not matter, and
//! the merge of all deltas is the run.

use crate::counters::Counters;
use crate::examples::ErrorExamples;
use crate::latency::LatencyHistogram;
use crate::sample::SampleBatch;
use crate::script_totals::ScriptTotals;
use crate::step_delta::{self, StepDelta};

/// The latency distributions of a run, in nanoseconds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Latencies {
    /// Intended start to last byte read, of requests with a response.
    pub response: LatencyHistogram,
    /// First byte written to last byte read, of requests with a response.
    pub service: LatencyHistogram,
    /// Intended start to release, of every open-model arrival: lateness caused by the generator itself.
    pub schedule_lag: LatencyHistogram,
    /// Intended start to the availability of a virtual user, of requests with a response. 0 if one was
    /// available.
    pub vu_wait: LatencyHistogram,
    /// Assignment to a virtual user to first byte written, of requests with a response: the wait for a pool
    /// slot, DNS lookup, connect and TLS handshake.
    pub blocked: LatencyHistogram,
    /// Successful TCP connects.
    pub connect: LatencyHistogram,
    /// Successful TLS handshakes.
    pub tls: LatencyHistogram,
}

impl Latencies {
    /// Adds all counts of `other`.
    pub fn merge(&mut self, other: &Self) {
        let mine = self.all_mut();
        mine.into_iter()
            .zip(other.by_name())
            .for_each(|(sum, (_, more))| sum.merge(more));
    }

    /// Resets everything and keeps the allocation.
    pub fn clear(&mut self) {
        self.all_mut().into_iter().for_each(LatencyHistogram::clear);
    }

    /// Returns all distributions with their names on the wire.
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

/// Current state. Gauges of several shards add up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gauges {
    /// Connections open or being established.
    pub connections: u64,
    /// Peak of `connections` since the last snapshot.
    pub connections_peak: u64,
    /// Exchanges in flight: issued, without an outcome yet.
    pub in_flight: u64,
    /// Arrivals released and waiting for a virtual user.
    pub waiting: u64,
}

impl Gauges {
    /// Returns the sum of the gauges of two shards.
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

/// Changes since the last snapshot.
#[derive(Clone, Debug, Default)]
pub struct Delta {
    /// Counts.
    pub counters: Counters,
    /// Distributions.
    pub latencies: Latencies,
    /// Sampled requests.
    pub samples: SampleBatch,
    /// The first failures of each class.
    pub examples: ErrorExamples,
    /// Script statistics.
    pub scripts: ScriptTotals,
    /// Statistics per step. Empty if an iteration has only one.
    pub steps: Vec<StepDelta>,
}

impl Delta {
    /// Adds all data of `other`.
    pub fn merge(&mut self, other: &Self) {
        self.counters.merge(&other.counters);
        self.latencies.merge(&other.latencies);
        self.samples.append(&other.samples);
        self.examples.merge(&other.examples);
        self.scripts.merge(&other.scripts);
        step_delta::merge(&mut self.steps, &other.steps);
    }

    /// Resets everything and keeps the allocation.
    pub fn clear(&mut self) {
        self.counters.clear();
        self.latencies.clear();
        self.samples.clear();
        self.examples.clear();
        self.scripts.clear();
        self.steps.iter_mut().for_each(StepDelta::clear);
    }
}

/// Totals since the epoch, without the sampled requests, which are forwarded as they arrive.
#[derive(Clone, Debug, Default)]
pub struct Totals {
    /// Counts.
    pub counters: Counters,
    /// Distributions.
    pub latencies: Latencies,
    /// The first failures of each class.
    pub examples: ErrorExamples,
    /// Script statistics.
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

    /// Adds all data of `other`.
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
    /// The shard.
    pub shard: usize,
    /// The last interval it covers, counted from the epoch.
    pub interval: u64,
    /// The changes.
    pub delta: Box<Delta>,
    /// The current state.
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
