//! The open model's schedule: when each arrival of a constant rate is due.
//!
//! The time of arrival `seq` is a pure function of the rate, so a schedule has
//! no state, never drifts, and needs no coordinator: shard `i` of `n` owns the
//! arrivals with `seq % n == i`, and their union is one even schedule.

use crate::units::{Nanos, SECOND};

/// Arrivals per million seconds: a rate with six decimals, kept as an integer
/// so that the schedule is exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ArrivalRate {
    per_megasecond: u64,
}

const MEGASECOND: u128 = 1_000_000 * SECOND as u128;

impl ArrivalRate {
    /// A rate per second, rounded to six decimals. `None` when that is zero,
    /// negative, not a number, or beyond [`crate::limits::TARGET_RPS`].
    #[must_use]
    pub fn per_second(rate: f64) -> Option<Self> {
        let in_range = rate.is_finite() && rate > 0.0 && rate <= crate::limits::TARGET_RPS;
        let per_megasecond = if in_range {
            (rate * 1e6).round() as u64
        } else {
            0
        };
        (per_megasecond > 0).then_some(Self { per_megasecond })
    }

    /// The rate per second.
    #[must_use]
    pub fn as_per_second(self) -> f64 {
        self.per_megasecond as f64 / 1e6
    }

    /// When arrival `seq` (from zero) is due, in nanoseconds from the epoch:
    /// `floor(seq / rate)`.
    #[must_use]
    pub fn due_at(self, seq: u64) -> Nanos {
        (u128::from(seq) * MEGASECOND / u128::from(self.per_megasecond)) as Nanos
    }

    /// How many arrivals are due before `duration` is over:
    /// `ceil(rate × duration)`, the first being due at zero.
    #[must_use]
    pub fn count_within(self, duration: Nanos) -> u64 {
        let product = u128::from(duration) * u128::from(self.per_megasecond);
        product.div_ceil(MEGASECOND) as u64
    }
}

/// One shard's part of a constant-rate schedule.
#[derive(Clone, Copy, Debug)]
pub struct ShardArrivals {
    rate: ArrivalRate,
    shard: u64,
    shards: u64,
    count: u64,
}

impl ShardArrivals {
    /// The arrivals of `shard` (from zero) out of `shards`, for a run of `duration`.
    #[must_use]
    pub fn new(rate: ArrivalRate, duration: Nanos, shard: usize, shards: usize) -> Self {
        let (shard, shards) = (shard as u64, shards as u64);
        let total = rate.count_within(duration);
        let count = total.saturating_sub(shard).div_ceil(shards);
        Self {
            rate,
            shard,
            shards,
            count,
        }
    }

    /// How many arrivals this shard owns.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// When the shard's own arrival `index` (from zero) is due, in nanoseconds
    /// from the epoch, or `None` past its last.
    #[must_use]
    pub fn due_at(&self, index: u64) -> Option<Nanos> {
        (index < self.count).then(|| self.rate.due_at(self.shard + index * self.shards))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rate(per_second: f64) -> ArrivalRate {
        ArrivalRate::per_second(per_second).expect("a legal rate")
    }

    #[test]
    fn arrivals_are_due_where_the_rate_puts_them() {
        let table = [
            (50.0, 1, 20_000_000),
            (0.5, 3, 6_000_000_000),
            (333.0, 333, 1_000_000_000),
            (3.0, 1, 333_333_333),
            (20_000.0, 20_000 * 3600, 3600 * SECOND),
            (0.001, 1, 1000 * SECOND),
        ];
        for (per_second, seq, due) in table {
            assert_eq!(
                rate(per_second).due_at(seq),
                due,
                "{per_second}/s, arrival {seq}"
            );
        }
    }

    #[test]
    fn a_run_holds_rate_times_duration_arrivals() {
        let table = [
            (50.0, 5, 250),
            (333.0, 5, 1665),
            (0.5, 3, 2),
            (0.5, 4, 2),
            (7.0, 1, 7),
        ];
        for (per_second, seconds, count) in table {
            let got = rate(per_second).count_within(seconds * SECOND);
            assert_eq!(got, count, "{per_second}/s for {seconds} s");
        }
    }

    #[test]
    fn rates_that_mean_nothing_are_refused() {
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e-9, 1e12] {
            assert!(ArrivalRate::per_second(bad).is_none(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn shards_together_are_the_whole_schedule(
            per_second in 0.001f64..2_000.0,
            duration in 1u64..5 * SECOND,
            shards in 1usize..9,
        ) {
            let rate = rate(per_second);
            let total = rate.count_within(duration);
            let mut union: Vec<Nanos> = (0..shards)
                .map(|shard| ShardArrivals::new(rate, duration, shard, shards))
                .flat_map(|part| (0..part.count()).filter_map(move |index| part.due_at(index)))
                .collect();
            union.sort_unstable();
            let whole: Vec<Nanos> = (0..total).map(|seq| rate.due_at(seq)).collect();
            prop_assert_eq!(union, whole);
        }

        #[test]
        fn every_arrival_is_due_within_the_run(
            per_second in 0.001f64..1_000_000.0,
            duration in 1u64..3600 * SECOND,
        ) {
            let rate = rate(per_second);
            let count = rate.count_within(duration);
            prop_assert!(count > 0);
            prop_assert!(rate.due_at(count - 1) < duration);
            prop_assert!(rate.due_at(count) >= duration - 1);
        }
    }
}
