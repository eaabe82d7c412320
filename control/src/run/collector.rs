//! Merges what the shards of one run report, and tells the sinks.

use vayu_shared::counters::Counters;
use vayu_shared::message::ShardEvent;
use vayu_shared::plan::Plan;
use vayu_shared::sample::SampleBatch;
use vayu_shared::snapshot::{Gauges, Latencies, ShardSnapshot};
use vayu_shared::summary::RunSummary;
use vayu_shared::units::Nanos;
use vayu_worker::ActiveRun;

use super::ticks::{SecondOver, Seconds};
use super::{Sink, Tick};

/// What came of a run's shards.
pub struct Collected {
    /// The merge of everything, also when a shard failed.
    pub counters: Counters,
    /// The merged distributions.
    pub latencies: Latencies,
    /// Epoch to the end.
    pub elapsed: Nanos,
    /// Why shards failed, if any did.
    pub failure: Option<String>,
}

/// Reads a run's events to the last and tells `sinks`.
pub fn collect(run: &ActiveRun, plan: &Plan, sinks: &mut [&mut dyn Sink]) -> Collected {
    let mut collector = Collector::new(run, plan);
    while collector.open_shards > 0 {
        let Ok(event) = run.events.recv() else {
            collector
                .failure
                .get_or_insert_with(|| "the engine was shut down".into());
            break;
        };
        match event {
            ShardEvent::Snapshot(snapshot) => collector.add(snapshot, run, sinks),
            ShardEvent::Done { snapshot, ended_at } => {
                let shard = snapshot.shard;
                collector.elapsed = collector.elapsed.max(ended_at);
                collector.add(snapshot, run, sinks);
                collector.close(shard);
            }
            ShardEvent::Failed { shard, reason } => {
                // The other shards alone are not the load that was asked for.
                run.stopper().stop();
                collector.failure.get_or_insert(reason);
                collector.close(shard);
            }
        }
        collector.tell_seconds(sinks);
    }
    collector.finish(sinks)
}

struct Collector<'a> {
    plan: &'a Plan,
    counters: Counters,
    latencies: Latencies,
    seconds: Seconds,
    gauges: Vec<Gauges>,
    open_shards: usize,
    elapsed: Nanos,
    failure: Option<String>,
}

impl<'a> Collector<'a> {
    fn new(run: &ActiveRun, plan: &'a Plan) -> Self {
        Self {
            plan,
            counters: Counters::default(),
            latencies: Latencies::default(),
            seconds: Seconds::new(run.shard_count, plan.stats_interval),
            gauges: vec![Gauges::default(); run.shard_count],
            open_shards: run.shard_count,
            elapsed: 0,
            failure: None,
        }
    }

    fn add(&mut self, snapshot: ShardSnapshot, run: &ActiveRun, sinks: &mut [&mut dyn Sink]) {
        let ShardSnapshot {
            shard,
            interval,
            mut delta,
            gauges,
        } = snapshot;
        self.counters.merge(&delta.counters);
        self.latencies.merge(&delta.latencies);
        self.seconds.add(shard, interval, &delta.counters);
        self.gauges[shard] = gauges;
        if !delta.samples.is_empty() {
            tell_samples(sinks, &delta.samples);
        }
        delta.clear();
        // A full channel means that the shards have spares enough.
        let _ = run.spare.try_send(delta);
    }

    fn close(&mut self, shard: usize) {
        self.open_shards -= 1;
        self.gauges[shard] = Gauges::default();
        self.seconds.close(shard);
    }

    fn tell_seconds(&mut self, sinks: &mut [&mut dyn Sink]) {
        let end = if self.open_shards == 0 {
            self.elapsed
        } else {
            Nanos::MAX
        };
        while let Some(second) = self.seconds.pop(end) {
            self.tell(second, sinks);
        }
    }

    fn tell(&self, second: SecondOver, sinks: &mut [&mut dyn Sink]) {
        let SecondOver {
            elapsed,
            rps,
            error_rate,
            sent,
        } = second;
        let gauges = self
            .gauges
            .iter()
            .copied()
            .fold(Gauges::default(), Gauges::plus);
        let summary = RunSummary::new(self.plan, &self.counters, &self.latencies, elapsed);
        let expected = self.plan.load.expected_requests();
        let tick = Tick {
            elapsed,
            rps,
            error_rate,
            sent,
            expected,
            gauges,
            summary,
        };
        sinks.iter_mut().for_each(|sink| sink.tick(&tick));
    }

    fn finish(mut self, sinks: &mut [&mut dyn Sink]) -> Collected {
        let rest = self.seconds.rest(self.elapsed);
        self.tell(rest, sinks);
        if self.failure.is_none() && !self.counters.is_balanced() {
            // A bug of the engine, and a number nobody should trust.
            tracing::error!("the books do not balance: {:?}", self.counters);
            self.failure =
                Some("the engine lost count of a request: the books do not balance".into());
        }
        Collected {
            counters: self.counters,
            latencies: self.latencies,
            elapsed: self.elapsed,
            failure: self.failure,
        }
    }
}

fn tell_samples(sinks: &mut [&mut dyn Sink], samples: &SampleBatch) {
    sinks.iter_mut().for_each(|sink| sink.samples(samples));
}
