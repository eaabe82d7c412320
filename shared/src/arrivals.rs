//! The open model's schedule: when each arrival of a constant rate is due.
//!
//! A schedule is a pure function of the plan, so it never drifts and needs no
//! coordinator. Even arrivals: shard `i` of `n` owns those with `seq % n == i`,
//! and the union is one even schedule. Poisson arrivals: each shard has a
//! stream of its own at `rate / n`, and the union of independent Poisson
//! streams is one at the whole rate. A shard walks its part with an
//! [`ArrivalCursor`]; nothing is kept per arrival.

use crate::units::{Nanos, SECOND};

mod poisson;

use poisson::Gaps;

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

    /// How long `count` arrivals take, each with its share of the time, in nanoseconds; at
    /// most the longest span there is.
    #[must_use]
    pub fn length_of(self, count: u64) -> Nanos {
        let nanos = u128::from(count) * MEGASECOND / u128::from(self.per_megasecond);
        Nanos::try_from(nanos).unwrap_or(Nanos::MAX)
    }

    /// How many arrivals are due before `duration` is over:
    /// `ceil(rate × duration)`, the first being due at zero.
    #[must_use]
    pub fn count_within(self, duration: Nanos) -> u64 {
        let product = u128::from(duration) * u128::from(self.per_megasecond);
        product.div_ceil(MEGASECOND) as u64
    }

    /// `rate × duration`, rounded: how many arrivals a Poisson process has on
    /// average before `duration` is over.
    #[must_use]
    pub fn mean_within(self, duration: Nanos) -> u64 {
        let product = u128::from(duration) * u128::from(self.per_megasecond);
        ((product + MEGASECOND / 2) / MEGASECOND) as u64
    }

    /// The mean gap between two arrivals, in nanoseconds.
    fn mean_gap_ns(self) -> f64 {
        MEGASECOND as f64 / self.per_megasecond as f64
    }
}

/// How the arrivals of a rate lie in time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ArrivalPattern {
    /// All gaps equal; the first arrival is due at the epoch.
    #[default]
    Even,
    /// A Poisson process: independent, exponentially distributed gaps, the
    /// first of them before the first arrival.
    Poisson {
        /// The same seed on as many shards gives the same arrivals.
        seed: u64,
    },
}

impl ArrivalPattern {
    /// The seed of a run that names none.
    pub const DEFAULT_SEED: u64 = 0;
}

/// One shard's part of a schedule.
#[derive(Clone, Copy, Debug)]
pub struct ShardArrivals {
    duration: Nanos,
    course: Course,
    /// 0 where each arrival falls due at its own instant.
    quantum: Nanos,
    /// How many arrivals there are at most.
    most: u64,
}

#[derive(Clone, Copy, Debug)]
enum Course {
    Even {
        rate: ArrivalRate,
        shard: u64,
        shards: u64,
    },
    Poisson(Gaps),
}

impl ShardArrivals {
    /// The arrivals of `shard` (from zero) out of `shards`, for a run of `duration`.
    #[must_use]
    pub fn new(
        rate: ArrivalRate,
        pattern: ArrivalPattern,
        duration: Nanos,
        shard: usize,
        shards: usize,
    ) -> Self {
        let course = match pattern {
            ArrivalPattern::Even => Course::Even {
                rate,
                shard: shard as u64,
                shards: shards as u64,
            },
            ArrivalPattern::Poisson { seed } => {
                let mean_ns = rate.mean_gap_ns() * shards as f64;
                Course::Poisson(Gaps::new(seed, shard as u64, mean_ns))
            }
        };
        Self {
            duration,
            course,
            quantum: 0,
            most: u64::MAX,
        }
    }

    /// The same arrivals, all of a quantum falling due together at its beginning: as
    /// many in all, never one after its run's end. With 0 each has its own instant.
    #[must_use]
    pub fn in_quanta(self, quantum: Nanos) -> Self {
        Self { quantum, ..self }
    }

    /// The first `most` of these arrivals; all of them with `None`.
    #[must_use]
    pub fn at_most(self, most: Option<u64>) -> Self {
        Self {
            most: most.unwrap_or(u64::MAX),
            ..self
        }
    }

    /// The shard's mean rate, per second.
    #[must_use]
    pub fn per_second(&self) -> f64 {
        match self.course {
            Course::Even { rate, shards, .. } => rate.as_per_second() / shards as f64,
            Course::Poisson(gaps) => gaps.per_second(),
        }
    }

    /// How much time's arrivals fall due together; 0 where each has its own instant.
    #[must_use]
    pub fn quantum(&self) -> Nanos {
        self.quantum
    }

    /// A cursor before the shard's first arrival.
    #[must_use]
    pub fn cursor(self) -> ArrivalCursor {
        ArrivalCursor {
            arrivals: self,
            passed: 0,
            instant: self.instant(0, 0),
        }
    }

    /// When an arrival falls due whose own instant is `instant`.
    fn paced(&self, instant: Nanos) -> Nanos {
        match self.quantum {
            0 => instant,
            quantum => instant - instant % quantum,
        }
    }

    /// The instant of the shard's own arrival `index` (from zero) if the run had no
    /// end; `previous` is that of the one before it, or the epoch.
    fn instant(&self, index: u64, previous: Nanos) -> Nanos {
        match self.course {
            Course::Even {
                rate,
                shard,
                shards,
            } => rate.due_at(shard + index * shards),
            Course::Poisson(gaps) => previous.saturating_add(gaps.gap(index)),
        }
    }
}

/// A place in a shard's schedule. Cursors made of the same schedule walk the
/// same arrivals, so what lies between two of them needs no queue.
#[derive(Clone, Copy, Debug)]
pub struct ArrivalCursor {
    arrivals: ShardArrivals,
    passed: u64,
    /// The next arrival's own instant.
    instant: Nanos,
}

impl ArrivalCursor {
    /// When the next arrival is due, in nanoseconds from the epoch; `None` when
    /// no more fall due before the run's duration is over, or its number is reached.
    #[must_use]
    pub fn peek(&self) -> Option<Nanos> {
        let is_counted = self.passed < self.arrivals.most;
        let is_within = is_counted && self.instant < self.arrivals.duration;
        is_within.then(|| self.arrivals.paced(self.instant))
    }

    /// Passes the next arrival and says when it is due; stays where it is, with
    /// `None`, when there is no more.
    pub fn advance(&mut self) -> Option<Nanos> {
        let due = self.peek()?;
        self.passed += 1;
        self.instant = self.arrivals.instant(self.passed, self.instant);
        Some(due)
    }

    /// How many arrivals lie before it. Poisson ones have to be walked, some 10 ns each.
    #[must_use]
    pub fn remaining(&self) -> u64 {
        match self.arrivals.course {
            Course::Even {
                rate,
                shard,
                shards,
            } => {
                let total = rate.count_within(self.arrivals.duration);
                let own = total.saturating_sub(shard).div_ceil(shards);
                own.min(self.arrivals.most).saturating_sub(self.passed)
            }
            Course::Poisson(_) => {
                let mut ahead = *self;
                std::iter::from_fn(|| ahead.advance()).count() as u64
            }
        }
    }

    /// How many arrivals lie behind it.
    #[must_use]
    pub fn passed(&self) -> u64 {
        self.passed
    }
}

#[cfg(test)]
mod tests;
