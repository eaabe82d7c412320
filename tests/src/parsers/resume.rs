//! Clients that reconnect to an event stream.

use vayu_control::api::event_id;
use vayu_control::run::{Live, LiveSample, NewMetrics, StopSwitch};
use vayu_control::store::NewMetric;
use vayu_control::wall_clock::WallClockStart;

/// The first input byte is the number of past events, divided by 64; the rest is the value of
/// `Last-Event-ID`. For any value, each event that is still buffered and was not seen is delivered once, in
/// order.
pub fn sse_resume(input: &[u8]) {
    let Some((&amount, header)) = input.split_first() else {
        return;
    };
    let count = u64::from(amount) * 64;
    let live = Live::new(
        "run_1".to_owned(),
        WallClockStart::now(),
        StopSwitch::default(),
    );
    samples(&live, count, event_id(header).unwrap_or(0));
    metrics(&live, count, event_id(header).unwrap_or(0));
}

fn samples(live: &Live, count: u64, seen: u64) {
    for completed in 1..=count {
        live.add_live_sample(LiveSample {
            completed,
            ..LiveSample::default()
        });
    }
    // An id beyond the last event belongs to another run.
    let mut next = if seen > count { 0 } else { seen } + 1;
    let mut is_first = true;
    loop {
        let kept = live.live_samples_after(next - 1, 100);
        assert!(
            kept.first == next || is_first && kept.first > next,
            "{} for {next}",
            kept.first
        );
        is_first = false;
        next = kept.first;
        for sample in &kept.samples {
            assert_eq!(sample.completed, next, "after {seen} of {count}");
            next += 1;
        }
        if kept.samples.is_empty() {
            break;
        }
    }
    assert_eq!(next, count + 1, "after {seen}");
}

fn metrics(live: &Live, count: u64, after: i64) {
    let last = i64::try_from(count).expect("few");
    let all = (1..=last).map(|id| NewMetric {
        id,
        timestamp: 0,
        name: "rps",
        value: 0.0,
    });
    live.add_metrics(&all.collect::<Vec<_>>());
    if let NewMetrics::Next(kept) = live.metrics_after(after) {
        let ids: Vec<i64> = kept.iter().map(|metric| metric.id).collect();
        let expected: Vec<i64> = (1..=last).filter(|id| *id > after).collect();
        assert_eq!(ids, expected, "after {after} of {count}");
    }
}
