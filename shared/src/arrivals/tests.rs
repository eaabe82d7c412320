//! The schedules of both patterns: tables, their union over shards, and the
//! moments of the Poisson process for fixed seeds.

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
fn a_number_of_arrivals_takes_as_long_as_a_run_that_holds_it() {
    for (per_second, count, length) in [
        (50.0, 100, 2 * SECOND),
        (0.5, 3, 6 * SECOND),
        (3.0, 1, 333_333_333),
        (0.001, 1_000_000_000_000, Nanos::MAX),
    ] {
        let rate = rate(per_second);
        assert_eq!(rate.duration_of(count), length, "{count} at {per_second}/s");
        if length < Nanos::MAX {
            assert_eq!(
                rate.count_within(length),
                count,
                "{count} at {per_second}/s"
            );
        }
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

#[test]
fn a_quantum_moves_arrivals_to_its_beginning_and_loses_none() {
    let table = [
        (ArrivalPattern::Even, 2_500.0, 1_000_000),
        (ArrivalPattern::Even, 333.0, 7_000_000),
        (ArrivalPattern::Even, 0.5, 1_000_000_000),
        (ArrivalPattern::Poisson { seed: 3 }, 5_000.0, 1_000_000),
    ];
    for (pattern, per_second, quantum) in table {
        let precise = ShardArrivals::new(rate(per_second), pattern, 3 * SECOND, 1, 2);
        let (mut own, mut paced) = (precise.cursor(), precise.with_quantum(quantum).cursor());
        assert_eq!(own.remaining(), paced.remaining(), "{per_second}/s");
        while let Some(instant) = own.advance() {
            let due = instant / quantum * quantum;
            assert_eq!(paced.peek(), Some(due), "{per_second}/s, {instant}");
            assert_eq!(paced.advance(), Some(due), "{per_second}/s, {instant}");
        }
        assert_eq!(paced.advance(), None, "{per_second}/s");
    }
}

/// Returns the arrivals of every shard, merged.
fn union(rate: ArrivalRate, pattern: ArrivalPattern, duration: Nanos, shards: usize) -> Vec<Nanos> {
    let mut all: Vec<Nanos> = (0..shards)
        .flat_map(|shard| {
            let mut cursor = ShardArrivals::new(rate, pattern, duration, shard, shards).cursor();
            std::iter::from_fn(move || cursor.advance())
        })
        .collect();
    all.sort_unstable();
    all
}

fn poisson(per_second: f64, seed: u64, seconds: u64, shards: usize) -> Vec<Nanos> {
    let pattern = ArrivalPattern::Poisson { seed };
    union(rate(per_second), pattern, seconds * SECOND, shards)
}

fn mean_and_variance(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares = values.iter().map(|value| (value - mean).powi(2));
    (mean, squares.sum::<f64>() / count)
}

#[test]
fn a_seed_decides_how_many_arrivals_there_are_and_when() {
    // These numbers change only with the generator, and then every run that relies on a seed changes too.
    let table = [(0, 1, 5_065), (0, 2, 4_975), (1, 1, 4_926), (7, 3, 4_932)];
    for (seed, shards, offered) in table {
        let arrivals = poisson(1000.0, seed, 5, shards);
        assert_eq!(arrivals.len(), offered, "seed {seed} on {shards} shards");
        assert_eq!(arrivals, poisson(1000.0, seed, 5, shards));
    }
    assert_ne!(poisson(1000.0, 0, 5, 1), poisson(1000.0, 1, 5, 1));
}

#[test]
fn poisson_gaps_have_the_moments_of_the_exponential_distribution() {
    for shards in [1, 2, 5] {
        let arrivals = poisson(10_000.0, 3, 100, shards);
        let gaps: Vec<f64> = arrivals
            .windows(2)
            .map(|pair| (pair[1] - pair[0]) as f64 / 1e5)
            .collect();
        // A million gaps of mean 1: standard errors 0.001 and 0.003.
        let (mean, variance) = mean_and_variance(&gaps);
        assert!((mean - 1.0).abs() < 0.005, "{shards} shards: mean {mean}");
        assert!(
            (variance - 1.0).abs() < 0.015,
            "{shards} shards: variance {variance}"
        );
    }
}

#[test]
fn poisson_counts_vary_as_much_as_their_mean() {
    for shards in [1, 4] {
        let mut counts = vec![0.0; 20_000];
        for due in poisson(1000.0, 11, 200, shards) {
            counts[(due / (10 * crate::units::MILLISECOND)) as usize] += 1.0;
        }
        // 20,000 counts of mean 10: standard errors 0.022 and 0.10.
        let (mean, variance) = mean_and_variance(&counts);
        assert!((mean - 10.0).abs() < 0.1, "{shards} shards: mean {mean}");
        assert!(
            (variance - 10.0).abs() < 0.5,
            "{shards} shards: variance {variance}"
        );
    }
}

#[test]
fn neighbouring_shards_and_seeds_are_not_alike() {
    let gaps = |seed: u64, shard: usize| -> Vec<f64> {
        let gaps = Gaps::new(seed, shard as u64, 1e6);
        (0..100_000)
            .map(|index| gaps.gap(index) as f64 / 1e6)
            .collect()
    };
    let one = gaps(0, 0);
    for (seed, shard) in [(0, 1), (1, 0), (1, 1)] {
        let other = gaps(seed, shard);
        let products = one.iter().zip(&other).map(|(a, b)| (a - 1.0) * (b - 1.0));
        // The standard error of this correlation is 0.003.
        let correlation = products.sum::<f64>() / 1e5;
        assert!(
            correlation.abs() < 0.015,
            "seed {seed}, shard {shard}: {correlation}"
        );
    }
}

#[test]
fn the_mean_count_is_rate_times_duration() {
    let table = [
        (1000.0, 5 * SECOND, 5000),
        (0.5, 3 * SECOND, 2),
        (0.1, SECOND, 0),
    ];
    for (per_second, duration, mean) in table {
        assert_eq!(
            rate(per_second).mean_within(duration),
            mean,
            "{per_second}/s"
        );
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
        let whole: Vec<Nanos> = (0..total).map(|seq| rate.due_at(seq)).collect();
        prop_assert_eq!(union(rate, ArrivalPattern::Even, duration, shards), whole);
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

    #[test]
    fn cursors_walk_the_same_arrivals_in_order_and_stop_at_the_end(
        per_second in 1f64..2_000.0,
        duration in 1u64..2 * SECOND,
        shard in 0usize..4,
        seed in proptest::option::of(any::<u64>()),
    ) {
        let pattern = seed.map_or(ArrivalPattern::Even, |seed| ArrivalPattern::Poisson { seed });
        let arrivals = ShardArrivals::new(rate(per_second), pattern, duration, shard, 4);
        let (mut ahead, mut behind) = (arrivals.cursor(), arrivals.cursor());
        let walked: Vec<Nanos> = std::iter::from_fn(|| ahead.advance()).collect();
        prop_assert!(walked.is_sorted() && walked.iter().all(|due| *due < duration));
        prop_assert_eq!((ahead.passed(), ahead.peek()), (walked.len() as u64, None));
        for due in walked {
            prop_assert_eq!(behind.peek(), Some(due));
            prop_assert_eq!(behind.advance(), Some(due));
        }
        prop_assert_eq!(behind.advance(), None);
        prop_assert_eq!(behind.passed(), ahead.passed());
    }
}

#[test]
fn what_remains_is_what_can_still_be_walked() {
    for pattern in [ArrivalPattern::Even, ArrivalPattern::Poisson { seed: 3 }] {
        for (shard, shards) in [(0, 1), (1, 3), (2, 3)] {
            let rate = ArrivalRate::per_second(333.3).expect("legal");
            let mut cursor = ShardArrivals::new(rate, pattern, SECOND, shard, shards).cursor();
            for _ in 0..5 {
                cursor.advance();
            }
            let said = cursor.remaining();
            let walked = std::iter::from_fn(|| cursor.advance()).count() as u64;
            assert_eq!(said, walked, "{pattern:?} on {shard} of {shards}");
        }
    }
}

#[test]
fn a_number_of_arrivals_ends_a_schedule_before_its_time() {
    let walk = |arrivals: ShardArrivals| -> Vec<Nanos> {
        let mut cursor = arrivals.cursor();
        std::iter::from_fn(|| cursor.advance()).collect()
    };
    for pattern in [ArrivalPattern::Even, ArrivalPattern::Poisson { seed: 3 }] {
        let whole = ShardArrivals::new(rate(1000.0), pattern, SECOND, 0, 1);
        let all = walk(whole);
        let beyond = all.len() as u64 + 1;
        for (most, count) in [
            (Some(0), 0),
            (Some(7), 7),
            (Some(beyond), all.len()),
            (None, all.len()),
        ] {
            let some = whole.at_most(most);
            assert_eq!(walk(some), all[..count], "{pattern:?} {most:?}");
            let remaining = some.cursor().remaining();
            assert_eq!(remaining, count as u64, "{pattern:?} {most:?}");
        }
    }
}
