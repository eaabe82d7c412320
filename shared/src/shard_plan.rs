//! One shard's share of a plan.
//!
//! Shares are computed from the shard's number, so shards need not communicate. Together they are exactly the
//! plan, even with fewer units than shards.

use crate::arrivals::{ArrivalPattern, ShardArrivals};
use crate::plan::Plan;
use crate::spec::Load;
use crate::units::Nanos;
use crate::vu_schedule::{VuSchedule, VuWindow};

/// The work of one shard.
#[derive(Clone, Debug)]
pub struct ShardPlan {
    /// Its share of the load.
    pub load: ShardLoad,
    /// When it stops issuing, since the epoch. `None`: only the request count ends it.
    pub end: Option<Nanos>,
    /// With a request count: the earliest end, since the epoch. It gives the last arrival of a schedule its
    /// share of the time, like every other.
    pub earliest_end: Option<Nanos>,
    /// Its share of the limit on open connections. At least 1.
    pub max_connections: usize,
}

/// The load of one shard.
#[derive(Clone, Debug)]
pub enum ShardLoad {
    /// Arrivals on a schedule.
    Arrivals(ShardArrivals),
    /// Virtual users in a loop.
    VirtualUsers {
        /// When each of them is active.
        windows: Vec<VuWindow>,
        /// Total number of requests they send. `None`: limited by time only.
        iterations: Option<u64>,
    },
}

impl ShardPlan {
    /// Returns the share of `shard` (from zero) out of `shards`.
    #[must_use]
    pub fn new(plan: &Plan, shard: usize, shards: usize) -> Self {
        Self {
            load: load_share(plan.load, shard, shards),
            end: plan.load.time_limit(),
            earliest_end: earliest_end(&plan.load),
            max_connections: connection_share(plan.bounds.max_connections, shard, shards),
        }
    }
}

fn load_share(load: Load, shard: usize, shards: usize) -> ShardLoad {
    match load {
        Load::Rate {
            rate,
            pattern,
            quantum,
            duration,
            requests,
        } => {
            let duration = duration.unwrap_or(Nanos::MAX);
            let arrivals = ShardArrivals::new(rate, pattern, duration, shard, shards);
            let own = requests.map(|all| share(all, shard, shards));
            ShardLoad::Arrivals(arrivals.with_quantum(quantum).at_most(own))
        }
        Load::Concurrency(schedule) => ShardLoad::VirtualUsers {
            windows: schedule.windows_of_shard(shard, shards),
            iterations: None,
        },
        Load::Iterations {
            iterations,
            vus,
            duration,
        } => {
            let schedule = VuSchedule::constant(vus.min(iterations), duration);
            shared_iterations(iterations, schedule, shard, shards)
        }
    }
}

/// Returns the earliest time at which a request count may end a run. Random arrivals have no share of the
/// time.
fn earliest_end(load: &Load) -> Option<Nanos> {
    load.number()?;
    Some(match load {
        Load::Rate {
            pattern: ArrivalPattern::Even,
            ..
        } => load.duration().unwrap_or(0),
        _ => 0,
    })
}

/// Distributes iterations in proportion to the virtual users, so that no shard has iterations without a
/// virtual user to send them.
fn shared_iterations(
    iterations: u64,
    schedule: VuSchedule,
    shard: usize,
    shards: usize,
) -> ShardLoad {
    let before: u64 = (0..shard).map(|s| schedule.count_of_shard(s, shards)).sum();
    let here = schedule.count_of_shard(shard, shards);
    let until = |vus: u64| {
        (u128::from(iterations) * u128::from(vus) / u128::from(schedule.most().max(1))) as u64
    };
    ShardLoad::VirtualUsers {
        windows: schedule.windows_of_shard(shard, shards),
        iterations: Some(until(before + here) - until(before)),
    }
}

fn connection_share(total: u64, shard: usize, shards: usize) -> usize {
    share(total, shard, shards).max(1) as usize
}

/// Returns how many of `total` units a shard gets in round-robin distribution.
fn share(total: u64, shard: usize, shards: usize) -> u64 {
    total.saturating_sub(shard as u64).div_ceil(shards as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arrivals::ArrivalRate;
    use proptest::prelude::*;

    fn split(iterations: u64, vus: u64, shards: usize) -> Vec<(usize, u64)> {
        let schedule = VuSchedule::constant(vus.min(iterations), None);
        (0..shards)
            .map(
                |shard| match shared_iterations(iterations, schedule, shard, shards) {
                    ShardLoad::VirtualUsers {
                        windows,
                        iterations: Some(n),
                    } => (windows.len(), n),
                    other => panic!("iterations became {other:?}"),
                },
            )
            .collect()
    }

    #[test]
    fn iterations_go_where_users_are() {
        assert_eq!(split(7, 1, 2), [(1, 7), (0, 0)]);
        assert_eq!(split(1, 10, 4), [(1, 1), (0, 0), (0, 0), (0, 0)]);
        assert_eq!(split(10_000, 3, 2), [(2, 6666), (1, 3334)]);
    }

    #[test]
    fn a_number_of_arrivals_is_the_same_on_any_number_of_shards() {
        for pattern in [ArrivalPattern::Even, ArrivalPattern::Poisson { seed: 1 }] {
            let load = Load::Rate {
                rate: ArrivalRate::per_second(100.0).expect("legal"),
                pattern,
                quantum: 0,
                duration: None,
                requests: Some(7),
            };
            for shards in 1..9 {
                let counts = (0..shards).map(|shard| match load_share(load, shard, shards) {
                    ShardLoad::Arrivals(arrivals) => arrivals.cursor().remaining(),
                    other => panic!("arrivals became {other:?}"),
                });
                assert_eq!(counts.sum::<u64>(), 7, "{pattern:?} on {shards} shards");
            }
        }
    }

    #[test]
    fn connections_are_split_but_never_to_nothing() {
        let shares: Vec<_> = (0..4).map(|shard| connection_share(10, shard, 4)).collect();
        assert_eq!(shares, [3, 3, 2, 2]);
        assert_eq!(connection_share(1, 3, 4), 1);
    }

    proptest! {
        #[test]
        fn no_iteration_is_lost_or_stranded(
            iterations in 1u64..1_000_000, vus in 1u64..500, shards in 1usize..17,
        ) {
            let parts = split(iterations, vus, shards);
            prop_assert_eq!(parts.iter().map(|part| part.1).sum::<u64>(), iterations);
            prop_assert_eq!(parts.iter().map(|part| part.0 as u64).sum::<u64>(), vus.min(iterations));
            prop_assert!(parts.iter().all(|&(users, n)| users > 0 || n == 0));
        }
    }
}
