//! Merges what the shards of one run report, and tells the sinks.

use vayu_shared::latency::LatencyHistogram;
use vayu_shared::message::ShardEvent;
use vayu_shared::plan::Plan;
use vayu_shared::sample::SampleBatch;
use vayu_shared::snapshot::{Gauges, ShardSnapshot, Totals};
use vayu_shared::summary::RunSummary;
use vayu_shared::units::Nanos;
use vayu_worker::ActiveRun;

use super::moments::Moments;
use super::ticks::{SecondOver, Seconds};
use super::{Sink, Tick};

/// What came of a run's shards.
pub struct Collected {
    /// The merge of everything, also when a shard failed.
    pub totals: Totals,
    /// The schedule lag on each shard.
    pub lags: Vec<LatencyHistogram>,
    /// Most connections open at once: the sum of the shards' peaks within an interval.
    pub most_connections: u64,
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
                run.handle().stop();
                collector.failure.get_or_insert(reason);
                collector.close(shard);
            }
        }
        collector.tell_moments(sinks);
        collector.tell_seconds(sinks);
    }
    collector.finish(sinks)
}

struct Collector<'a> {
    plan: &'a Plan,
    totals: Totals,
    lags: Vec<LatencyHistogram>,
    most_connections: u64,
    moments: Moments,
    seconds: Seconds,
    gauges: Vec<Gauges>,
    open_shards: usize,
    is_closed: Vec<bool>,
    elapsed: Nanos,
    failure: Option<String>,
}

impl<'a> Collector<'a> {
    fn new(run: &ActiveRun, plan: &'a Plan) -> Self {
        Self {
            plan,
            totals: Totals::default(),
            lags: vec![LatencyHistogram::default(); run.shard_count],
            most_connections: 0,
            moments: Moments::new(run.shard_count, plan.stats_interval, plan.load.is_open()),
            seconds: Seconds::new(run.shard_count, plan.stats_interval),
            gauges: vec![Gauges::default(); run.shard_count],
            open_shards: run.shard_count,
            is_closed: vec![false; run.shard_count],
            elapsed: 0,
            failure: None,
        }
    }

    fn add(&mut self, snapshot: ShardSnapshot, run: &ActiveRun, sinks: &mut [&mut dyn Sink]) {
        if self.is_closed[snapshot.shard] {
            return;
        }
        let ShardSnapshot {
            shard,
            interval,
            mut delta,
            gauges,
        } = snapshot;
        self.lags[shard].merge(&delta.latencies.schedule_lag);
        self.moments.add(shard, interval, &delta);
        self.seconds.add(shard, interval, &delta);
        self.gauges[shard] = gauges;
        self.most_connections = self
            .most_connections
            .max(self.all_gauges().connections_peak);
        if !delta.samples.is_empty() {
            tell_samples(sinks, &delta.samples);
        }
        delta.clear();
        // A full channel means that the shards have spares enough.
        let _ = run.spare.try_send(delta);
    }

    /// The shard tells no more. One that takes the place of a retired one may, and is not heard.
    fn close(&mut self, shard: usize) {
        if std::mem::replace(&mut self.is_closed[shard], true) {
            return;
        }
        self.open_shards -= 1;
        self.gauges[shard] = Gauges::default();
        self.moments.close(shard);
        self.seconds.close(shard);
    }

    /// When the run ended, once it has.
    fn end(&self) -> Nanos {
        if self.open_shards == 0 {
            self.elapsed
        } else {
            Nanos::MAX
        }
    }

    fn tell_moments(&mut self, sinks: &mut [&mut dyn Sink]) {
        let (end, gauges) = (self.end(), self.all_gauges());
        while let Some(moment) = self.moments.pop(end, gauges) {
            sinks.iter_mut().for_each(|sink| sink.interval(&moment));
        }
    }

    fn tell_seconds(&mut self, sinks: &mut [&mut dyn Sink]) {
        while let Some(second) = self.seconds.pop(self.end()) {
            self.tell(second, sinks);
        }
    }

    fn tell(&mut self, second: SecondOver, sinks: &mut [&mut dyn Sink]) {
        self.totals.merge(&second.totals);
        let tick = Tick {
            elapsed: second.elapsed,
            rps: second.rps,
            error_rate: second.error_rate,
            send_rate: second.send_rate,
            sent: second.sent,
            expected: self.plan.load.expected_requests(),
            gauges: self.all_gauges(),
            summary: RunSummary::new(self.plan, &self.totals, second.elapsed),
            second_began: second.began,
            second: second.totals.latencies,
        };
        sinks.iter_mut().for_each(|sink| sink.tick(&tick));
    }

    fn all_gauges(&self) -> Gauges {
        let all = self.gauges.iter().copied();
        all.fold(Gauges::default(), Gauges::plus)
    }

    fn finish(mut self, sinks: &mut [&mut dyn Sink]) -> Collected {
        if let Some(moment) = self.moments.rest(self.elapsed, self.all_gauges()) {
            sinks.iter_mut().for_each(|sink| sink.interval(&moment));
        }
        match self.seconds.rest(self.elapsed) {
            // The lifetimes of virtual users end with the run, after its last second.
            Some(rest) if rest.is_empty() && rest.began > 0 => self.totals.merge(&rest.totals),
            Some(rest) => self.tell(rest, sinks),
            None => {}
        }
        if self.failure.is_none() && !self.totals.counters.is_balanced() {
            // A bug of the engine, and a number nobody should trust.
            tracing::error!("the books do not balance: {:?}", self.totals.counters);
            self.failure =
                Some("the engine lost count of a request: the books do not balance".into());
        }
        Collected {
            totals: self.totals,
            lags: self.lags,
            most_connections: self.most_connections,
            elapsed: self.elapsed,
            failure: self.failure,
        }
    }
}

fn tell_samples(sinks: &mut [&mut dyn Sink], samples: &SampleBatch) {
    sinks.iter_mut().for_each(|sink| sink.samples(samples));
}
