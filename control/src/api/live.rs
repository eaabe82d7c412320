//! `GET /metrics/live/:id`: a run as it goes, from memory, one `metrics` event
//! per interval, then `complete`. A run that has ended has one `metrics`, from
//! its stored summary.
//!
//! Each client reads at its own pace: one that is too slow for the bound on what
//! is kept misses intervals, and the run does not notice.

use std::fmt::Write;
use std::time::Duration;

use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use utoipa::ToSchema;
use vayu_shared::units::{MILLISECOND, to_seconds};

use super::chunks::Gone;
use super::sse::{self, Events, StreamEvent};
use super::{ApiError, complete, runs};
use crate::run::{Live, Moment, RunManager, is_last};
use crate::store::{Run, Store};
use crate::summary::RunSummary;

/// How long the stream is silent before it sends a comment.
const SILENCE: Duration = Duration::from_millis(500);
/// Intervals sent at once.
const PART: usize = 100;

/// Streams a run from memory
///
/// One `metrics` event per `statsInterval`, each with a `LiveMetrics`, then one
/// `complete` with a `CompleteEvent`. A run that has ended has one `metrics`.
/// `Last-Event-ID` resumes.
#[utoipa::path(get, path = "/metrics/live/{id}", operation_id = "streamLiveMetrics", tag = "Streams",
    params(("id" = String, Path, description = "The run")),
    responses((status = 200, description = "The events", body = StreamEvent, content_type = "text/event-stream")))]
pub async fn get(
    active: Data<RunManager>,
    store: Data<Store>,
    request: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    // Looked up first: a run that ends now is found in the store after that.
    let live = active.live(&id);
    let run = runs::find(&store, &id).await?;
    let seen = sse::last_event_id(&request).unwrap_or(0);
    let store = store.get_ref().clone();
    let (events, response) = sse::stream();
    actix_web::rt::spawn(async move {
        // The client having gone is a way to end like any other.
        let _ = match live {
            Some(live) => follow(&live, &store, seen, &events).await,
            None => tell_ended(&run, store, &events).await,
        };
    });
    Ok(response)
}

async fn follow(live: &Live, store: &Store, mut seen: u64, events: &Events) -> Result<(), Gone> {
    let mut pulse = live.pulse();
    loop {
        pulse.borrow_and_update();
        // Read before the moments: all there are have been added before the end.
        let status = live.status();
        seen = send_moments(live, seen, events).await?;
        if is_last(status) {
            let complete = complete::event(store, Some(live), &live.id, status).await;
            return events.send(complete).await;
        }
        if tokio::time::timeout(SILENCE, pulse.changed())
            .await
            .is_err()
        {
            events.keep_alive().await?;
        }
    }
}

/// Sends all moments after the first `seen`, and says how many are seen then.
async fn send_moments(live: &Live, mut seen: u64, events: &Events) -> Result<u64, Gone> {
    loop {
        let kept = live.moments_after(seen, PART);
        if kept.moments.is_empty() {
            return Ok(seen);
        }
        let mut text = String::new();
        for (id, moment) in (kept.first..).zip(&kept.moments) {
            let timestamp = live.timestamp_ms(moment.elapsed);
            let data = LiveMetrics::of(moment, timestamp).to_json();
            // Writing to a string does not fail.
            let _ = write!(text, "id: {id}\nevent: metrics\ndata: {data}\n\n");
            seen = id;
        }
        events.send(text).await?;
    }
}

async fn tell_ended(run: &Run, store: Store, events: &Events) -> Result<(), Gone> {
    let (reader, id) = (store.clone(), run.id.clone());
    let summary = web::block(move || reader.summary(&id)).await;
    let Ok(Ok(summary)) = summary else {
        tracing::error!("the summary of run {} could not be read", run.id);
        return Err(Gone);
    };
    let data = LiveMetrics::of_ended(run, &summary.unwrap_or_default()).to_json();
    let complete = complete::event(&store, None, &run.id, run.status).await;
    let text = format!("event: metrics\ndata: {data}\n\n{complete}");
    events.send(text).await
}

/// A run at a moment.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LiveMetrics {
    /// When, in milliseconds since the Unix epoch.
    timestamp: i64,
    /// Seconds since the load began.
    elapsed_seconds: f64,
    /// Requests answered or failed.
    total_requests: u64,
    /// Failures, and responses of 4xx and 5xx.
    total_errors: u64,
    /// Requests ended per second, over the last second.
    current_rps: f64,
    /// Connections open or being made.
    active_connections: u64,
    /// Requests issued and not ended.
    in_flight: u64,
    /// Mean of the documented latency so far, in milliseconds.
    avg_latency_ms: f64,
    /// The same of the last interval alone; `null` without requests in it.
    interval_latency_ms: Option<f64>,
    /// Requests issued per second.
    send_rate: f64,
    /// Responses per second.
    throughput: f64,
    /// Requests that wait for a connection.
    backpressure: u64,
    /// Whether it is what was left at the end of the run, less than an interval; only
    /// there when it is.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    partial: bool,
}

impl LiveMetrics {
    fn of(moment: &Moment, timestamp: i64) -> Self {
        Self {
            timestamp,
            elapsed_seconds: to_seconds(moment.elapsed),
            total_requests: moment.completed,
            total_errors: moment.failed,
            current_rps: moment.rps,
            active_connections: moment.gauges.connections,
            in_flight: moment.gauges.in_flight,
            avg_latency_ms: moment.mean_latency_ns / MILLISECOND as f64,
            interval_latency_ms: moment.interval_latency_ns.map(|ns| ns / MILLISECOND as f64),
            send_rate: moment.send_rate,
            throughput: moment.throughput,
            backpressure: moment.gauges.waiting,
            partial: moment.is_partial,
        }
    }

    /// A run that is over: rates are those of the whole run.
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
