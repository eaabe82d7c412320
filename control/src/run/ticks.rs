//! Aggregates a run by second, once all shards have reported.
//!
//! Shards report at their own pace. A second is emitted when the slowest shard has passed its end, so it
//! never has to be corrected.

use std::collections::BTreeMap;

use vayu_shared::counters::Counters;
use vayu_shared::snapshot::{Delta, Gauges, Latencies, Totals};
use vayu_shared::units::{Nanos, SECOND, to_seconds};

use crate::summary::RunSummary;

/// State of the run at the end of one of its seconds.
#[derive(Clone, Debug)]
pub struct Tick {
    /// Time since the epoch. A whole second, except for the last tick.
    pub elapsed: Nanos,
    /// Requests completed per second, in this second.
    pub rps: f64,
    /// Share of failed requests among those completed in this second, in percent.
    pub error_rate: f64,
    /// Requests issued per second, in this second.
    pub send_rate: f64,
    /// Requests issued since the epoch.
    pub sent: u64,
    /// Number of requests in the plan. 0 if only time ends the run.
    pub expected: u64,
    /// Gauges such as the number of connections, as last reported by each shard.
    pub gauges: Gauges,
    /// Summary of the run so far.
    pub summary: RunSummary,
    /// Start of this second, since the epoch.
    pub second_began: Nanos,
    /// Latency distributions of this second.
    pub second: Latencies,
}

/// Result of one second, without the totals of the run.
#[derive(Clone, Debug)]
pub struct SecondOver {
    /// Start, since the epoch.
    pub began: Nanos,
    /// End, since the epoch.
    pub elapsed: Nanos,
    /// See [`Tick::rps`].
    pub rps: f64,
    /// See [`Tick::error_rate`].
    pub error_rate: f64,
    /// See [`Tick::send_rate`].
    pub send_rate: f64,
    /// See [`Tick::sent`].
    pub sent: u64,
    /// Everything measured in this second.
    pub totals: Totals,
}

/// Aggregates a run by second.
pub struct Seconds {
    interval: Nanos,
    /// How far each shard has reported, since the epoch.
    told: Vec<Nanos>,
    open: BTreeMap<u64, Totals>,
    next: u64,
    sent: u64,
}

impl SecondOver {
    /// Returns whether it has neither length nor requests, so that there is nothing to report.
    pub fn is_empty(&self) -> bool {
        self.elapsed <= self.began && self.totals.counters.is_quiet()
    }
}

impl Seconds {
    /// Creates the aggregation for a run on `shards` shards, each of which reports every `interval`.
    pub fn new(shards: usize, interval: Nanos) -> Self {
        Self {
            interval,
            told: vec![0; shards],
            open: BTreeMap::new(),
            next: 0,
            sent: 0,
        }
    }

    /// Adds a shard's delta for its intervals up to `interval`.
    pub fn add(&mut self, shard: usize, interval: u64, delta: &Delta) {
        let second = interval.saturating_mul(self.interval) / SECOND;
        // A late delta belongs to a second that was already emitted, so it is added to the next one.
        let second = self.open.entry(second.max(self.next)).or_default();
        second.add(delta);
        self.told[shard] = (interval + 1).saturating_mul(self.interval);
    }

    /// Marks a shard as finished: it reports nothing more.
    pub fn close(&mut self, shard: usize) {
        self.told[shard] = Nanos::MAX;
    }

    /// Returns the next second that all shards have reported, if it ends by `end`.
    pub fn pop(&mut self, end: Nanos) -> Option<SecondOver> {
        let over = (self.next + 1) * SECOND;
        let told = self.told.iter().copied().min().unwrap_or(0);
        if told < over || over > end {
            return None;
        }
        let second = self.open.remove(&self.next).unwrap_or_default();
        self.next += 1;
        Some(self.over(second, over - SECOND, over))
    }

    /// Returns what is left at the end of the run, which is less than a second. Returns `None` if the last
    /// second ended with the run and nothing is left.
    pub fn rest(&mut self, end: Nanos) -> Option<SecondOver> {
        let mut rest = Totals::default();
        let open = std::mem::take(&mut self.open);
        open.values().for_each(|second| rest.merge(second));
        let began = self.next * SECOND;
        if self.next > 0 && end <= began && rest.counters == Counters::default() {
            return None;
        }
        // The last second may end after the run; time must not go backwards.
        Some(self.over(rest, began, end.max(began)))
    }

    fn over(&mut self, totals: Totals, began: Nanos, ended: Nanos) -> SecondOver {
        let counters = &totals.counters;
        self.sent += counters.issued;
        // A very short span would turn any count into a huge rate.
        let length = to_seconds((ended - began).max(SECOND / 20));
        SecondOver {
            began,
            elapsed: ended,
            rps: counters.completed() as f64 / length,
            error_rate: counters.failure_percent(),
            send_rate: counters.issued as f64 / length,
            sent: self.sent,
            totals,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vayu_shared::outcome::{ErrorClass, Status};

    fn delta(answered: u64, failed: u64) -> Delta {
        let mut delta = Delta::default();
        let counters = &mut delta.counters;
        counters.issued = answered + failed;
        (0..answered).for_each(|_| counters.count_status(Status::new(200).expect("legal")));
        (0..failed).for_each(|_| counters.count_error(ErrorClass::Protocol));
        delta
    }

    #[test]
    fn a_second_is_told_when_the_slowest_shard_has_passed_it() {
        let mut seconds = Seconds::new(2, SECOND / 2);
        for interval in 0..4 {
            seconds.add(0, interval, &delta(10, 0));
        }
        seconds.add(1, 0, &delta(5, 5));
        assert!(seconds.pop(Nanos::MAX).is_none());
        seconds.add(1, 1, &delta(0, 0));
        let first = seconds.pop(Nanos::MAX).expect("all have told");
        assert_eq!((first.elapsed, first.rps, first.sent), (SECOND, 30.0, 30));
        assert!((first.error_rate - 500.0 / 30.0).abs() < 1e-9);
        assert!(seconds.pop(Nanos::MAX).is_none());
    }

    #[test]
    fn nothing_is_lost_at_the_end() {
        let mut seconds = Seconds::new(1, SECOND / 10);
        seconds.add(0, 12, &delta(7, 0));
        seconds.close(0);
        let end = SECOND + SECOND / 2;
        assert_eq!(seconds.pop(end).map(|second| second.sent), Some(0));
        assert!(seconds.pop(end).is_none());
        let rest = seconds.rest(end).expect("half a second is left");
        assert_eq!((rest.sent, rest.rps, rest.elapsed), (7, 14.0, end));
        assert_eq!(rest.send_rate, 14.0);
    }

    #[test]
    fn a_run_of_whole_seconds_has_no_second_without_length() {
        let mut seconds = Seconds::new(1, SECOND);
        seconds.add(0, 0, &delta(7, 0));
        seconds.close(0);
        assert_eq!(seconds.pop(SECOND).map(|second| second.sent), Some(7));
        assert!(seconds.rest(SECOND).is_none());
        let mut late = Seconds::new(1, SECOND);
        late.add(0, 0, &delta(7, 0));
        let _ = late.pop(SECOND);
        late.add(0, 0, &delta(1, 0));
        let rest = late.rest(SECOND / 2).map(|rest| (rest.sent, rest.elapsed));
        assert_eq!(rest, Some((8, SECOND)), "time does not go back");
        assert!(
            Seconds::new(1, SECOND).rest(0).is_some(),
            "a run has a tick"
        );
    }
}
