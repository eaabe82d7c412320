//! The report of the API: its documented sections, and additive ones.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use vayu_shared::counters::percent;
use vayu_shared::latency::{LatencyStats, PERCENTILES};
use vayu_shared::outcome::ErrorClass;
use vayu_shared::summary::{Accounting, FailureExample, RunSummary};
use vayu_shared::units::{MILLISECOND, to_ms, to_seconds};

/// The report of a run.
#[must_use]
pub fn report_json(summary: &RunSummary) -> Value {
    let mut report = Map::new();
    if let Some(verdict) = &summary.verdict {
        report.insert("verdict".into(), json!(verdict));
    }
    report.insert("summary".into(), summary_section(summary));
    report.insert("latency".into(), latency_section(summary));
    report.insert("statusCodes".into(), json!(summary.statuses));
    report.insert("errors".into(), errors_section(summary));
    if let Some(timing) = &summary.timing {
        let section = json!({
            "avgDnsMs": ms(timing.dns_ns),
            "avgConnectMs": ms(timing.connect_ns),
            "avgTlsMs": ms(timing.tls_ns),
            "avgFirstByteMs": ms(timing.first_byte_ns),
            "avgDownloadMs": ms(timing.download_ns),
        });
        report.insert("timingBreakdown".into(), section);
    }
    if let Some(slow) = &summary.slow {
        let section = json!({
            "count": slow.count,
            "thresholdMs": to_ms(slow.threshold_ns),
            "percentage": percent(slow.count, summary.total_requests()),
        });
        report.insert("slowRequests".into(), section);
    }
    for (name, stats) in [
        ("responseTime", &summary.response),
        ("serviceTime", &summary.service),
        ("scheduleLag", &summary.schedule_lag),
        ("vuWait", &summary.vu_wait),
        ("blocked", &summary.blocked),
        ("connectTime", &summary.connect),
        ("tlsTime", &summary.tls),
    ] {
        report.insert(name.into(), stats_section(stats));
    }
    report.insert("accounting".into(), json!(summary.accounting));
    report.insert("transport".into(), transport_section(summary));
    report.insert("generator".into(), generator_section(summary));
    Value::Object(report)
}

fn summary_section(summary: &RunSummary) -> Value {
    json!({
        "totalRequests": summary.total_requests(),
        "successfulRequests": summary.successful_requests(),
        "failedRequests": summary.failed_requests(),
        "errorRate": summary.error_rate(),
        "totalDurationSeconds": to_seconds(summary.elapsed_ns),
        "avgRps": summary.average_rps(),
        "testDuration": to_seconds(summary.elapsed_ns),
        "sendRate": per_second(summary.accounting.issued, summary),
        "throughput": per_second(summary.accounting.answered, summary),
    })
}

fn per_second(count: u64, summary: &RunSummary) -> f64 {
    match to_seconds(summary.elapsed_ns) {
        seconds if seconds > 0.0 => count as f64 / seconds,
        _ => 0.0,
    }
}

/// The documented latency, and which of the two it is.
fn latency_section(summary: &RunSummary) -> Value {
    let mut section = stats_section(summary.latency());
    let measured = if summary.open_model {
        "responseTime"
    } else {
        "serviceTime"
    };
    section["measures"] = measured.into();
    section["median"] = section["p50"].clone();
    section
}

fn stats_section(stats: &LatencyStats) -> Value {
    let mut section = json!({
        "count": stats.count,
        "min": to_ms(stats.min_ns),
        "max": to_ms(stats.max_ns),
        "avg": ms(stats.mean_ns),
        "stddev": ms(stats.stddev_ns),
    });
    for ((name, _), value) in PERCENTILES.iter().zip(stats.percentiles_ns) {
        section[*name] = to_ms(value).into();
    }
    section
}

fn errors_section(summary: &RunSummary) -> Value {
    json!({
        "total": summary.errors(),
        "withDetails": summary.errors_with_details,
        "types": wire_types(&summary.accounting),
        "classes": summary.accounting.errors,
        "byStatusCode": failed_statuses(&summary.statuses),
        "examples": examples_section(&summary.examples),
    })
}

/// Responses that are failures.
fn failed_statuses(statuses: &BTreeMap<u16, u64>) -> BTreeMap<u16, u64> {
    let failed = statuses
        .iter()
        .filter(|(code, _)| !(200..400).contains(*code));
    failed.map(|(code, count)| (*code, *count)).collect()
}

/// The first failures of each class.
fn examples_section(examples: &[FailureExample]) -> Value {
    let mut by_class: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for FailureExample {
        class,
        at_ms,
        shard,
        message,
    } in examples
    {
        let example = json!({"atMs": at_ms, "shard": shard, "message": message});
        by_class.entry(class).or_default().push(example);
    }
    json!(by_class)
}

/// The generator during the run: shares in percent, times in milliseconds.
fn generator_section(summary: &RunSummary) -> Value {
    let facts = &summary.generator;
    let percent = |share: Option<f64>| share.map(|share| share * 100.0);
    let shards = facts.shards.iter().map(|shard| {
        json!({
            "shard": shard.shard,
            "core": shard.core,
            "coreBusyPercent": percent(shard.core_busy),
            "shardBusyPercent": percent(shard.shard_busy),
            "cpuWaitPercent": percent(shard.cpu_wait),
            "stealPercent": percent(shard.steal),
            "scheduleLagP99": to_ms(shard.schedule_lag_p99_ns),
        })
    });
    json!({
        "shards": shards.collect::<Vec<_>>(),
        "descriptors": facts.descriptors,
        "localPorts": facts.local_ports,
        "localPortsTimeWait": facts.local_ports_time_wait,
        "throttledMs": facts.throttled_ns.map(to_ms),
        "lost": {
            "samples": summary.samples_thinned,
            "prioritySamples": summary.priority_samples_lost,
            "metrics": summary.metrics_thinned,
            "intervals": summary.intervals_lost,
            "snapshotsDeferred": summary.snapshots_deferred,
        },
        "preflight": facts.preflight,
    })
}

/// Failures by the coarse names of the API.
fn wire_types(accounting: &Accounting) -> BTreeMap<&'static str, u64> {
    let mut types = BTreeMap::new();
    for class in ErrorClass::ALL {
        if let Some(count) = accounting.errors.get(class.name()) {
            *types.entry(class.wire_type()).or_default() += count;
        }
    }
    types
}

fn transport_section(summary: &RunSummary) -> Value {
    json!({
        "connections": summary.connects,
        "tlsHandshakes": {"full": summary.tls_full, "resumed": summary.tls_resumed},
        "lookups": summary.lookups,
        "staleRetries": summary.stale_retries,
        "bytesSent": summary.bytes_sent,
        "bytesReceived": summary.bytes_received,
        "samplesThinned": summary.samples_thinned,
        "metricsThinned": summary.metrics_thinned,
        "snapshotsDeferred": summary.snapshots_deferred,
    })
}

fn ms(nanos: f64) -> f64 {
    nanos / MILLISECOND as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use vayu_shared::summary::SlowRequests;

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
        for name in ["min", "max", "avg", "p50", "p90", "p95", "p99"] {
            assert!(report["latency"][name].is_number(), "{name}");
        }
        assert!(report.get("timingBreakdown").is_none());
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
