//! Exact counts of what happened to every arrival of a run.
//!
//! The same struct is a shard's delta of one interval, the merge of all shards and the total of a run. The
//! equations between its fields are invariants of a run; [`Counters::is_balanced`] checks them.

use crate::outcome::{ErrorClass, Status};
use crate::units::Nanos;

/// Count and total duration of a phase that occurs only in some requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PhaseTotal {
    /// Requests in which the phase occurred.
    pub count: u64,
    /// Total duration over these requests, in nanoseconds. `u128`, because 64 bits would overflow after two
    /// days with a hundred thousand concurrent requests.
    pub sum: u128,
}

impl PhaseTotal {
    /// Counts one occurrence.
    pub fn add(&mut self, span: Nanos) {
        self.count += 1;
        self.sum += u128::from(span);
    }

    /// Adds another total.
    pub fn merge(&mut self, other: Self) {
        self.count += other.count;
        self.sum += other.sum;
    }

    /// Returns the mean over the requests in which the phase occurred, or 0 if there are none.
    #[must_use]
    pub fn mean(&self) -> f64 {
        if self.count == 0 {
            0.0
        } else {
            self.sum as f64 / self.count as f64
        }
    }
}

/// The phases of an exchange in the timing breakdown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PhaseTotals {
    /// DNS lookups that a connection waited for.
    pub dns: PhaseTotal,
    /// TCP connect.
    pub connect: PhaseTotal,
    /// TLS handshake.
    pub tls: PhaseTotal,
    /// Request written to first byte of the response.
    pub first_byte: PhaseTotal,
    /// First to last byte of the response.
    pub download: PhaseTotal,
}

impl PhaseTotals {
    fn merge(&mut self, other: &Self) {
        self.dns.merge(other.dns);
        self.connect.merge(other.connect);
        self.tls.merge(other.tls);
        self.first_byte.merge(other.first_byte);
        self.download.merge(other.download);
    }
}

/// Counts of one interval, shard, or run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counters {
    /// Arrivals due (open model), or iterations started (closed model).
    pub offered: u64,
    /// Arrivals assigned to a virtual user. Each of their requests has exactly one outcome.
    pub issued: u64,
    /// Requests after the first of an iteration: further steps that were reached.
    pub further_steps: u64,
    /// Arrivals never issued because no connection became available before the end.
    pub dropped: u64,
    /// Issued, but still in flight when the graceful-stop limit expired.
    pub cancelled: u64,
    /// Issued, but not sent because a script skipped the request.
    pub skipped: u64,
    /// Of the cancelled, those never sent because they were waiting for a connection when the load ended.
    pub turned_away: u64,
    /// Responses by status; see [`Status::index`].
    statuses: Box<[u64]>,
    /// Failures by class; see [`ErrorClass::index`].
    errors: [u64; ErrorClass::COUNT],
    /// Completed exchanges slower than the run's slow-request threshold.
    pub slow: u64,
    /// Requests retried once because a reused keep-alive connection was stale.
    pub stale_retries: u64,
    /// Idle connections that were found closed or dirty before a request was sent on them, and were replaced.
    pub idle_discarded: u64,
    /// Bytes received without a request: after a response, or on an idle connection.
    pub unsolicited_bytes: u64,
    /// Requests sent on a reused connection.
    pub reused: u64,
    /// Requests that failed because the target refused, reset or closed the connection before its first
    /// response on it.
    pub new_connection_failures: u64,
    /// Probes for more connections that did not raise throughput (open model).
    pub growth_held: u64,
    /// Lifetimes of virtual users, counted when they end.
    pub vu_time: PhaseTotal,
    /// Time of virtual users in requests without a latency: failed or cancelled ones.
    pub unanswered_time: PhaseTotal,
    /// Time of virtual users in scripts, including what the scripts waited for.
    pub scripted_time: PhaseTotal,
    /// Connections established.
    pub connects: u64,
    /// Full TLS handshakes.
    pub tls_full: u64,
    /// Resumed TLS handshakes.
    pub tls_resumed: u64,
    /// Bytes written to sockets.
    pub bytes_sent: u64,
    /// Bytes read from sockets.
    pub bytes_received: u64,
    /// Samples of successes that were due but not kept, for lack of space.
    pub samples_thinned: u64,
    /// Failures and slow requests without a sample, for lack of space.
    pub priority_samples_lost: u64,
    /// Snapshots that found the channel full and were merged into the next.
    pub snapshots_deferred: u64,
    /// Sums for the timing breakdown.
    pub phases: PhaseTotals,
}

