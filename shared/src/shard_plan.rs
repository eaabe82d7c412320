//! One shard's share of a plan.
//!
//! Shares are arithmetic on the shard's number, so shards need not talk to each
//! other, and together they are exactly the plan, also when there are fewer
//! units than shards.

use crate::arrivals::ShardArrivals;
use crate::plan::Plan;
use crate::spec::Load;
use crate::units::Nanos;
use crate::vu_schedule::{VuSchedule, VuWindow};

/// What one shard has to do.
#[derive(Clone, Debug)]
pub struct ShardPlan {
    /// Its part of the load.
    pub load: ShardLoad,
    /// When it stops issuing, from the epoch; `None` when only its iterations end it.
    pub end: Option<Nanos>,
    /// Its part of the bound on open connections; at least 1.
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
        /// How many requests they send together; `None` for no bound but time.
        iterations: Option<u64>,
    },
}

impl ShardPlan {
    /// The share of `shard` (from zero) out of `shards`.
    #[must_use]
    pub fn new(plan: &Plan, shard: usize, shards: usize) -> Self {
        let load = match plan.load {
            Load::Rate {
                rate,
                pattern,
                quantum,
                duration,
            } => {
                let arrivals = ShardArrivals::new(rate, pattern, duration, shard, shards);
                ShardLoad::Arrivals(arrivals.in_quanta(quantum))
            }
            Load::Concurrency(schedule) => ShardLoad::VirtualUsers {
                windows: schedule.windows_of_shard(shard, shards),
                iterations: None,
            },
            Load::Iterations { iterations, vus } => {
                shared_iterations(iterations, vus, shard, shards)
            }
        };
        Self {
            load,
            end: plan.load.duration(),
            max_connections: connection_share(plan.bounds.max_connections, shard, shards),
        }
    }
}

/// Iterations go where the virtual users are, in proportion to them, so that no
/// shard holds iterations that nobody sends.
fn shared_iterations(iterations: u64, vus: u64, shard: usize, shards: usize) -> ShardLoad {
    let schedule = VuSchedule::constant(vus.min(iterations), None);
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
    let share = total.saturating_sub(shard as u64).div_ceil(shards as u64);
    share.max(1) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn split(iterations: u64, vus: u64, shards: usize) -> Vec<(usize, u64)> {
        (0..shards)
            .map(
                |shard| match shared_iterations(iterations, vus, shard, shards) {
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
