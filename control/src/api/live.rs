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
use serde_json::{Value, json};
use vayu_shared::summary::RunSummary;
use vayu_shared::units::{MILLISECOND, to_seconds};

use super::chunks::Gone;
use super::sse::{self, Events};
use super::{ApiError, complete, runs};
use crate::run::{Live, Moment, RunManager, is_last};
use crate::store::{Run, Store};

/// How long the stream is silent before it sends a comment.
const SILENCE: Duration = Duration::from_millis(500);
/// Intervals sent at once.
const PART: usize = 100;

/// Streams a run.
pub async fn get(
    manager: Data<RunManager>,
    request: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    // Looked up first: a run that ends now is found in the store after that.
    let live = manager.live(&id);
    let run = runs::find(&manager, &id).await?;
    let seen = sse::last_event_id(&request).unwrap_or(0);
    let store = manager.store().clone();
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
            let data = moment_json(moment, live.timestamp_ms(moment.elapsed));
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
    let data = ended_json(run, &summary.unwrap_or_default());
    let complete = complete::event(&store, None, &run.id, run.status).await;
    let text = format!("event: metrics\ndata: {data}\n\n{complete}");
    events.send(text).await
}

fn moment_json(moment: &Moment, timestamp: i64) -> Value {
    json!({
        "timestamp": timestamp,
        "elapsedSeconds": to_seconds(moment.elapsed),
        "totalRequests": moment.completed,
        "totalErrors": moment.failed,
        "currentRps": moment.rps,
        "activeConnections": moment.gauges.connections,
        "inFlight": moment.gauges.in_flight,
        "avgLatencyMs": moment.mean_latency_ns / MILLISECOND as f64,
        "intervalLatencyMs": moment.interval_latency_ns.map(|ns| ns / MILLISECOND as f64),
        "sendRate": moment.send_rate,
        "throughput": moment.throughput,
        "backpressure": moment.gauges.waiting,
    })
}

/// A run that is over, in the same fields: rates are those of the whole run.
fn ended_json(run: &Run, summary: &RunSummary) -> Value {
    let seconds = to_seconds(summary.elapsed_ns);
    let sent = summary.accounting.issued as f64;
    let send_rate = if seconds > 0.0 { sent / seconds } else { 0.0 };
    json!({
        "timestamp": run.end_time.unwrap_or(run.start_time),
        "elapsedSeconds": seconds,
        "totalRequests": summary.total_requests(),
        "totalErrors": summary.failed_requests(),
        "currentRps": summary.average_rps(),
        "activeConnections": 0,
        "inFlight": 0,
        "avgLatencyMs": summary.latency().mean_ns / MILLISECOND as f64,
        "intervalLatencyMs": null,
        "sendRate": send_rate,
        "throughput": summary.average_rps(),
        "backpressure": 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{RunStatus, RunType};

    #[test]
    fn a_run_that_goes_on_and_one_that_ended_have_the_same_fields() {
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
        };
        let keys = |value: &Value| -> Vec<String> {
            let fields = value.as_object().expect("an object");
            fields.keys().cloned().collect()
        };
        let ended = ended_json(&run, &RunSummary::default());
        assert_eq!(keys(&moment_json(&Moment::default(), 5)), keys(&ended));
        assert_eq!(
            (&ended["timestamp"], &ended["sendRate"]),
            (&json!(5), &json!(0.0))
        );
    }
}