impl Default for Counters {
    fn default() -> Self {
        Self {
            offered: 0,
            issued: 0,
            further_steps: 0,
            dropped: 0,
            cancelled: 0,
            skipped: 0,
            turned_away: 0,
            statuses: vec![0; Status::COUNT].into_boxed_slice(),
            errors: [0; ErrorClass::COUNT],
            slow: 0,
            stale_retries: 0,
            idle_discarded: 0,
            unsolicited_bytes: 0,
            reused: 0,
            new_connection_failures: 0,
            growth_held: 0,
            vu_time: PhaseTotal::default(),
            unanswered_time: PhaseTotal::default(),
            scripted_time: PhaseTotal::default(),
            connects: 0,
            tls_full: 0,
            tls_resumed: 0,
            bytes_sent: 0,
            bytes_received: 0,
            samples_thinned: 0,
            priority_samples_lost: 0,
            snapshots_deferred: 0,
            phases: PhaseTotals::default(),
        }
    }
}

impl Counters {
    /// Counts a response.
    pub fn count_status(&mut self, status: Status) {
        self.statuses[status.index()] += 1;
    }

    /// Counts a failure.
    pub fn count_error(&mut self, class: ErrorClass) {
        self.errors[class.index()] += 1;
    }

    /// Adds another set of counts.
    pub fn merge(&mut self, other: &Self) {
        self.offered += other.offered;
        self.issued += other.issued;
        self.further_steps += other.further_steps;
        self.dropped += other.dropped;
        self.cancelled += other.cancelled;
        self.skipped += other.skipped;
        self.turned_away += other.turned_away;
        self.statuses
            .iter_mut()
            .zip(&other.statuses)
            .for_each(|(sum, more)| *sum += more);
        self.errors
            .iter_mut()
            .zip(&other.errors)
            .for_each(|(sum, more)| *sum += more);
        self.slow += other.slow;
        self.stale_retries += other.stale_retries;
        self.idle_discarded += other.idle_discarded;
        self.unsolicited_bytes += other.unsolicited_bytes;
        self.reused += other.reused;
        self.new_connection_failures += other.new_connection_failures;
        self.growth_held += other.growth_held;
        self.vu_time.merge(other.vu_time);
        self.unanswered_time.merge(other.unanswered_time);
        self.scripted_time.merge(other.scripted_time);
        self.connects += other.connects;
        self.tls_full += other.tls_full;
        self.tls_resumed += other.tls_resumed;
        self.bytes_sent += other.bytes_sent;
        self.bytes_received += other.bytes_received;
        self.samples_thinned += other.samples_thinned;
        self.priority_samples_lost += other.priority_samples_lost;
        self.snapshots_deferred += other.snapshots_deferred;
        self.phases.merge(&other.phases);
    }

    /// Resets everything to zero and keeps the allocation.
    pub fn clear(&mut self) {
        let mut statuses = std::mem::take(&mut self.statuses);
        statuses.fill(0);
        *self = Self {
            statuses,
            ..Self::without_statuses()
        };
    }

    fn without_statuses() -> Self {
        Self {
            statuses: Box::default(),
            ..Self::default()
        }
    }

    /// Returns the number of responses of any status.
    #[must_use]
    pub fn answered(&self) -> u64 {
        self.statuses.iter().sum()
    }

