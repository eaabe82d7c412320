//! Independent computation of what a plan requires: it counts where the engine divides.

use vayu_shared::arrivals::{ArrivalPattern, ShardArrivals};
use vayu_shared::spec::Load;
use vayu_shared::units::Nanos;
use vayu_shared::vu_schedule::VuSchedule;

use super::scenario::Scenario;
use super::{Finding, ensure, same};

/// One million seconds, in nanoseconds. A rate with six decimal places yields whole arrivals in this time.
const MEGASECOND: u128 = 1_000_000_000_000_000;

/// Returns when the arrivals of `shard` are due, relative to the epoch. `None` in the closed model.
pub fn arrivals(scenario: &Scenario, shard: usize) -> Option<Vec<Nanos>> {
    let Load::Rate {
        rate,
        pattern,
        quantum,
        duration,
        requests,
    } = scenario.plan.load
    else {
        return None;
    };
    let duration = duration.unwrap_or(Nanos::MAX);
    let own = |number: &u64| *number % scenario.shards as u64 == shard as u64;
    let dues: Vec<Nanos> = match pattern {
        ArrivalPattern::Even => {
            let per_megasecond = u128::from((rate.as_per_second() * 1e6).round() as u64);
            let due = |number: u64| (u128::from(number) * MEGASECOND / per_megasecond) as Nanos;
            (0..requests.unwrap_or(u64::MAX))
                .take_while(|number| due(*number) < duration)
                .filter(own)
                .map(due)
                .collect()
        }
        ArrivalPattern::Poisson { .. } => {
            let arrivals = ShardArrivals::new(rate, pattern, duration, shard, scenario.shards);
            let most = requests.map(|requests| (0..requests).filter(own).count());
            let mut cursor = arrivals.cursor();
            std::iter::from_fn(|| cursor.advance())
                .take(most.unwrap_or(usize::MAX))
                .collect()
        }
    };
    let begin = |due: Nanos| {
        due.checked_div(quantum)
            .map_or(due, |passed| passed * quantum)
    };
    Some(dues.into_iter().map(begin).collect())
}

/// Checks that all shards together executed the planned number of iterations.
pub fn check_total(scenario: &Scenario, offered: u64) -> Result<(), Finding> {
    if !scenario.stops.is_empty() {
        return Ok(());
    }
    match scenario.plan.load {
        Load::Iterations {
            iterations,
            duration: None,
            ..
        } => same("iterations on all shards", offered, iterations),
        Load::Iterations { iterations, .. } => ensure(offered <= iterations, || {
            format!("{offered} iterations on all shards instead of {iterations}")
        }),
        _ => Ok(()),
    }
}

/// Checks that the number of active users at `now` matches the plan.
pub fn check_users(
    scenario: &Scenario,
    shard: usize,
    now: Nanos,
    users: u64,
) -> Result<(), Finding> {
    let Load::Concurrency(schedule) = scenario.plan.load else {
        return Ok(());
    };
    let Some(elapsed) = now.checked_sub(scenario.epoch) else {
        return same("users before the epoch", users, 0);
    };
    let expected = users_at(&schedule, elapsed)
        .filter(|user| user % scenario.shards as u64 == shard as u64)
        .count() as u64;
    // A user whose window has ended completes its request.
    let is_falling = schedule.ramp > 0 && schedule.target < schedule.start;
    ensure(users == expected || is_falling && users > expected, || {
        format!("{users} users instead of {expected}, {elapsed} ns after the epoch")
    })
}

/// Returns the users that may start a request at `elapsed`.
pub fn users_at(schedule: &VuSchedule, elapsed: Nanos) -> impl Iterator<Item = u64> {
    let (start, target) = (u128::from(schedule.start), u128::from(schedule.target));
    let (ramp, elapsed) = (u128::from(schedule.ramp), u128::from(elapsed));
    // Instants are whole nanoseconds: an event due within one is due at its beginning.
    let moved = |steps: u128| ((elapsed + 1) * steps).div_ceil(ramp).saturating_sub(1);
    let users = if elapsed >= ramp {
        target
    } else if target >= start {
        start + moved(target - start)
    } else {
        start - moved(start - target)
    };
    0..users as u64
}
