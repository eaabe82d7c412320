//! `GET /metrics/live/:id`: streams an active run from memory, one `metrics` event per interval, then
//! `complete`. A run that has ended has one `metrics` event, from its stored summary.
//!
//! Each client reads at its own pace. A client that falls behind the bounded buffer misses intervals; the run
//! is not affected.

use std::fmt::Write;
use std::time::Duration;

use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use utoipa::ToSchema;
use vayu_shared::units::{MILLISECOND, to_seconds};

use super::chunks::Disconnected;
use super::sse::{self, Events, StreamEvent};
use super::{ApiError, complete, runs};
use crate::run::{Live, LiveSample, RunManager, is_final};
use crate::store::{Run, Store};
use crate::summary::RunSummary;

/// Idle time after which the stream sends a comment.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_millis(500);
/// Maximum number of intervals sent at once.
const PART: usize = 100;

/// Stream live metrics of a run
///
/// One `metrics` event per `statsInterval`, each with a `LiveMetrics`, then one `complete` with a
/// `CompleteEvent`. A run that has ended has one `metrics`. `Last-Event-ID` resumes.
#[utoipa::path(get, path = "/metrics/live/{id}", operation_id = "streamLiveMetrics", tag = "Streams",
    params(("id" = String, Path, description = "The run")),
    responses((status = 200, description = "The events", body = StreamEvent, content_type = "text/event-stream")))]
pub async fn get(
    active: Data<RunManager>,
    store: Data<Store>,
    request: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    // Looked up first: a run that ends in between is then found in the store.
    let live = active.live(&id);
    let run = runs::find(&store, &id).await?;
    let seen = sse::last_event_id(&request).unwrap_or(0);
    let store = store.get_ref().clone();
    let (events, response) = sse::stream();
    actix_web::rt::spawn(async move {
        // A disconnected client is a normal end.
        let _ = match live {
            Some(live) => follow(&live, &store, seen, &events).await,
            None => tell_ended(&run, store, &events).await,
        };
    });
    Ok(response)
}

async fn follow(
    live: &Live,
    store: &Store,
    mut seen: u64,
    events: &Events,
) -> Result<(), Disconnected> {
    let mut pulse = live.pulse();
    loop {
        pulse.borrow_and_update();
        // The status is read before the samples: when it is final, all samples have been added.
        let status = live.status();
        seen = send_moments(live, seen, events).await?;
        if is_final(status) {
            let complete = complete::event(store, Some(live), &live.id, status).await;
            return events.send(complete).await;
        }
        if tokio::time::timeout(KEEP_ALIVE_INTERVAL, pulse.changed())
            .await
            .is_err()
        {
            events.keep_alive().await?;
        }
    }
}

/// Sends all samples after `seen`. Returns the id of the last one sent.
async fn send_moments(live: &Live, mut seen: u64, events: &Events) -> Result<u64, Disconnected> {
    loop {
        let kept = live.live_samples_after(seen, PART);
        if kept.samples.is_empty() {
            return Ok(seen);
        }
        let mut text = String::new();
        for (id, sample) in (kept.first..).zip(&kept.samples) {
            let timestamp = live.timestamp_ms(sample.elapsed);
            let data = LiveMetrics::of(sample, timestamp).to_json();
            // Writing to a string does not fail.
            let _ = write!(text, "id: {id}\nevent: metrics\ndata: {data}\n\n");
            seen = id;
        }
        events.send(text).await?;
    }
}

async fn tell_ended(run: &Run, store: Store, events: &Events) -> Result<(), Disconnected> {
    let (reader, id) = (store.clone(), run.id.clone());
    let summary = web::block(move || reader.summary(&id)).await;
    let Ok(Ok(summary)) = summary else {
        tracing::error!("the summary of run {} could not be read", run.id);
        return Err(Disconnected);
    };
    let data = LiveMetrics::of_ended(run, &summary.unwrap_or_default()).to_json();
    let complete = complete::event(&store, None, &run.id, run.status).await;
    let text = format!("event: metrics\ndata: {data}\n\n{complete}");
    events.send(text).await
}

/// A live sample of a run.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LiveMetrics {
    /// Time of the sample, in milliseconds since the Unix epoch.
    timestamp: i64,
    /// Seconds since the start of the load.
    elapsed_seconds: f64,
    /// Requests answered or failed.
    total_requests: u64,
    /// Failures, and responses with a status of 4xx or 5xx.
    total_errors: u64,
    /// Requests completed per second, over the last second.
    current_rps: f64,
    /// Connections open or being opened.
    active_connections: u64,
    /// Requests issued and not completed.
    in_flight: u64,
    /// Mean of the documented latency so far, in milliseconds.
    avg_latency_ms: f64,
    /// Mean of the documented latency in the last interval, in milliseconds; `null` if no request was
    /// answered in it.
    interval_latency_ms: Option<f64>,
    /// Requests issued per second.
    send_rate: f64,
    /// Responses per second.
    throughput: f64,
    /// Requests waiting for a connection.
    backpressure: u64,
    /// Whether this is the remainder at the end of the run, shorter than an interval. Absent otherwise.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    partial: bool,
}

impl LiveMetrics {
    fn of(sample: &LiveSample, timestamp: i64) -> Self {
        Self {
            timestamp,
            elapsed_seconds: to_seconds(sample.elapsed),
            total_requests: sample.completed,
            total_errors: sample.failed,
            current_rps: sample.rps,
            active_connections: sample.gauges.connections,
            in_flight: sample.gauges.in_flight,
            avg_latency_ms: sample.mean_latency_ns / MILLISECOND as f64,
            interval_latency_ms: sample.interval_latency_ns.map(|ns| ns / MILLISECOND as f64),
            send_rate: sample.send_rate,
            throughput: sample.throughput,
            backpressure: sample.gauges.waiting,
            partial: sample.is_partial,
        }
    }

    /// Returns the sample of an ended run. Rates are averages over the whole run.
    fn of_ended(run: &Run, summary: &RunSummary) -> Self {
        let seconds = to_seconds(summary.elapsed_ns);
        let sent = summary.accounting.issued as f64;
        Self {
            timestamp: run.end_time.unwrap_or(run.start_time),
            elapsed_seconds: seconds,
            total_requests: summary.total_requests(),
            total_errors: summary.failed_requests(),
            current_rps: summary.average_rps(),
            active_connections: 0,
            in_flight: 0,
            avg_latency_ms: summary.latency().mean_ns / MILLISECOND as f64,
            interval_latency_ms: None,
            send_rate: if seconds > 0.0 { sent / seconds } else { 0.0 },
            throughput: summary.average_rps(),
            backpressure: 0,
            partial: false,
        }
    }

    fn to_json(&self) -> String {
        serde_json::to_string(self).expect("numbers are always JSON")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{RunStatus, RunType};

    #[test]
    fn a_run_that_ended_before_it_began_has_no_rates() {
        let run = Run {
            id: "run_1".into(),
            request_id: None,
            environment_id: None,
            kind: RunType::Load,
            status: RunStatus::Failed,
            config_snapshot: "{}".into(),
            start_time: 5,
            end_time: None,
            reason: None,
            pinned: false,
            details_deleted_at: None,
        };
        let ended = LiveMetrics::of_ended(&run, &RunSummary::default());
        assert_eq!((ended.timestamp, ended.send_rate), (5, 0.0));
    }
}