    /// Returns the number of failures of any class.
    #[must_use]
    pub fn errors(&self) -> u64 {
        self.errors.iter().sum()
    }

    /// Returns the number of exchanges that were answered or failed.
    #[must_use]
    pub fn completed(&self) -> u64 {
        self.answered() + self.errors()
    }

    /// Returns the number of responses that the API counts as successes (2xx and 3xx).
    #[must_use]
    pub fn successes(&self) -> u64 {
        self.by_status()
            .filter(|(status, _)| status.is_success())
            .map(|(_, count)| count)
            .sum()
    }

    /// Returns the number of completed exchanges that are not successes.
    #[must_use]
    pub fn failures(&self) -> u64 {
        self.completed() - self.successes()
    }

    /// Returns the share of completed exchanges that failed, in percent.
    #[must_use]
    pub fn failure_percent(&self) -> f64 {
        percent(self.failures(), self.completed())
    }

    /// Returns the statuses that occurred with their counts, in ascending order.
    pub fn by_status(&self) -> impl Iterator<Item = (Status, u64)> {
        self.statuses
            .iter()
            .enumerate()
            .filter(|&(_, &count)| count > 0)
            .filter_map(|(index, &count)| Status::from_index(index).map(|status| (status, count)))
    }

    /// Returns the error classes that occurred with their counts.
    pub fn by_class(&self) -> impl Iterator<Item = (ErrorClass, u64)> {
        ErrorClass::ALL
            .into_iter()
            .map(|class| (class, self.errors[class.index()]))
            .filter(|&(_, count)| count > 0)
    }

    /// Returns whether there is no arrival and no request. Times of virtual users may be present.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        let arrivals = self.offered + self.issued + self.dropped;
        arrivals + self.completed() + self.cancelled + self.skipped == 0
    }

    /// Returns whether the counts of a finished run balance: everything offered was issued or dropped, and
    /// each issued request was answered, failed, cancelled or skipped.
    #[must_use]
    pub fn is_balanced(&self) -> bool {
        self.offered == self.issued + self.dropped
            && self.issued + self.further_steps == self.completed() + self.cancelled + self.skipped
    }
}

/// Returns `part` of `whole` in percent, or 0 if `whole` is 0.
#[must_use]
pub fn percent(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 * 100.0 / whole as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Counters {
        let mut counters = Counters {
            offered: 7,
            issued: 6,
            dropped: 1,
            ..Counters::default()
        };
        for code in [200, 200, 302, 404] {
            counters.count_status(Status::new(code).expect("legal"));
        }
        counters.count_error(ErrorClass::ConnectRefused);
        counters.cancelled = 1;
        counters.phases.connect.add(40);
        counters
    }

    #[test]
    fn books_balance_and_derive() {
        let counters = sample();
        assert!(counters.is_balanced());
        assert_eq!(
            (counters.answered(), counters.errors(), counters.completed()),
            (4, 1, 5)
        );
        assert_eq!((counters.successes(), counters.failures()), (3, 2));
        assert!((counters.failure_percent() - 40.0).abs() < 1e-9);
        let statuses: Vec<_> = counters.by_status().map(|(s, n)| (s.code(), n)).collect();
        assert_eq!(statuses, [(200, 2), (302, 1), (404, 1)]);
    }

    #[test]
    fn times_alone_are_quiet() {
        let mut counters = Counters::default();
        counters.vu_time.add(5);
        assert!(counters.is_quiet());
        assert!(!sample().is_quiet());
    }

    #[test]
    fn a_lost_request_shows() {
        let counters = Counters {
            issued: 7,
            ..sample()
        };
        assert!(!counters.is_balanced());
    }

    #[test]
    fn merging_adds_and_clearing_zeroes() {
        let mut sum = sample();
        sum.merge(&sample());
        assert_eq!(
            (sum.offered, sum.answered(), sum.phases.connect.count),
            (14, 8, 2)
        );
        assert!(sum.is_balanced());
        sum.clear();
        assert_eq!(sum, Counters::default());
    }
}
