//! Builds the report of a run from its summary. `body` documents the fields.

use std::collections::BTreeMap;

use vayu_shared::counters::percent;
use vayu_shared::latency::{LatencyStats, PERCENTILES, SAMPLES_BEYOND};
use vayu_shared::outcome::ErrorClass;
use vayu_shared::script_totals::ScriptsSummary;
use vayu_shared::units::{MILLISECOND, to_ms, to_seconds};

use super::body::{
    EndedSection, ErrorsSection, ExampleSection, GeneratorSection, Handshakes, LatencySection,
    LostSection, Measured, Report, ScriptsSection, ShardSection, SlowSection, Stats,
    StoppedSection, SummarySection, TimingSection, TransportSection,
};
use crate::generator::GeneratorFacts;
use crate::littles_law::LittlesLaw;
use crate::summary::{Accounting, FailureExample, RunEnd, RunSummary, StopCause};

impl Report {
    /// Creates the report of a run.
    #[must_use]
    pub fn new(summary: &RunSummary) -> Self {
        Self {
            verdict: summary.verdict.clone(),
            stopped: summary
                .stopped
                .map(|stopped| StoppedSection::new(stopped, summary)),
            ended: summary.ended.map(|ended| EndedSection::new(ended, summary)),
            summary: SummarySection::new(summary),
            latency: LatencySection::new(summary),
            status_codes: summary.statuses.clone(),
            errors: ErrorsSection::new(summary),
            timing_breakdown: summary.timing.as_ref().map(|timing| TimingSection {
                avg_dns_ms: ms(timing.dns_ns),
                avg_connect_ms: ms(timing.connect_ns),
                avg_tls_ms: ms(timing.tls_ns),
                avg_first_byte_ms: ms(timing.first_byte_ns),
                avg_download_ms: ms(timing.download_ns),
            }),
            slow_requests: summary.slow.as_ref().map(|slow| SlowSection {
                count: slow.count,
                threshold_ms: to_ms(slow.threshold_ns),
                percentage: percent(slow.count, summary.total_requests()),
            }),
            response_time: Stats::new(&summary.response),
            service_time: Stats::new(&summary.service),
            schedule_lag: Stats::new(&summary.schedule_lag),
            vu_wait: Stats::new(&summary.vu_wait),
            blocked: Stats::new(&summary.blocked),
            connect_time: Stats::new(&summary.connect),
            tls_time: Stats::new(&summary.tls),
            checks: summary.checks.clone(),
            scripts: summary
                .scripts
                .as_ref()
                .map(|scripts| ScriptsSection::new(scripts, summary)),
            accounting: summary.accounting.clone(),
            transport: TransportSection::new(summary),
            littles_law: LittlesLaw::of(summary),
            generator: GeneratorSection::new(summary),
            metadata: None,
        }
    }
}

impl ScriptsSection {
    fn new(scripts: &ScriptsSummary, summary: &RunSummary) -> Self {
        let shards = summary.generator.shards.len().max(1) as u64;
        let whole = summary.elapsed_ns.saturating_mul(shards);
        let ms = |name| to_ms(scripts.time.percentile(name));
        Self {
            calls: scripts.calls,
            errors: scripts.errors,
            skipped: scripts.skipped,
            unfinished: scripts.unfinished,
            cpu_share_percent: percent(scripts.time_ns, whole),
            p50: ms("p50"),
            p99: ms("p99"),
            max: to_ms(scripts.time.max_ns),
            first_errors: scripts.first_errors.clone(),
        }
    }
}

impl StoppedSection {
    fn new(stopped: StopCause, summary: &RunSummary) -> Self {
        Self {
            after_seconds: to_seconds(summary.elapsed_ns),
            planned_seconds: stopped.planned_ns.map(to_seconds),
            sent: summary.accounting.issued,
            planned: (stopped.planned_requests > 0).then_some(stopped.planned_requests),
        }
    }
}

impl EndedSection {
    fn new(ended: RunEnd, summary: &RunSummary) -> Self {
        Self {
            by: ended.by,
            after_seconds: to_seconds(summary.elapsed_ns),
            duration_seconds: to_seconds(ended.duration_ns),
            sent: summary.accounting.issued,
            iterations: ended.iterations,
        }
    }
}

