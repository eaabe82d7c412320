//! Stores a run while it is active, and keeps its live state up to date.

use std::sync::Arc;

use vayu_shared::sample::{Sample, SampleBatch, SampleOutcome};
use vayu_shared::snapshot::Latencies;
use vayu_shared::units::{Nanos, to_ms};

use super::ending::named_histograms;
use super::interval_log::IntervalLog;
use super::thinning::Thinning;
use super::traces::Traces;
use super::{Live, LiveSample, Sink, Tick};
use crate::config::Config;
use crate::generator::PreflightWarning;
use crate::private_key;
use crate::store::{CRASHED, MeasuredColumns, NewInterval, NewMetric, NewResult, Store};
use crate::summary::RunSummary;
use crate::verdict::{Budgets, RunCompletion, Verdict};

/// Seconds between two checkpoints. The first is at the end of the first second.
const CHECKPOINT_TICKS: u64 = 2;

/// Stores a run while it is active.
pub struct Recording {
    store: Store,
    live: Arc<Live>,
    failures_stored: u64,
    failures_turned_away: u64,
    thinning: Thinning,
    preflight: Vec<PreflightWarning>,
    intervals: IntervalLog,
    traces: Traces,
    /// Everything measured so far.
    latencies: Latencies,
    ticks: u64,
    budgets: Budgets,
}

impl Recording {
    /// Creates the recording of a run that has not started.
    pub fn new(store: Store, live: Arc<Live>, config: &Config) -> Self {
        Self {
            store,
            live,
            failures_stored: 0,
            failures_turned_away: 0,
            thinning: Thinning::new(config.max_stored_results),
            preflight: Vec::new(),
            intervals: IntervalLog::default(),
            traces: Traces::default(),
            latencies: Latencies::default(),
            ticks: 0,
            budgets: config.budgets(),
        }
    }

    /// Returns the number of failures stored with their details.
    pub fn failures_stored(&self) -> u64 {
        self.failures_stored
    }

    /// Returns the number of failures that the store rejected for lack of capacity.
    pub fn failures_turned_away(&self) -> u64 {
        self.failures_turned_away
    }

    /// Returns the number of samples beyond the storage limit of a run.
    pub fn left_out(&self) -> u64 {
        self.thinning.left_out
    }

