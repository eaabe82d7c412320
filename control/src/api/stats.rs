//! `GET /stats/:id`: the metrics of a run as they come, then `complete`; with
//! `format=json`, those stored so far, page by page (`series`).
//!
//! A late comer, or one that comes back with `Last-Event-ID`, gets what it
//! missed first: from memory while the run goes on, from the store otherwise.

use std::fmt::Write;
use std::time::Duration;

use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

use super::chunks::Gone;
use super::query::Query;
use super::sse::Events;
use super::{ApiError, complete, runs, series, sse};
use crate::run::{Live, LiveMetrics, RunManager, is_last};
use crate::store::{RunStatus, Store};

/// How long the stream is silent before it sends a comment.
const SILENCE: Duration = Duration::from_millis(500);
/// Stored metrics read at once.
const PAGE: u32 = 1_000;

/// Tells a run's metrics.
pub async fn get(
    manager: Data<RunManager>,
    request: HttpRequest,
    id: Path<String>,
    query: Query,
) -> Result<HttpResponse, ApiError> {
    match query.one_of("format", [Format::Sse, Format::Json], Format::name)? {
        Some(Format::Json) => series::page(&manager, &id, &query).await,
        _ => stream(&manager, &request, &id).await,
    }
}

/// How a run's metrics are told.
#[derive(Clone, Copy)]
enum Format {
    Sse,
    Json,
}

impl Format {
    fn name(self) -> &'static str {
        match self {
            Self::Sse => "sse",
            Self::Json => "json",
        }
    }
}

async fn stream(
    manager: &RunManager,
    request: &HttpRequest,
    id: &str,
) -> Result<HttpResponse, ApiError> {
    // Looked up first: a run that ends now is found in the store after that.
    let live = manager.live(id);
    let run = runs::find(manager, id).await?;
    let after = sse::last_event_id(request).unwrap_or(0);
    let (events, response) = sse::stream();
    let watcher = Watcher {
        id: run.id,
        after,
        events,
        store: manager.store().clone(),
        status: run.status,
    };
    actix_web::rt::spawn(async move {
        // The client having gone is a way to end like any other.
        let _ = watcher.serve(live.as_deref()).await;
    });
    Ok(response)
}

/// One client of one run.
struct Watcher {
    id: String,
    /// The last metric the client has.
    after: i64,
    events: Events,
    store: Store,
    status: RunStatus,
}

impl Watcher {
    async fn serve(mut self, live: Option<&Live>) -> Result<(), Gone> {
        if let Some(live) = live {
            self.follow(live).await?;
        } else {
            self.replay().await?;
        }
        let complete = complete::event(&self.store, live, &self.id, self.status).await;
        self.events.send(complete).await
    }

    /// Sends metrics as they come, until the run has its last status.
    async fn follow(&mut self, live: &Live) -> Result<(), Gone> {
        let mut states = live.watch();
        loop {
            let state = *states.borrow_and_update();
            self.status = state.status;
            match live.metrics_after(self.after) {
                LiveMetrics::InStore => self.replay().await?,
                LiveMetrics::Next(metrics) => {
                    let metrics = metrics.iter().map(|m| (m.id, m.timestamp, m.name, m.value));
                    self.send(metrics).await?;
                }
            }
            if is_last(state.status) {
                return Ok(());
            }
            if !matches!(
                tokio::time::timeout(SILENCE, states.changed()).await,
                Ok(Ok(()))
            ) {
                self.events.keep_alive().await?;
            }
        }
    }

    /// Sends what the store has.
    async fn replay(&mut self) -> Result<(), Gone> {
        loop {
            let (store, id, after) = (self.store.clone(), self.id.clone(), self.after);
            let page = web::block(move || store.metrics_after(&id, after, PAGE)).await;
            let Ok(Ok(page)) = page else {
                tracing::error!("the metrics of run {} could not be read", self.id);
                return Err(Gone);
            };
            if page.is_empty() {
                return Ok(());
            }
            let metrics = page
                .iter()
                .map(|m| (m.id, m.timestamp, m.name.as_str(), m.value));
            self.send(metrics).await?;
        }
    }

    async fn send<'a>(
        &mut self,
        metrics: impl Iterator<Item = (i64, i64, &'a str, f64)>,
    ) -> Result<(), Gone> {
        let mut text = String::new();
        for (id, timestamp, name, value) in metrics {
            let data = json!({
                "id": id, "name": name, "runId": self.id, "timestamp": timestamp, "value": value,
            });
            // Writing to a string does not fail.
            let _ = write!(text, "id: {id}\nevent: metric\ndata: {data}\n\n");
            self.after = id;
        }
        if text.is_empty() {
            Ok(())
        } else {
            self.events.send(text).await
        }
    }
}
