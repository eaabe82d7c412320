//! Aggregates a run by stats interval for live watchers: a few numbers each, once all shards have reported.
//!
//! Nothing is stored, and nothing here enters the verdict. `ticks` aggregates the seconds that are stored.

use std::collections::{BTreeMap, VecDeque};

use vayu_shared::snapshot::{Delta, Gauges};
use vayu_shared::units::{Nanos, SECOND, to_seconds};

/// Live sample: state of the run at the end of one of its intervals.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LiveSample {
    /// Time since the epoch.
    pub elapsed: Nanos,
    /// Requests completed since the epoch, by a response or a failure.
    pub completed: u64,
    /// Completed requests that failed: without a response, or with a status other than 2xx or 3xx.
    pub failed: u64,
    /// Requests completed per second over the last second, or since the epoch if that is shorter.
    pub rps: f64,
    /// Requests issued per second in this interval.
    pub send_rate: f64,
    /// Requests completed per second in this interval.
    pub throughput: f64,
    /// Mean latency, as documented, of all requests answered since the epoch, in nanoseconds. 0 if there are
    /// none.
    pub mean_latency_ns: f64,
    /// Mean latency in this interval, in nanoseconds. `None` if nothing was answered in it.
    pub interval_latency_ns: Option<f64>,
    /// Whether this is the remainder at the end of the run and not a whole interval. Rates are then scaled by
    /// its actual length, but at least by a twentieth of an interval.
    pub is_partial: bool,
    /// Gauges such as the number of connections, as last reported by each shard.
    pub gauges: Gauges,
}

/// The part of an interval that a live sample needs.
#[derive(Clone, Copy, Debug, Default)]
struct Part {
    issued: u64,
    completed: u64,
    failed: u64,
    answered: u64,
    latency_ns: f64,
}

impl Part {
    fn of(delta: &Delta, open_model: bool) -> Self {
        let latency = if open_model {
            &delta.latencies.response
        } else {
            &delta.latencies.service
        };
        Self {
            issued: delta.counters.issued,
            completed: delta.counters.completed(),
            failed: delta.counters.failures(),
            answered: latency.count(),
            latency_ns: latency.mean() * latency.count() as f64,
        }
    }

    fn add(&mut self, other: Self) {
        self.issued += other.issued;
        self.completed += other.completed;
        self.failed += other.failed;
        self.answered += other.answered;
        self.latency_ns += other.latency_ns;
    }

    fn mean_latency_ns(&self) -> Option<f64> {
        (self.answered > 0).then(|| self.latency_ns / self.answered as f64)
    }
}

/// Aggregates a run by interval.
pub struct LiveSampler {
    interval: Nanos,
    open_model: bool,
    /// Number of intervals each shard has reported.
    told: Vec<u64>,
    open: BTreeMap<u64, Part>,
    next: u64,
    total: Part,
    /// End of each interval in the last second, and the number of requests completed by then.
    recent: VecDeque<(Nanos, u64)>,
}

impl LiveSampler {
    /// Creates the aggregation for a run on `shards` shards, each of which reports every `interval`.
    pub fn new(shards: usize, interval: Nanos, open_model: bool) -> Self {
        Self {
            interval,
            open_model,
            told: vec![0; shards],
            open: BTreeMap::new(),
            next: 0,
            total: Part::default(),
            recent: VecDeque::from([(0, 0)]),
        }
    }

    /// Adds a shard's delta for its intervals up to `interval`.
    pub fn add(&mut self, shard: usize, interval: u64, delta: &Delta) {
        // As for seconds: a late delta is added to the next interval.
        let part = self.open.entry(interval.max(self.next)).or_default();
        part.add(Part::of(delta, self.open_model));
        self.told[shard] = interval + 1;
    }

    /// Marks a shard as finished: it reports nothing more.
    pub fn close(&mut self, shard: usize) {
        self.told[shard] = u64::MAX;
    }

    /// Returns the next interval that all shards have reported, if it ends by `end`.
    pub fn pop(&mut self, end: Nanos, gauges: Gauges) -> Option<LiveSample> {
        let ended = (self.next + 1).saturating_mul(self.interval);
        let told = self.told.iter().copied().min().unwrap_or(0);
        if told <= self.next || ended > end {
            return None;
        }
        let part = self.open.remove(&self.next).unwrap_or_default();
        self.next += 1;
        Some(self.over(part, ended, gauges))
    }

    /// Returns what is left at the end of the run. Returns `None` if everything was emitted.
    pub fn rest(&mut self, end: Nanos, gauges: Gauges) -> Option<LiveSample> {
        let mut rest = Part::default();
        for part in std::mem::take(&mut self.open).into_values() {
            rest.add(part);
        }
        let nothing = rest.issued == 0 && rest.completed == 0;
        let began = self.next.saturating_mul(self.interval);
        let is_told = self.next > 0 && nothing && end <= began;
        // The last interval may end after the run; time must not go backwards.
        (!is_told).then(|| self.over(rest, end.max(began), gauges))
    }

    fn over(&mut self, part: Part, ended: Nanos, gauges: Gauges) -> LiveSample {
        self.total.add(part);
        let began = self.recent.back().map_or(0, |(ended, _)| *ended);
        // A very short span would turn any count into a huge rate.
        let span = ended.saturating_sub(began);
        let length = to_seconds(span.max(self.interval / 20).max(1));
        self.recent.push_back((ended, self.total.completed));
        LiveSample {
            elapsed: ended,
            completed: self.total.completed,
            failed: self.total.failed,
            rps: self.recent_rps(ended, length),
            send_rate: part.issued as f64 / length,
            throughput: part.completed as f64 / length,
            mean_latency_ns: self.total.mean_latency_ns().unwrap_or(0.0),
            interval_latency_ns: part.mean_latency_ns(),
            is_partial: span < self.interval,
            gauges,
        }
    }

