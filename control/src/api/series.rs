//! `GET /stats/:id?format=json`: the stored time series of a run, page by page,
//! one entry per second and one for what is left at the end.

use actix_web::HttpResponse;
use actix_web::web;
use serde_json::{Map, Value, json};
use vayu_shared::units::{MILLISECOND, SECOND};

use super::paging::{Bounds, Page};
use super::query::Query;
use super::{ApiError, runs};
use crate::run::RunManager;
use crate::store::Metric;

/// The first metric of every second.
const LEADER: &str = "rps";
const BOUNDS: Bounds = Bounds {
    default: 1_000,
    most: 10_000,
};

/// The fields of an entry and the metrics they show.
const FIELDS: [(&str, &str); 10] = [
    ("requests_completed", "requests_completed"),
    ("requests_failed", "requests_failed"),
    ("requests_sent", "requests_sent"),
    ("requests_expected", "requests_expected"),
    ("current_rps", LEADER),
    ("current_concurrency", "connections_active"),
    ("send_rate", "send_rate"),
    ("throughput", LEADER),
    ("backpressure", "requests_waiting"),
    ("error_rate", "error_rate"),
];

/// A page of a run's series.
pub async fn page(manager: &RunManager, id: &str, query: &Query) -> Result<HttpResponse, ApiError> {
    let page = Page::of_query(query, BOUNDS)?;
    let run = runs::find(manager, id).await?;
    let (store, started) = (manager.store().clone(), run.start_time);
    let steps = web::block(move || store.metric_steps(&run.id, LEADER, page.limit, page.offset));
    let steps = steps.await??;
    let entries = seconds(&steps.metrics).map(|second| entry(second, started));
    Ok(HttpResponse::Ok().json(page.of(entries.collect(), steps.total)))
}

/// Cuts metrics before each leader, and drops what is of another moment: the
/// last second is followed by the metrics of the whole run.
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

fn entry(second: &[Metric], started: i64) -> Value {
    let value = |name: &str| {
        let found = second.iter().find(|metric| metric.name == name);
        found.map(|metric| metric.value)
    };
    let timestamp = second.first().map_or(started, |leader| leader.timestamp);
    let mut entry = Map::new();
    entry.insert("timestamp".into(), timestamp.into());
    let elapsed = (timestamp - started) as f64 * MILLISECOND as f64 / SECOND as f64;
    entry.insert("elapsed_seconds".into(), elapsed.into());
    for (field, metric) in FIELDS {
        entry.insert(field.into(), json!(value(metric)));
    }
    let latencies = second
        .iter()
        .filter(|metric| metric.name.starts_with("interval_"));
    entry.extend(latencies.map(|metric| (metric.name.clone(), metric.value.into())));
    Value::Object(entry)
}

#[cfg(test)]
mod tests {
    use super::*;

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
            metric(3_000, "rps", 7.0),
            metric(3_500, "requests_completed", 99.0),
        ];
        let entries: Vec<Value> = seconds(&metrics)
            .map(|second| entry(second, 1_000))
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
        assert_eq!(
            entries[1]["requests_completed"],
            Value::Null,
            "it is of another moment"
        );
    }
}
