//! The closed-model schedule: when each virtual user starts and stops.
//!
//! Constant concurrency and a ramp use the same representation: every virtual user has one active window that
//! is a pure function of its number. Virtual user `v` belongs to shard `v % shards`.

use crate::units::Nanos;

/// Concurrency over a run: linear from `start` to `target` during `ramp`, then constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VuSchedule {
    /// Virtual users at the epoch.
    pub start: u64,
    /// Virtual users after the ramp.
    pub target: u64,
    /// Duration of the ramp. 0: `target` from the epoch on.
    pub ramp: Nanos,
    /// When the last virtual user stops, since the epoch. `None`: only the iterations end the run.
    pub duration: Option<Nanos>,
}

/// The active window of one virtual user, in nanoseconds since the epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VuWindow {
    /// Start of the window, inclusive. Nothing is issued before.
    pub from: Nanos,
    /// End of the window, exclusive. Nothing is issued at or after it.
    pub until: Nanos,
}

impl VuWindow {
    /// An unlimited window.
    pub const ALWAYS: Self = Self {
        from: 0,
        until: Nanos::MAX,
    };
}

impl VuSchedule {
    /// Creates a schedule of `vus` virtual users from the epoch to the end.
    #[must_use]
    pub fn constant(vus: u64, duration: Option<Nanos>) -> Self {
        Self {
            start: vus,
            target: vus,
            ramp: 0,
            duration,
        }
    }

    /// Returns the maximum number of concurrent virtual users.
    #[must_use]
    pub fn most(&self) -> u64 {
        if self.ramp == 0 {
            self.target
        } else {
            self.start.max(self.target)
        }
    }

    /// Returns the window of virtual user `vu` (from zero).
    ///
    /// While concurrency rises, the virtual user starts when the ramp reaches `vu + 1`; while it falls, it
    /// stops when the ramp reaches `vu`.
    #[must_use]
    pub fn window(&self, vu: u64) -> VuWindow {
        let end = self.duration.unwrap_or(Nanos::MAX);
        let (low, high) = (self.start.min(self.target), self.start.max(self.target));
        if self.ramp == 0 || vu < low {
            return VuWindow {
                from: 0,
                until: end,
            };
        }
        let steps = high - low;
        if self.target > self.start {
            let from = share(self.ramp, vu + 1 - low, steps);
            VuWindow {
                from: from.min(end),
                until: end,
            }
        } else {
            let until = share(self.ramp, high - vu, steps);
            VuWindow {
                from: 0,
                until: until.min(end),
            }
        }
    }

    /// Returns how many of the virtual users belong to `shard` out of `shards`.
    #[must_use]
    pub fn count_of_shard(&self, shard: usize, shards: usize) -> u64 {
        self.most()
            .saturating_sub(shard as u64)
            .div_ceil(shards as u64)
    }

    /// Returns the windows of the virtual users of `shard`, ordered by their numbers.
    #[must_use]
    pub fn windows_of_shard(&self, shard: usize, shards: usize) -> Vec<VuWindow> {
        (0..self.count_of_shard(shard, shards))
            .map(|index| self.window(shard as u64 + index * shards as u64))
            .collect()
    }
}

fn share(whole: Nanos, part: u64, parts: u64) -> Nanos {
    (u128::from(whole) * u128::from(part) / u128::from(parts)) as Nanos
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::SECOND;
    use proptest::prelude::*;

    fn active(schedule: &VuSchedule, at: Nanos) -> u64 {
        (0..schedule.most())
            .map(|vu| schedule.window(vu))
            .filter(|window| window.from <= at && at < window.until)
            .count() as u64
    }

    fn ramp(start: u64, target: u64) -> VuSchedule {
        VuSchedule {
            start,
            target,
            ramp: 10 * SECOND,
            duration: Some(20 * SECOND),
        }
    }

    #[test]
    fn a_ramp_is_linear_and_then_holds() {
        let table = [
            (ramp(1, 101), [(0, 1), (5, 51), (10, 101), (15, 101)]),
            (ramp(0, 10), [(0, 0), (5, 5), (10, 10), (19, 10)]),
            (ramp(101, 1), [(0, 101), (5, 51), (10, 1), (15, 1)]),
            (ramp(10, 0), [(0, 10), (5, 5), (10, 0), (19, 0)]),
            (ramp(4, 4), [(0, 4), (5, 4), (10, 4), (19, 4)]),
        ];
        for (schedule, points) in table {
            for (second, count) in points {
                assert_eq!(
                    active(&schedule, second * SECOND),
                    count,
                    "{schedule:?} at {second} s"
                );
            }
            assert_eq!(active(&schedule, 20 * SECOND), 0, "{schedule:?} at its end");
        }
    }

    proptest! {
        #[test]
        fn shards_together_hold_every_user_once(
            start in 0u64..300, target in 0u64..300, shards in 1usize..9,
        ) {
            let schedule = ramp(start, target);
            let mut split: Vec<_> =
                (0..shards).flat_map(|shard| schedule.windows_of_shard(shard, shards)).collect();
            let mut whole: Vec<_> = (0..schedule.most()).map(|vu| schedule.window(vu)).collect();
            split.sort_by_key(|window| (window.from, window.until));
            whole.sort_by_key(|window| (window.from, window.until));
            prop_assert_eq!(split, whole);
        }

        #[test]
        fn concurrency_stays_within_one_of_the_line(
            start in 0u64..200, target in 0u64..200, at in 0u64..10 * SECOND,
        ) {
            let schedule = ramp(start, target);
            let slope = (target as f64 - start as f64) / (10.0 * SECOND as f64);
            let line = start as f64 + slope * at as f64;
            prop_assert!((active(&schedule, at) as f64 - line).abs() <= 1.0);
        }
    }
}