impl SummarySection {
    fn new(summary: &RunSummary) -> Self {
        let seconds = to_seconds(summary.elapsed_ns);
        let per_second = |count: u64| {
            if seconds > 0.0 {
                count as f64 / seconds
            } else {
                0.0
            }
        };
        Self {
            total_requests: summary.total_requests(),
            successful_requests: summary.successful_requests(),
            failed_requests: summary.failed_requests(),
            error_rate: summary.error_rate(),
            total_duration_seconds: seconds,
            avg_rps: summary.average_rps(),
            test_duration: seconds,
            send_rate: per_second(summary.accounting.issued),
            throughput: per_second(summary.accounting.answered),
            setup_overhead: None,
        }
    }
}

impl LatencySection {
    fn new(summary: &RunSummary) -> Self {
        let stats = Stats::new(summary.latency());
        Self {
            measures: if summary.open_model {
                Measured::ResponseTime
            } else {
                Measured::ServiceTime
            },
            median: stats.p50,
            stats,
        }
    }
}

impl Stats {
    fn new(stats: &LatencyStats) -> Self {
        let percentile = |name| to_ms(stats.percentile(name));
        let names = PERCENTILES.map(|(name, _)| name);
        let samples_beyond: BTreeMap<_, _> = names.into_iter().zip(stats.beyond()).collect();
        let well_founded =
            |name| (samples_beyond[name] >= SAMPLES_BEYOND).then(|| percentile(name));
        Self {
            count: stats.count,
            min: to_ms(stats.min_ns),
            max: to_ms(stats.max_ns),
            avg: ms(stats.mean_ns),
            stddev: ms(stats.stddev_ns),
            p50: percentile("p50"),
            p75: percentile("p75"),
            p90: percentile("p90"),
            p95: percentile("p95"),
            p99: percentile("p99"),
            p999: well_founded("p999"),
            p9999: well_founded("p9999"),
            samples_beyond,
        }
    }
}

impl ErrorsSection {
    fn new(summary: &RunSummary) -> Self {
        Self {
            total: summary.errors(),
            with_details: summary.errors_with_details,
            types: wire_types(&summary.accounting),
            classes: summary.accounting.errors.clone(),
            by_status_code: failed_statuses(&summary.statuses),
            examples: examples(&summary.examples),
        }
    }
}

/// Returns failures by the coarse error types of the API.
fn wire_types(accounting: &Accounting) -> BTreeMap<&'static str, u64> {
    let mut types = BTreeMap::new();
    for class in ErrorClass::ALL {
        if let Some(count) = accounting.errors.get(class.name()) {
            *types.entry(class.wire_type()).or_default() += count;
        }
    }
    types
}

/// Returns failed responses by status.
fn failed_statuses(statuses: &BTreeMap<u16, u64>) -> BTreeMap<u16, u64> {
    let failed = statuses
        .iter()
        .filter(|(code, _)| !(200..400).contains(*code));
    failed.map(|(code, count)| (*code, *count)).collect()
}

/// Returns the first failures of each class.
fn examples(failures: &[FailureExample]) -> BTreeMap<String, Vec<ExampleSection>> {
    let mut by_class: BTreeMap<String, Vec<ExampleSection>> = BTreeMap::new();
    for failure in failures {
        let example = ExampleSection {
            at_ms: failure.at_ms,
            shard: failure.shard,
            message: failure.message.clone(),
        };
        by_class
            .entry(failure.class.clone())
            .or_default()
            .push(example);
    }
    by_class
}

impl TransportSection {
    fn new(summary: &RunSummary) -> Self {
        Self {
            connections: summary.connects,
            connections_peak: summary.connections_peak,
            reused: summary.reused,
            tls_handshakes: Handshakes {
                full: summary.tls_full,
                resumed: summary.tls_resumed,
            },
            lookups: summary.lookups,
            stale_retries: summary.stale_retries,
            idle_discarded: summary.idle_discarded,
            unsolicited_bytes: summary.unsolicited_bytes,
            bytes_sent: summary.bytes_sent,
            bytes_received: summary.bytes_received,
            samples_thinned: summary.samples_thinned,
            metrics_thinned: summary.metrics_thinned,
            snapshots_deferred: summary.snapshots_deferred,
        }
    }
}

