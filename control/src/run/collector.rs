//! Merges the reports of a run's shards, and notifies the sinks.

use vayu_shared::latency::LatencyHistogram;
use vayu_shared::message::ShardEvent;
use vayu_shared::plan::Plan;
use vayu_shared::sample::SampleBatch;
use vayu_shared::snapshot::{Delta, Gauges, ShardSnapshot, Totals};
use vayu_shared::units::Nanos;
use vayu_worker::ActiveRun;

use super::live_samples::LiveSampler;
use super::ticks::{SecondOver, Seconds};
use super::{Sink, Tick};
use crate::summary::RunSummary;

/// Result of collecting a run's shards.
pub struct Collected {
    /// The merged totals, also if a shard failed.
    pub totals: Totals,
    /// Schedule lag of each shard.
    pub lags: Vec<LatencyHistogram>,
    /// Maximum number of connections open at once: the largest sum of the shards' peaks within an interval.
    pub peak_connections: u64,
    /// Time from the epoch to the end.
    pub elapsed: Nanos,
    /// Why shards failed, if any did.
    pub failure: Option<String>,
}

/// Receives all events of a run and notifies `sinks`.
pub fn collect(run: &ActiveRun, plan: &Plan, sinks: &mut [&mut dyn Sink]) -> Collected {
    let mut collector = Collector::new(run.shard_count, plan);
    while !collector.is_finished() {
        let Ok(event) = run.events.recv() else {
            collector.fail("the engine was shut down".into());
            break;
        };
        match collector.handle_event(event, sinks) {
            Handled::Delta(emptied) => {
                // A full channel means that the shards have enough spare deltas.
                let _ = run.spare.try_send(emptied);
            }
            // The remaining shards alone do not generate the requested load.
            Handled::Failure => run.handle().stop(),
        }
    }
    collector.finish(sinks)
}

/// Result of handling an event.
enum Handled {
    /// A delta, emptied for reuse.
    Delta(Box<Delta>),
    /// A shard failed.
    Failure,
}

struct Collector<'a> {
    plan: &'a Plan,
    totals: Totals,
    lags: Vec<LatencyHistogram>,
    peak_connections: u64,
    samples: LiveSampler,
    seconds: Seconds,
    gauges: Vec<Gauges>,
    open_shards: usize,
    is_closed: Vec<bool>,
    elapsed: Nanos,
    failure: Option<String>,
}

impl<'a> Collector<'a> {
    fn new(shards: usize, plan: &'a Plan) -> Self {
        Self {
            plan,
            totals: Totals::default(),
            lags: vec![LatencyHistogram::default(); shards],
            peak_connections: 0,
            samples: LiveSampler::new(shards, plan.stats_interval, plan.load.is_open()),
            seconds: Seconds::new(shards, plan.stats_interval),
            gauges: vec![Gauges::default(); shards],
            open_shards: shards,
            is_closed: vec![false; shards],
            elapsed: 0,
            failure: None,
        }
    }

    /// Returns whether all shards have finished.
    fn is_finished(&self) -> bool {
        self.open_shards == 0
    }

    /// Marks the run as failed. The first reason is kept.
    fn fail(&mut self, reason: String) {
        self.failure.get_or_insert(reason);
    }

    fn handle_event(&mut self, event: ShardEvent, sinks: &mut [&mut dyn Sink]) -> Handled {
        let heard = match event {
            ShardEvent::Snapshot(snapshot) => Handled::Delta(self.add(snapshot, sinks)),
            ShardEvent::Done { snapshot, ended_at } => {
                let shard = snapshot.shard;
                self.elapsed = self.elapsed.max(ended_at);
                let emptied = self.add(snapshot, sinks);
                self.close(shard);
                Handled::Delta(emptied)
            }
            ShardEvent::Failed { shard, reason } => {
                self.fail(reason);
                self.close(shard);
                Handled::Failure
            }
        };
        self.emit_live_samples(sinks);
        self.emit_seconds(sinks);
        heard
    }

    /// Adds a delta and returns it emptied.
    fn add(&mut self, snapshot: ShardSnapshot, sinks: &mut [&mut dyn Sink]) -> Box<Delta> {
        let ShardSnapshot {
            shard,
            interval,
            mut delta,
            gauges,
        } = snapshot;
        if !self.is_closed[shard] {
            self.lags[shard].merge(&delta.latencies.schedule_lag);
            self.samples.add(shard, interval, &delta);
            self.seconds.add(shard, interval, &delta);
            self.gauges[shard] = gauges;
            let peak = self.all_gauges().connections_peak;
            self.peak_connections = self.peak_connections.max(peak);
            if !delta.samples.is_empty() {
                emit_samples(sinks, &delta.samples);
            }
        }
        delta.clear();
        delta
    }

    /// Marks a shard as finished. A shard that replaces a retired one may still report, but its reports are
    /// ignored.
    fn close(&mut self, shard: usize) {
        if std::mem::replace(&mut self.is_closed[shard], true) {
            return;
        }
        self.open_shards -= 1;
        self.gauges[shard] = Gauges::default();
        self.samples.close(shard);
        self.seconds.close(shard);
    }

    /// Returns the end of the run once it has ended.
    fn end(&self) -> Nanos {
        if self.is_finished() {
            self.elapsed
        } else {
            Nanos::MAX
        }
    }

    fn emit_live_samples(&mut self, sinks: &mut [&mut dyn Sink]) {
        let (end, gauges) = (self.end(), self.all_gauges());
        while let Some(sample) = self.samples.pop(end, gauges) {
            sinks.iter_mut().for_each(|sink| sink.interval(&sample));
        }
    }

    fn emit_seconds(&mut self, sinks: &mut [&mut dyn Sink]) {
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
        if let Some(sample) = self.samples.rest(self.elapsed, self.all_gauges()) {
            sinks.iter_mut().for_each(|sink| sink.interval(&sample));
        }
        match self.seconds.rest(self.elapsed) {
            // The lifetimes of virtual users are recorded at the end of the run, after its last second.
            Some(rest) if rest.is_empty() && rest.began > 0 => self.totals.merge(&rest.totals),
            Some(rest) => self.tell(rest, sinks),
            None => {}
        }
        if self.failure.is_none() && !self.totals.counters.is_balanced() {
            // A bug in the engine, so the numbers cannot be trusted.
            tracing::error!("the books do not balance: {:?}", self.totals.counters);
            self.fail("the request counters of the engine are inconsistent (engine bug)".into());
        }
        Collected {
            totals: self.totals,
            lags: self.lags,
            peak_connections: self.peak_connections,
            elapsed: self.elapsed,
            failure: self.failure,
        }
    }
}

fn emit_samples(sinks: &mut [&mut dyn Sink], samples: &SampleBatch) {
    sinks.iter_mut().for_each(|sink| sink.samples(samples));
}

#[cfg(test)]
mod tests;