    /// Drops entries older than a second and returns the rate since then.
    fn recent_rps(&mut self, now: Nanos, shortest: f64) -> f64 {
        let is_old = |(ended, _): &(Nanos, u64)| ended + SECOND <= now;
        while self.recent.len() > 2 && is_old(&self.recent[1]) {
            self.recent.pop_front();
        }
        let (since, before) = self.recent.front().copied().unwrap_or_default();
        let span = to_seconds(now.saturating_sub(since)).max(shortest);
        (self.total.completed - before) as f64 / span
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use vayu_shared::outcome::{ErrorClass, Status};
    use vayu_shared::units::MILLISECOND;

    const INTERVAL: Nanos = 100 * MILLISECOND;
    const NONE: Gauges = Gauges {
        connections: 0,
        connections_peak: 0,
        in_flight: 0,
        waiting: 0,
    };

    fn delta(answered: u64, failed: u64, latency: Nanos) -> Delta {
        let mut delta = Delta::default();
        let counters = &mut delta.counters;
        counters.issued = answered + failed;
        (0..answered).for_each(|_| counters.count_status(Status::new(200).expect("legal")));
        (0..failed).for_each(|_| counters.count_error(ErrorClass::Protocol));
        delta.latencies.service.record_many(latency, answered);
        delta
    }

    #[test]
    fn an_interval_is_told_when_the_slowest_shard_has_passed_it() {
        let mut samples = LiveSampler::new(2, INTERVAL, false);
        samples.add(0, 0, &delta(10, 0, 100));
        samples.add(0, 1, &delta(10, 0, 100));
        assert_eq!(samples.pop(Nanos::MAX, NONE), None);
        samples.add(1, 0, &delta(5, 5, 400));
        let first = samples.pop(Nanos::MAX, NONE).expect("both have told");
        assert_eq!(
            (first.elapsed, first.completed, first.failed),
            (INTERVAL, 20, 5)
        );
        assert_eq!(
            (first.rps, first.send_rate, first.throughput),
            (200.0, 200.0, 200.0)
        );
        assert_eq!(
            (first.mean_latency_ns, first.interval_latency_ns),
            (200.0, Some(200.0))
        );
        assert_eq!(samples.pop(Nanos::MAX, NONE), None);
        samples.close(1);
        let second = samples.pop(Nanos::MAX, NONE).expect("the other has ended");
        assert_eq!(
            (second.completed, second.throughput, second.rps),
            (30, 100.0, 150.0)
        );
        assert_eq!(second.interval_latency_ns, Some(100.0));
    }

    #[test]
    fn the_rate_is_that_of_the_last_second() {
        let mut samples = LiveSampler::new(1, INTERVAL, false);
        let mut rates = Vec::new();
        for interval in 0..30 {
            let answered = if interval < 10 { 5 } else { 0 };
            samples.add(0, interval, &delta(answered, 0, 100));
            rates.extend(samples.pop(Nanos::MAX, NONE).map(|sample| sample.rps));
        }
        assert_eq!(
            (rates[0], rates[9], rates[14], rates[19], rates[29]),
            (50.0, 50.0, 25.0, 0.0, 0.0)
        );
        assert!(samples.recent.len() <= 12, "{}", samples.recent.len());
    }

    #[test]
    fn an_interval_without_answers_has_no_latency_of_its_own() {
        let mut samples = LiveSampler::new(1, INTERVAL, false);
        samples.add(0, 0, &delta(1, 0, 700));
        samples.add(0, 1, &delta(0, 3, 0));
        let _ = samples.pop(Nanos::MAX, NONE);
        let second = samples.pop(Nanos::MAX, NONE).expect("told");
        assert_eq!(
            (second.interval_latency_ns, second.mean_latency_ns),
            (None, 700.0)
        );
    }

    proptest! {
        #[test]
        fn nothing_is_lost_or_counted_twice(
            told in prop::collection::vec((0usize..3, 0u64..4, 0u64..20), 0..60),
            late in 0u64..INTERVAL,
        ) {
            let mut samples = LiveSampler::new(3, INTERVAL, false);
            let (mut at, mut sum, mut seen) = ([0u64; 3], 0, Vec::new());
            for (shard, skipped, answered) in told {
                at[shard] += skipped;
                samples.add(shard, at[shard], &delta(answered, 0, 1));
                at[shard] += 1;
                sum += answered;
                seen.extend(samples.pop(Nanos::MAX, NONE));
            }
            let end = at.iter().max().copied().unwrap_or(0) * INTERVAL + late;
            (0..3).for_each(|shard| samples.close(shard));
            while let Some(sample) = samples.pop(end, NONE) {
                seen.push(sample);
            }
            seen.extend(samples.rest(end, NONE));
            let last = seen.last().expect("a run has a last moment");
            prop_assert_eq!((last.completed, last.elapsed), (sum, end));
            prop_assert!(seen[..seen.len() - 1].iter().all(|sample| !sample.is_partial));
            prop_assert!(last.is_partial || late == 0);
            for pair in seen.windows(2) {
                prop_assert!(pair[0].elapsed <= pair[1].elapsed);
                prop_assert!(pair[0].completed <= pair[1].completed);
            }
        }
    }
}
