//! `GET /metrics`: the engine and active runs, for Prometheus.
//!
//! Ended runs are only counted, so `maxConcurrentRuns` bounds the number of time series.

use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::{self, Data};
use vayu_shared::latency::PERCENTILES;
use vayu_shared::outcome::ErrorClass;
use vayu_shared::units::{SECOND, to_seconds};

use super::ApiError;
use crate::config::SharedConfig;
use crate::readiness::Readiness;
use crate::report::prometheus::{CONTENT_TYPE, Exposition, Kind};
use crate::run::{LiveSample, RunManager};
use crate::store::Store;
use crate::summary::RunSummary;

/// Maximum age of cached `/health/ready` checks: running them on each scrape would cost more than they are
/// worth.
const CHECKS_MAX_AGE: Duration = Duration::from_secs(10);

/// Get Prometheus metrics of the engine and active runs
#[utoipa::path(get, path = "/metrics", operation_id = "getMetrics", tag = "Streams",
    responses((status = 200, description = "The exposition", body = String, content_type = "text/plain")))]
pub async fn get(
    runs: Data<RunManager>,
    config: Data<SharedConfig>,
    store: Data<Store>,
    readiness: Data<Readiness>,
) -> Result<HttpResponse, ApiError> {
    let mut text = Exposition::default();
    engine(&mut text, config.current().workers, &runs);
    stored(&mut text, &store, readiness).await?;
    let runs: Vec<ActiveRun> = runs
        .active()
        .iter()
        .map(|live| ActiveRun {
            id: live.id.clone(),
            summary: live.summary(),
            sample: live.last_live_sample().unwrap_or_default(),
        })
        .collect();
    requests(&mut text, &runs);
    gauges(&mut text, &runs);
    latencies(&mut text, &runs);
    Ok(HttpResponse::Ok()
        .content_type(CONTENT_TYPE)
        .body(text.into_text()))
}

/// An active run: its numbers of the last second, and its last sample.
struct ActiveRun {
    id: String,
    summary: Arc<RunSummary>,
    sample: LiveSample,
}

fn engine(text: &mut Exposition, workers: usize, runs: &RunManager) {
    text.family(
        "vayu_engine_info",
        Kind::Gauge,
        "The engine's version; always 1.",
    );
    text.sample(&[("version", env!("CARGO_PKG_VERSION"))], 1.0);
    text.family("vayu_workers", Kind::Gauge, "Shards, one per core.");
    text.sample(&[], workers as f64);
    text.family("vayu_runs_active", Kind::Gauge, "Active load runs.");
    text.sample(&[], runs.active().len() as f64);
    let help = "Load runs that ended since the engine began, by status.";
    text.family("vayu_runs_finished_total", Kind::Counter, help);
    for (status, count) in runs.ended() {
        text.sample(&[("status", status.name())], count as f64);
    }
}

/// Writes the checks of `/health/ready`, and used and free space.
async fn stored(
    text: &mut Exposition,
    store: &Store,
    readiness: Data<Readiness>,
) -> Result<(), ApiError> {
    let looked = web::block(move || {
        let checks = readiness.recent_checks(CHECKS_MAX_AGE);
        (checks, readiness.size(), readiness.free_bytes())
    });
    let (checks, size, free) = looked.await?;
    let help = "Whether a check of /health/ready is passed, by its name.";
    text.family("vayu_ready", Kind::Gauge, help);
    for check in checks {
        text.sample(&[("check", check.name)], f64::from(u8::from(check.ok)));
    }
    let help = "Jobs that wait to be stored.";
    text.family("vayu_store_queue_jobs", Kind::Gauge, help);
    text.sample(&[], store.queued() as f64);
    let size = size.unwrap_or_default();
    let help = "Size of the database file, and the part of it that holds something.";
    text.family("vayu_database_bytes", Kind::Gauge, help);
    text.sample(&[("part", "file")], size.file as f64);
    text.sample(&[("part", "used")], size.used as f64);
    if let Some(free) = free {
        let help = "Free bytes of the file system that the database is on.";
        text.family("vayu_disk_free_bytes", Kind::Gauge, help);
        text.sample(&[], free as f64);
    }
    Ok(())
}