    /// Stores and publishes metrics for the instant `elapsed`.
    pub fn add_metrics(&self, elapsed: Nanos, values: &[(&'static str, f64)]) {
        let timestamp = self.live.timestamp_ms(elapsed);
        let metrics: Vec<NewMetric> = values
            .iter()
            .map(|&(name, value)| NewMetric {
                id: self.store.next_metric_id(),
                timestamp,
                name,
                value,
            })
            .collect();
        self.live.add_metrics(&metrics);
        // The store counts rejected rows, and the report includes them.
        let _ = self.store.queue_metrics(&self.live.id, metrics);
    }

    /// Stores the rest of the histogram log.
    pub fn finish_intervals(&mut self) {
        let rows = self.intervals.cut();
        self.store_intervals(rows);
    }

    fn store_intervals(&self, rows: Vec<NewInterval>) {
        if !rows.is_empty() {
            // The store counts rejected rows, and the report includes them.
            let _ = self.store.queue_intervals(&self.live.id, rows);
        }
    }

    /// Queues a checkpoint of what was measured so far, for a report if the engine dies.
    fn checkpoint(&self, mut summary: RunSummary) {
        let course = RunCompletion::interrupted(CRASHED);
        summary.verdict = Some(Verdict::new(&summary, &self.budgets, course));
        let alive_at = self.live.timestamp_ms(summary.elapsed_ns);
        let measured = MeasuredColumns {
            histograms: named_histograms(&self.latencies),
            summary,
        };
        // If there is no capacity now, the previous checkpoint remains.
        let _ = self
            .store
            .queue_checkpoint(&self.live.id, alive_at, &measured);
    }

    fn row(&mut self, sample: &Sample, head: &[u8], body: &[u8]) -> NewResult {
        let (status_code, error, error_detail) = match &sample.outcome {
            SampleOutcome::Answered(status) => (i32::from(status.code()), None, None),
            SampleOutcome::Failed { class, detail } => (
                0,
                Some(class.wire_type()),
                Some(format!("{}: {detail}", class.name())),
            ),
        };
        NewResult {
            timestamp: self.live.timestamp_ms(sample.at),
            status_code,
            latency_ms: to_ms(sample.latency),
            error,
            error_detail,
            // A target may send a private key, or echo one.
            trace: self
                .traces
                .of(sample, head, body)
                .map(private_key::without_in_serialized),
        }
    }
}

impl Sink for Recording {
    fn samples(&mut self, samples: &SampleBatch) {
        let mut rows: Vec<NewResult> = Vec::new();
        for (sample, head, body) in samples.iter() {
            if self.thinning.keeps(&sample.outcome) {
                rows.push(self.row(sample, head, body));
            }
        }
        let failures = rows.iter().filter(|row| row.error.is_some()).count() as u64;
        // All of them or none; the report includes how many were rejected.
        let turned_away = self.store.queue_results(&self.live.id, rows).turned_away as u64;
        if turned_away == 0 {
            self.failures_stored += failures;
        } else {
            self.failures_turned_away += failures;
        }
    }

    fn tick(&mut self, tick: &Tick) {
        let expected = tick.expected as f64;
        self.add_metrics(
            tick.elapsed,
            &[
                ("rps", tick.rps),
                ("error_rate", tick.error_rate),
                ("connections_active", tick.gauges.connections as f64),
                ("requests_sent", tick.sent as f64),
                ("requests_expected", expected),
                ("requests_completed", tick.summary.total_requests() as f64),
                ("requests_failed", tick.summary.failed_requests() as f64),
                ("requests_waiting", tick.gauges.waiting as f64),
                ("send_rate", tick.send_rate),
            ],
        );
        let percentiles = interval_percentiles(tick);
        if !percentiles.is_empty() {
            self.add_metrics(tick.elapsed, &percentiles);
        }
        let rows = self.intervals.add(tick);
        self.store_intervals(rows);
        let mut summary = tick.summary.clone();
        summary.generator.preflight.clone_from(&self.preflight);
        self.latencies.merge(&tick.second);
        if self.ticks.is_multiple_of(CHECKPOINT_TICKS) {
            self.checkpoint(summary.clone());
        }
        self.ticks += 1;
        self.live.set_summary(summary);
    }

    fn interval(&mut self, sample: &LiveSample) {
        self.live.add_live_sample(sample.clone());
    }

    fn preflight(&mut self, warnings: &[PreflightWarning]) {
        for warning in warnings {
            tracing::warn!("run {}: {}", self.live.id, warning.message);
        }
        self.preflight = warnings.to_vec();
    }
}

/// Returns the latency percentiles of one second, in milliseconds. Empty if nothing was answered, because a
/// zero would look like a fast response.
fn interval_percentiles(tick: &Tick) -> Vec<(&'static str, f64)> {
    let second = &tick.second;
    let latency = if tick.summary.open_model {
        &second.response
    } else {
        &second.service
    };
    let mut metrics = Vec::new();
    if latency.count() > 0 {
        let at = |quantile| to_ms(latency.quantile(quantile));
        metrics.extend([
            ("interval_latency_p50", at(0.5)),
            ("interval_latency_p95", at(0.95)),
            ("interval_latency_p99", at(0.99)),
            ("interval_latency_max", to_ms(latency.stats().max_ns)),
        ]);
    }
    if second.schedule_lag.count() > 0 {
        let lag = to_ms(second.schedule_lag.quantile(0.99));
        metrics.push(("interval_schedule_lag_p99", lag));
    }
    metrics
}
