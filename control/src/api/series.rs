//! `GET /stats/:id?format=json`: the stored time series of a run, paginated, with one entry per second and
//! one for the remainder at the end.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use serde::Serialize;
use utoipa::ToSchema;
use vayu_shared::units::{MILLISECOND, SECOND};

use super::paging::{Page, PageLimits};
use super::{ApiError, runs, stored};
use crate::store::{Metric, Store};

/// First metric of every second.
const LEADER: &str = "rps";
/// Limits of the page size.
pub const BOUNDS: PageLimits = PageLimits {
    default: 1_000,
    most: 10_000,
};

/// One second of a run, or the remainder at its end. Values that were not measured are `null`.
#[derive(Serialize, ToSchema)]
pub struct SeriesEntry {
    /// End of the second, in milliseconds since the Unix epoch.
    timestamp: i64,
    /// Seconds since the start of the run.
    elapsed_seconds: f64,
    /// Requests answered or failed so far.
    requests_completed: Option<f64>,
    /// Failures, and responses with a status of 4xx or 5xx, so far.
    requests_failed: Option<f64>,
    /// Requests issued so far.
    requests_sent: Option<f64>,
    /// Requests of the whole plan; 0 if unknown.
    requests_expected: Option<f64>,
    /// Requests completed in this second.
    current_rps: Option<f64>,
    /// Connections open or being opened.
    current_concurrency: Option<f64>,
    /// Requests issued in this second.
    send_rate: Option<f64>,
    /// Same as `current_rps`.
    throughput: Option<f64>,
    /// Requests waiting for a connection.
    backpressure: Option<f64>,
    /// Failed requests in this second, in percent.
    error_rate: Option<f64>,
    /// Whether this is the remainder at the end of the run, shorter than a second; rates are scaled by its
    /// real length. Absent otherwise.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    partial: bool,
    /// Latencies of this second in milliseconds, named `interval_…`.
    #[serde(flatten)]
    intervals: BTreeMap<String, f64>,
}

/// Returns a page of a run's time series.
pub async fn page(store: &Store, id: &str, page: Page) -> Result<HttpResponse, ApiError> {
    let run = runs::find(store, id).await?;
    let started = run.start_time;
    let asked = stored::answer(store, move |store| {
        let steps = store.metric_steps(&run.id, LEADER, page.limit, page.offset)?;
        let entries = seconds(&steps.metrics).map(|second| entry(second, started));
        Ok(page.of(entries.collect(), steps.total))
    });
    asked.await
}

/// Splits metrics before each leader, and drops metrics with another timestamp: the last second is followed
/// by the metrics of the whole run.
fn seconds(metrics: &[Metric]) -> impl Iterator<Item = &[Metric]> {
    let starts = |_: &Metric, next: &Metric| next.name != LEADER;
    metrics.chunk_by(starts).map(|second| {
        let moment = second.first().map_or(0, |leader| leader.timestamp);
        let of_it = second
            .iter()
            .take_while(|metric| metric.timestamp == moment);
        &second[..of_it.count()]
    })
}

fn entry(second: &[Metric], started: i64) -> SeriesEntry {
    let value = |name: &str| {
        let found = second.iter().find(|metric| metric.name == name);
        found.map(|metric| metric.value)
    };
    let timestamp = second.first().map_or(started, |leader| leader.timestamp);
    let latencies = second
        .iter()
        .filter(|metric| metric.name.starts_with("interval_"));
    SeriesEntry {
        timestamp,
        elapsed_seconds: (timestamp - started) as f64 * MILLISECOND as f64 / SECOND as f64,
        requests_completed: value("requests_completed"),
        requests_failed: value("requests_failed"),
        requests_sent: value("requests_sent"),
        requests_expected: value("requests_expected"),
        current_rps: value(LEADER),
        current_concurrency: value("connections_active"),
        send_rate: value("send_rate"),
        throughput: value(LEADER),
        backpressure: value("requests_waiting"),
        error_rate: value("error_rate"),
        // Seconds are counted from the start, so only the last entry can end at a fraction.
        partial: (timestamp - started) % 1_000 != 0,
        intervals: latencies
            .map(|metric| (metric.name.clone(), metric.value))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn metric(timestamp: i64, name: &str, value: f64) -> Metric {
        Metric {
            id: 0,
            timestamp,
            name: name.to_owned(),
            value,
        }
    }

    #[test]
    fn a_second_has_its_own_metrics_and_null_for_those_it_lacks() {
        let metrics = [
            metric(2_000, "rps", 5.0),
            metric(2_000, "requests_completed", 5.0),
            metric(2_000, "interval_latency_p50", 1.25),
            metric(2_500, "rps", 7.0),
            metric(3_500, "requests_completed", 99.0),
        ];
        let entries: Vec<Value> = seconds(&metrics)
            .map(|second| json!(entry(second, 1_000)))
            .collect();
        assert_eq!(entries.len(), 2);
        let first = &entries[0];
        assert_eq!(
            (&first["timestamp"], &first["elapsed_seconds"]),
            (&json!(2_000), &json!(1.0))
        );
        assert_eq!(
            (&first["current_rps"], &first["throughput"]),
            (&json!(5.0), &json!(5.0))
        );
        assert_eq!(first["interval_latency_p50"], 1.25);
        assert_eq!(first["backpressure"], Value::Null);
        assert_eq!(first.get("partial"), None);
        assert_eq!(entries[1]["partial"], true);
        assert_eq!(
            entries[1]["requests_completed"],
            Value::Null,
            "it is of another moment"
        );
    }
}