impl GeneratorSection {
    fn new(summary: &RunSummary) -> Self {
        let facts = &summary.generator;
        Self {
            pacing_quantum_ms: summary.open_model.then(|| to_ms(summary.quantum_ns)),
            shards: shards(facts),
            descriptors: facts.descriptors,
            local_ports: facts.local_ports,
            local_ports_time_wait: facts.local_ports_time_wait,
            throttled_ms: facts.throttled_ns.map(to_ms),
            lost: LostSection {
                samples: summary.samples_thinned,
                priority_samples: summary.priority_samples_lost,
                metrics: summary.metrics_thinned,
                intervals: summary.intervals_lost,
                snapshots_deferred: summary.snapshots_deferred,
            },
            preflight: facts.preflight.clone(),
        }
    }
}

fn shards(facts: &GeneratorFacts) -> Vec<ShardSection> {
    let percent = |share: Option<f64>| share.map(|share| share * 100.0);
    let shards = facts.shards.iter().map(|shard| ShardSection {
        shard: shard.shard,
        core: shard.core,
        core_busy_percent: percent(shard.core_busy),
        shard_busy_percent: percent(shard.shard_busy),
        cpu_wait_percent: percent(shard.cpu_wait),
        steal_percent: percent(shard.steal),
        schedule_lag_p99: to_ms(shard.schedule_lag_p99_ns),
    });
    shards.collect()
}

fn ms(nanos: f64) -> f64 {
    nanos / MILLISECOND as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::SlowRequests;
    use serde_json::{Value, json};

    fn report_json(summary: &RunSummary) -> Value {
        json!(Report::new(summary))
    }

    fn summary() -> RunSummary {
        RunSummary {
            elapsed_ns: 2_000_000_000,
            statuses: [(200, 95), (503, 3)].into(),
            accounting: Accounting {
                offered: 100,
                issued: 100,
                answered: 98,
                errors: [("connect_timeout", 1), ("body_timeout", 1)]
                    .map(|(name, n)| (name.to_owned(), n))
                    .into(),
                ..Accounting::default()
            },
            slow: Some(SlowRequests {
                count: 12,
                threshold_ns: 1_000_000_000,
            }),
            ..RunSummary::default()
        }
    }

    #[test]
    fn the_documented_sections_are_there_and_add_up() {
        let report = report_json(&summary());
        assert_eq!(report["summary"]["totalRequests"], 100);
        assert_eq!(report["summary"]["successfulRequests"], 95);
        assert_eq!(report["summary"]["failedRequests"], 5);
        assert_eq!(report["summary"]["errorRate"], 5.0);
        assert_eq!(report["summary"]["avgRps"], 50.0);
        assert_eq!(report["statusCodes"], json!({"200": 95, "503": 3}));
        assert_eq!(report["errors"]["total"], 2);
        assert_eq!(report["errors"]["types"], json!({"timeout": 2}));
        assert_eq!(report["errors"]["byStatusCode"], json!({"503": 3}));
        assert_eq!(
            report["slowRequests"],
            json!({"count": 12, "thresholdMs": 1000.0, "percentage": 12.0})
        );
        assert_eq!(report["latency"]["measures"], "serviceTime");
        for name in ["min", "max", "avg", "p50", "p75", "p90", "p95", "p99"] {
            assert!(report["latency"][name].is_number(), "{name}");
        }
        assert!(report.get("timingBreakdown").is_none());
    }

    #[test]
    fn additive_percentiles_need_ten_samples_beyond_them() {
        for (count, p999, p9999) in [
            (9_999, json!(null), json!(null)),
            (10_000, json!(6.0), json!(null)),
            (100_000, json!(6.0), json!(7.0)),
        ] {
            let service = LatencyStats {
                count,
                percentiles_ns: [1, 2, 3, 4, 5, 6, 7].map(|ms| ms * MILLISECOND),
                ..LatencyStats::default()
            };
            let latency = &report_json(&RunSummary {
                service,
                ..RunSummary::default()
            })["latency"];
            assert_eq!((&latency["p999"], &latency["p9999"]), (&p999, &p9999));
            assert_eq!(latency["p99"], 5.0);
            assert_eq!(latency["samplesBeyond"]["p999"], count / 1_000);
        }
    }

    #[test]
    fn rates_are_of_the_load_and_zero_before_it() {
        let section = &report_json(&summary())["summary"];
        assert_eq!(section["testDuration"], 2.0);
        assert_eq!(section["sendRate"], 50.0);
        assert_eq!(section["throughput"], 49.0);
        let report = report_json(&RunSummary::default());
        assert_eq!(report["summary"]["sendRate"], 0.0);
        assert_eq!(report["latency"]["median"], report["latency"]["p50"]);
    }
}
