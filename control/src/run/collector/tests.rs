//! Tests of shards that report in any order, fail, or stop reporting.

use vayu_shared::outcome::Status;
use vayu_shared::units::{MILLISECOND, SECOND};
use vayu_worker::bench_api;

use super::super::LiveSample;
use super::*;
use crate::generator::PreflightWarning;

/// Records everything it receives.
#[derive(Default)]
struct Told {
    ticks: Vec<Tick>,
    samples: usize,
}

impl Sink for Told {
    fn samples(&mut self, _samples: &SampleBatch) {}

    fn tick(&mut self, tick: &Tick) {
        self.ticks.push(tick.clone());
    }

    fn interval(&mut self, _moment: &LiveSample) {
        self.samples += 1;
    }

    fn preflight(&mut self, _warnings: &[PreflightWarning]) {}
}

/// Returns a snapshot in which `answered` requests were answered.
fn snapshot(shard: usize, interval: u64, answered: u64) -> ShardSnapshot {
    let mut delta = Box::<Delta>::default();
    delta.counters.offered = answered;
    delta.counters.issued = answered;
    for _ in 0..answered {
        delta
            .counters
            .count_status(Status::new(200).expect("legal"));
        delta.latencies.response.record(MILLISECOND);
        delta
            .latencies
            .schedule_lag
            .record(1_000 * (shard as u64 + 1));
    }
    ShardSnapshot {
        shard,
        interval,
        delta,
        gauges: Gauges {
            connections: 3,
            connections_peak: 4 + shard as u64,
            in_flight: 1,
            waiting: 0,
        },
    }
}

fn done(shard: usize, interval: u64, ended_at: Nanos) -> ShardEvent {
    ShardEvent::Done {
        snapshot: snapshot(shard, interval, 1),
        ended_at,
    }
}

/// Returns a plan with intervals of 100 ms, ten per second.
fn plan() -> Plan {
    bench_api::plan()
}

#[test]
fn a_second_is_told_when_the_last_shard_has_told_of_it() {
    let (plan, mut told) = (plan(), Told::default());
    let mut collector = Collector::new(2, &plan);
    for interval in 0..10 {
        let event = ShardEvent::Snapshot(snapshot(0, interval, 5));
        let Handled::Delta(emptied) = collector.handle_event(event, &mut [&mut told]) else {
            panic!("a snapshot stops the run")
        };
        assert!(emptied.counters.is_quiet());
    }
    assert!(told.ticks.is_empty(), "shard 1 has told nothing");
    for interval in 0..10 {
        let event = ShardEvent::Snapshot(snapshot(1, interval, 2));
        collector.handle_event(event, &mut [&mut told]);
    }
    let tick = told.ticks.pop().expect("both have told of a second");
    assert_eq!((tick.elapsed, tick.sent, tick.rps), (SECOND, 70, 70.0));
    assert_eq!((tick.gauges.connections, tick.gauges.in_flight), (6, 2));
    assert_eq!(told.samples, 10);
    // The sum of each shard's maximum in an interval.
    assert_eq!(collector.peak_connections, 9);
}

#[test]
fn everything_is_in_the_totals_once_in_any_order() {
    let (plan, mut told) = (plan(), Told::default());
    let mut collector = Collector::new(2, &plan);
    collector.handle_event(ShardEvent::Snapshot(snapshot(1, 3, 7)), &mut [&mut told]);
    collector.handle_event(done(1, 4, 480 * MILLISECOND), &mut [&mut told]);
    assert!(!collector.is_finished());
    collector.handle_event(ShardEvent::Snapshot(snapshot(0, 0, 2)), &mut [&mut told]);
    collector.handle_event(done(0, 4, 430 * MILLISECOND), &mut [&mut told]);
    assert!(collector.is_finished());
    let collected = collector.finish(&mut [&mut told]);
    assert_eq!(collected.failure, None);
    assert_eq!(collected.totals.counters.issued, 11);
    assert_eq!(collected.totals.latencies.response.count(), 11);
    assert_eq!(collected.elapsed, 480 * MILLISECOND);
    let lags: Vec<_> = collected.lags.iter().map(LatencyHistogram::count).collect();
    assert_eq!(lags, [3, 8]);
    let last = told.ticks.last().expect("the rest of a second");
    assert_eq!((last.elapsed, last.sent), (480 * MILLISECOND, 11));
}

#[test]
fn a_shard_that_fails_stops_the_run_and_the_first_reason_counts() {
    let (plan, mut told) = (plan(), Told::default());
    let mut collector = Collector::new(2, &plan);
    collector.handle_event(ShardEvent::Snapshot(snapshot(0, 0, 2)), &mut [&mut told]);
    for (shard, reason) in [(0, "first"), (1, "second")] {
        let reason = reason.to_owned();
        let heard = collector.handle_event(ShardEvent::Failed { shard, reason }, &mut [&mut told]);
        assert!(matches!(heard, Handled::Failure));
    }
    assert!(collector.is_finished());
    let collected = collector.finish(&mut [&mut told]);
    assert_eq!(collected.failure.as_deref(), Some("first"));
    assert_eq!(
        collected.totals.counters.issued, 2,
        "what was measured stays"
    );
}

#[test]
fn a_shard_that_is_through_is_not_heard_again() {
    let (plan, mut told) = (plan(), Told::default());
    let mut collector = Collector::new(2, &plan);
    collector.handle_event(done(0, 0, MILLISECOND), &mut [&mut told]);
    collector.handle_event(ShardEvent::Snapshot(snapshot(0, 1, 9)), &mut [&mut told]);
    collector.handle_event(done(0, 1, SECOND), &mut [&mut told]);
    assert!(!collector.is_finished(), "shard 1 has not ended");
    collector.handle_event(done(1, 0, MILLISECOND), &mut [&mut told]);
    let collected = collector.finish(&mut [&mut told]);
    assert_eq!(collected.totals.counters.issued, 2);
}

#[test]
fn a_run_whose_books_do_not_balance_has_failed() {
    let (plan, mut told) = (plan(), Told::default());
    let mut collector = Collector::new(1, &plan);
    let mut lost = snapshot(0, 0, 2);
    lost.delta.counters.issued += 1;
    let event = ShardEvent::Done {
        snapshot: lost,
        ended_at: MILLISECOND,
    };
    collector.handle_event(event, &mut [&mut told]);
    let failure = collector.finish(&mut [&mut told]).failure;
    assert!(failure.is_some_and(|reason| reason.contains("inconsistent")));
}
