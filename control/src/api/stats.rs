//! `GET /stats/:id`: streams the metrics of a run, then `complete`; with `format=json`, returns the stored
//! metrics, paginated (`series`).
//!
//! A client that connects late or reconnects with `Last-Event-ID` gets the missed metrics first: from memory
//! while the run is active, from the store otherwise.

use std::fmt::Write;
use std::time::Duration;

use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use utoipa::ToSchema;

use super::chunks::Disconnected;
use super::paging::{Page, PageOf};
use super::query::Query;
use super::series::SeriesEntry;
use super::sse::{Events, StreamEvent};
use super::{ApiError, complete, runs, series, sse};
use crate::run::{Live, NewMetrics, RunManager, is_final};
use crate::store::{RunStatus, Store};

/// Idle time after which the stream sends a comment.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_millis(500);
/// Maximum number of stored metrics read at once.
const PAGE: u32 = 1_000;

/// Data of a `metric` event.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MetricEvent<'a> {
    /// Unique id of the metric.
    id: i64,
    /// Name of the metric.
    name: &'a str,
    /// Run id.
    run_id: &'a str,
    /// Time of the value, in milliseconds since the Unix epoch.
    timestamp: i64,
    /// Value of the metric.
    value: f64,
}

/// Format and, with `format=json`, page of the metrics.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what `Query` reads")]
struct StatsQuery {
    /// `sse` for the stream, `json` for a page of the stored time series. Default: `sse`.
    #[param(inline)]
    format: Option<Format>,
    /// Maximum number of seconds of the page.
    #[param(minimum = 1, maximum = 10000, default = 1000)]
    limit: Option<u32>,
    /// Number of seconds to skip. Default: 0.
    #[param(value_type = Option<u64>, maximum = 4_294_967_295_u64)]
    offset: Option<u32>,
}

/// Stream or list the metrics of a run
///
/// As a stream: one `metric` event per name and second, each with a `MetricEvent`, then one `complete` with a
/// `CompleteEvent`. Past metrics come first; `Last-Event-ID` resumes. With `format=json`: the stored time
/// series, paginated.
#[utoipa::path(get, path = "/stats/{id}", operation_id = "streamStats", tag = "Streams",
    params(("id" = String, Path, description = "The run"), StatsQuery),
    responses((status = 200, description = "The metrics", content(
        (StreamEvent = "text/event-stream"), (PageOf<SeriesEntry> = "application/json")))))]
pub async fn get(
    active: Data<RunManager>,
    store: Data<Store>,
    request: HttpRequest,
    id: Path<String>,
    query: Query,
) -> Result<HttpResponse, ApiError> {
    let query = query.accept(&["format", "limit", "offset"])?;
    let format = query.one_of("format", [Format::Sse, Format::Json], Format::name)?;
    // An invalid page is refused even if it is not used.
    let page = Page::of_query(&query, series::BOUNDS)?;
    match format {
        Some(Format::Json) => series::page(&store, &id, page).await,
        _ => stream(&active, &store, &request, &id).await,
    }
}

/// Format of a run's metrics.
#[derive(Clone, Copy, ToSchema)]
#[schema(rename_all = "snake_case")]
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
    active: &RunManager,
    store: &Store,
    request: &HttpRequest,
    id: &str,
) -> Result<HttpResponse, ApiError> {
    // Looked up first: a run that ends in between is then found in the store.
    let live = active.live(id);
    let run = runs::find(store, id).await?;
    let after = sse::last_event_id(request).unwrap_or(0);
    let (events, response) = sse::stream();
    let watcher = Watcher {
        id: run.id,
        after,
        events,
        store: store.clone(),
        status: run.status,
    };
    actix_web::rt::spawn(async move {
        // A disconnected client is a normal end.
        let _ = watcher.serve(live.as_deref()).await;
    });
    Ok(response)
}

/// One client that watches a run.
struct Watcher {
    id: String,
    /// Id of the last metric sent to the client.
    after: i64,
    events: Events,
    store: Store,
    status: RunStatus,
}

impl Watcher {
    async fn serve(mut self, live: Option<&Live>) -> Result<(), Disconnected> {
        if let Some(live) = live {
            self.follow(live).await?;
        } else {
            self.replay().await?;
        }
        let complete = complete::event(&self.store, live, &self.id, self.status).await;
        self.events.send(complete).await
    }

    /// Sends metrics as they arrive, until the run has its final status.
    async fn follow(&mut self, live: &Live) -> Result<(), Disconnected> {
        let mut states = live.watch();
        loop {
            let state = *states.borrow_and_update();
            self.status = state.status;
            match live.metrics_after(self.after) {
                NewMetrics::InStore => self.replay().await?,
                NewMetrics::Next(metrics) => {
                    let metrics = metrics.iter().map(|m| (m.id, m.timestamp, m.name, m.value));
                    self.send(metrics).await?;
                }
            }
            if is_final(state.status) {
                return Ok(());
            }
            if !matches!(
                tokio::time::timeout(KEEP_ALIVE_INTERVAL, states.changed()).await,
                Ok(Ok(()))
            ) {
                self.events.keep_alive().await?;
            }
        }
    }

    /// Sends the stored metrics.
    async fn replay(&mut self) -> Result<(), Disconnected> {
        loop {
            let (store, id, after) = (self.store.clone(), self.id.clone(), self.after);
            let page = web::block(move || store.metrics_after(&id, after, PAGE)).await;
            let Ok(Ok(page)) = page else {
                tracing::error!("the metrics of run {} could not be read", self.id);
                return Err(Disconnected);
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
    ) -> Result<(), Disconnected> {
        let mut text = String::new();
        for (id, timestamp, name, value) in metrics {
            let event = MetricEvent {
                id,
                name,
                run_id: &self.id,
                timestamp,
                value,
            };
            let data = serde_json::to_string(&event).expect("texts and numbers are always JSON");
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
