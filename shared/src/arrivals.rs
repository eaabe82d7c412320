//! The open-model schedule: the due time of each arrival at a constant rate.
//!
//! A schedule is a pure function of the plan, so it never drifts and needs no coordinator. Even arrivals:
//! shard `i` of `n` owns those with `seq % n == i`, and their union is one even schedule. Poisson arrivals:
//! each shard has its own stream at `rate / n`, and the union of independent Poisson streams is a Poisson
//! stream at the whole rate. A shard iterates its part with an [`ArrivalCursor`]; no per-arrival state is
//! stored.

use crate::units::{Nanos, SECOND};

mod poisson;

use poisson::Gaps;

/// Arrivals per million seconds: a rate with six decimals, stored as an integer so that the schedule is
/// exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ArrivalRate {
    per_megasecond: u64,
}

const MEGASECOND: u128 = 1_000_000 * SECOND as u128;

impl ArrivalRate {
    /// Creates a rate per second, rounded to six decimals. Returns `None` if the result is zero, negative,
    /// NaN, or beyond [`crate::limits::TARGET_RPS`].
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

    /// Returns the rate per second.
    #[must_use]
    pub fn as_per_second(self) -> f64 {
        self.per_megasecond as f64 / 1e6
    }

    /// Returns when arrival `seq` (from zero) is due, in nanoseconds from the epoch: `floor(seq / rate)`.
    #[must_use]
    pub fn due_at(self, seq: u64) -> Nanos {
        (u128::from(seq) * MEGASECOND / u128::from(self.per_megasecond)) as Nanos
    }

    /// Returns the duration of `count` arrivals, each with one mean gap, in nanoseconds. Saturates at
    /// `Nanos::MAX`.
    #[must_use]
    pub fn duration_of(self, count: u64) -> Nanos {
        let nanos = u128::from(count) * MEGASECOND / u128::from(self.per_megasecond);
        Nanos::try_from(nanos).unwrap_or(Nanos::MAX)
    }

    /// Returns the number of arrivals due within `duration`: `ceil(rate × duration)`. The first is due at
    /// zero.
    #[must_use]
    pub fn count_within(self, duration: Nanos) -> u64 {
        let product = u128::from(duration) * u128::from(self.per_megasecond);
        product.div_ceil(MEGASECOND) as u64
    }

    /// Returns the mean number of arrivals of a Poisson process within `duration`: `rate × duration`,
    /// rounded.
    #[must_use]
    pub fn mean_within(self, duration: Nanos) -> u64 {
        let product = u128::from(duration) * u128::from(self.per_megasecond);
        ((product + MEGASECOND / 2) / MEGASECOND) as u64
    }

    /// Returns the mean gap between two arrivals, in nanoseconds.
    fn mean_gap_ns(self) -> f64 {
        MEGASECOND as f64 / self.per_megasecond as f64
    }
}

/// Distribution of the arrivals over time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ArrivalPattern {
    /// Equal gaps. The first arrival is due at the epoch.
    #[default]
    Even,
    /// A Poisson process: independent, exponentially distributed gaps. The first gap precedes the first
    /// arrival.
    Poisson {
        /// The same seed on the same number of shards yields the same arrivals.
        seed: u64,
    },
}

impl ArrivalPattern {
    /// Seed of a run that does not set one.
    pub const DEFAULT_SEED: u64 = 0;
}

/// One shard's part of a schedule.
#[derive(Clone, Copy, Debug)]
pub struct ShardArrivals {
    duration: Nanos,
    course: ShardPattern,
    /// Length of a quantum. 0: each arrival is due at its own instant.
    quantum: Nanos,
    /// Maximum number of arrivals.
    most: u64,
}

#[derive(Clone, Copy, Debug)]
enum ShardPattern {
    Even {
        rate: ArrivalRate,
        shard: u64,
        shards: u64,
    },
    Poisson(Gaps),
}

impl ShardArrivals {
    /// Creates the schedule of `shard` (from zero) out of `shards`, for a run of `duration`.
    #[must_use]
    pub fn new(
        rate: ArrivalRate,
        pattern: ArrivalPattern,
        duration: Nanos,
        shard: usize,
        shards: usize,
    ) -> Self {
        let course = match pattern {
            ArrivalPattern::Even => ShardPattern::Even {
                rate,
                shard: shard as u64,
                shards: shards as u64,
            },
            ArrivalPattern::Poisson { seed } => {
                let mean_ns = rate.mean_gap_ns() * shards as f64;
                ShardPattern::Poisson(Gaps::new(seed, shard as u64, mean_ns))
            }
        };
        Self {
            duration,
            course,
            quantum: 0,
            most: u64::MAX,
        }
    }