type Number = fn(&ActiveRun) -> u64;

fn requests(text: &mut Exposition, runs: &[ActiveRun]) {
    let families: [(&'static str, &str, Number); 4] = [
        (
            "vayu_run_requests_offered_total",
            "Requests that fell due.",
            |run| run.summary.accounting.offered,
        ),
        (
            "vayu_run_requests_issued_total",
            "Requests given to a virtual user.",
            |run| run.summary.accounting.issued,
        ),
        (
            "vayu_run_requests_dropped_total",
            "Requests that fell due and were never issued.",
            |run| run.summary.accounting.dropped,
        ),
        (
            "vayu_run_requests_cancelled_total",
            "Requests cut off at the end.",
            |run| run.summary.accounting.cancelled,
        ),
    ];
    for (name, help, number) in families {
        text.family(name, Kind::Counter, help);
        for run in runs {
            text.sample(&[("run", &run.id)], number(run) as f64);
        }
    }
    answers(text, runs);
}

fn answers(text: &mut Exposition, runs: &[ActiveRun]) {
    let help = "Responses, by the hundreds of their status.";
    text.family("vayu_run_responses_total", Kind::Counter, help);
    for run in runs {
        for (hundreds, name) in (1..).zip(["1xx", "2xx", "3xx", "4xx", "5xx"]) {
            let statuses = run
                .summary
                .statuses
                .range(hundreds * 100..(hundreds + 1) * 100);
            let count: u64 = statuses.map(|(_, count)| count).sum();
            text.sample(&[("run", &run.id), ("code", name)], count as f64);
        }
    }
    let help = "Failures without a response, by class.";
    text.family("vayu_run_errors_total", Kind::Counter, help);
    for run in runs {
        for class in ErrorClass::ALL.map(ErrorClass::name) {
            let count = run.summary.accounting.errors.get(class).copied();
            let labels = [("run", run.id.as_str()), ("class", class)];
            text.sample(&labels, count.unwrap_or(0) as f64);
        }
    }
}

fn gauges(text: &mut Exposition, runs: &[ActiveRun]) {
    let families: [(&'static str, &str, Number); 3] = [
        (
            "vayu_run_connections",
            "Connections open or being made.",
            |run| run.sample.gauges.connections,
        ),
        (
            "vayu_run_requests_in_flight",
            "Requests issued and not ended.",
            |run| run.sample.gauges.in_flight,
        ),
        (
            "vayu_run_requests_waiting",
            "Requests that wait for a connection.",
            |run| run.sample.gauges.waiting,
        ),
    ];
    for (name, help, number) in families {
        text.family(name, Kind::Gauge, help);
        for run in runs {
            text.sample(&[("run", &run.id)], number(run) as f64);
        }
    }
}

fn latencies(text: &mut Exposition, runs: &[ActiveRun]) {
    let help = "The documented latency of answered requests: response time of rate runs, \
                service time of others.";
    text.family("vayu_run_latency_seconds", Kind::Summary, help);
    for run in runs {
        let (labels, stats) = ([("run", run.id.as_str())], run.summary.latency());
        for ((_, quantile), value) in PERCENTILES.iter().zip(stats.percentiles_ns) {
            let quantile = quantile.to_string();
            let value = if stats.count == 0 {
                f64::NAN
            } else {
                to_seconds(value)
            };
            text.sample(&[labels[0], ("quantile", &quantile)], value);
        }
        let sum = stats.mean_ns * stats.count as f64 / SECOND as f64;
        text.suffixed("_sum", &labels, sum);
        text.suffixed("_count", &labels, stats.count as f64);
    }
    let help = "The generator's own lateness so far, 99th percentile; 0 in runs without a rate.";
    text.family("vayu_run_schedule_lag_p99_seconds", Kind::Gauge, help);
    for run in runs {
        let lag = to_seconds(run.summary.schedule_lag.percentile("p99"));
        text.sample(&[("run", &run.id)], lag);
    }
}