    /// Returns the same arrivals, with all arrivals of a quantum due together at its beginning. Their number
    /// does not change, and none is due after the end of the run. 0 gives each its own instant.
    #[must_use]
    pub fn with_quantum(self, quantum: Nanos) -> Self {
        Self { quantum, ..self }
    }

    /// Returns the first `most` of these arrivals, or all of them for `None`.
    #[must_use]
    pub fn at_most(self, most: Option<u64>) -> Self {
        Self {
            most: most.unwrap_or(u64::MAX),
            ..self
        }
    }

    /// Returns the shard's mean rate, per second.
    #[must_use]
    pub fn per_second(&self) -> f64 {
        match self.course {
            ShardPattern::Even { rate, shards, .. } => rate.as_per_second() / shards as f64,
            ShardPattern::Poisson(gaps) => gaps.per_second(),
        }
    }

    /// Returns the length of a quantum, whose arrivals are due together. 0: each arrival has its own instant.
    #[must_use]
    pub fn quantum(&self) -> Nanos {
        self.quantum
    }

    /// Returns a cursor before the shard's first arrival.
    #[must_use]
    pub fn cursor(self) -> ArrivalCursor {
        ArrivalCursor {
            arrivals: self,
            passed: 0,
            instant: self.instant(0, 0),
        }
    }

    /// Returns the due time of an arrival whose own instant is `instant`.
    fn paced(&self, instant: Nanos) -> Nanos {
        match self.quantum {
            0 => instant,
            quantum => instant - instant % quantum,
        }
    }

    /// Returns the instant of the shard's own arrival `index` (from zero), ignoring the end of the run.
    /// `previous` is the instant of the preceding arrival, or the epoch.
    fn instant(&self, index: u64, previous: Nanos) -> Nanos {
        match self.course {
            ShardPattern::Even {
                rate,
                shard,
                shards,
            } => rate.due_at(shard + index * shards),
            ShardPattern::Poisson(gaps) => previous.saturating_add(gaps.gap(index)),
        }
    }
}

/// A position in a shard's schedule. Cursors of the same schedule yield the same arrivals, so the arrivals
/// between two cursors need no queue.
#[derive(Clone, Copy, Debug)]
pub struct ArrivalCursor {
    arrivals: ShardArrivals,
    passed: u64,
    /// The next arrival's own instant.
    instant: Nanos,
}

impl ArrivalCursor {
    /// Returns when the next arrival is due, in nanoseconds from the epoch. Returns `None` if no more are due
    /// within the run's duration or the maximum number is reached.
    #[must_use]
    pub fn peek(&self) -> Option<Nanos> {
        let is_counted = self.passed < self.arrivals.most;
        let is_within = is_counted && self.instant < self.arrivals.duration;
        is_within.then(|| self.arrivals.paced(self.instant))
    }

    /// Passes the next arrival and returns when it is due. Returns `None` and does not move if there is none
    /// left.
    pub fn advance(&mut self) -> Option<Nanos> {
        let due = self.peek()?;
        self.passed += 1;
        self.instant = self.arrivals.instant(self.passed, self.instant);
        Some(due)
    }

    /// Returns the number of arrivals ahead. Poisson arrivals must be iterated, at about 10 ns each.
    #[must_use]
    pub fn remaining(&self) -> u64 {
        match self.arrivals.course {
            ShardPattern::Even {
                rate,
                shard,
                shards,
            } => {
                let total = rate.count_within(self.arrivals.duration);
                let own = total.saturating_sub(shard).div_ceil(shards);
                own.min(self.arrivals.most).saturating_sub(self.passed)
            }
            ShardPattern::Poisson(_) => {
                let mut ahead = *self;
                std::iter::from_fn(|| ahead.advance()).count() as u64
            }
        }
    }

    /// Returns the number of arrivals passed.
    #[must_use]
    pub fn passed(&self) -> u64 {
        self.passed
    }
}

#[cfg(test)]
mod tests;
