//! `GET /run/:id/histogram`: the latency distributions of a finished run, in HdrHistogram formats.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use actix_web::http::header::ContentType;
use actix_web::web::{self, Data, Path};
use serde::Serialize;
use utoipa::ToSchema;
use vayu_shared::latency::LatencyBuckets;

use super::chunks::{self, ChunkSender, Disconnected};
use super::query::Query;
use super::{ApiError, runs, stored};
use crate::report::hdr::{Interval, LogHead, hgrm, v2_base64};
use crate::store::{IntervalRow, NamedHistogram, Run, Store};

/// Number of intervals read at once.
const PAGE: u32 = 100;
const FORMATS: &str = "use \"hgrm\", \"v2\" or \"hlog\"";

/// Format and metric.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what `Query` reads")]
struct HistogramQuery {
    /// `hgrm`, `v2` or `hlog`. Default: `hgrm`.
    #[param(pattern = "^(hgrm|v2|hlog)$", nullable = false)]
    format: Option<String>,
    /// Distribution of an `.hgrm`. Default: the documented latency of the run.
    #[param(min_length = 1)]
    metric: Option<String>,
}

/// Get the latency distributions of a run
///
/// As `.hgrm` text in milliseconds, as V2-deflate histograms in base64, or as the interval log. They are
/// stored when a run ends.
#[utoipa::path(get, path = "/run/{id}/histogram", operation_id = "getHistogram", tag = "Runs",
    params(("id" = String, Path, description = "The run"), HistogramQuery),
    responses((status = 200, description = "The distributions", content(
        (String = "text/plain"), (EncodedHistograms = "application/json")))))]
pub async fn get(
    store: Data<Store>,
    id: Path<String>,
    query: Query,
) -> Result<HttpResponse, ApiError> {
    let query = query.accept(&["format", "metric"])?;
    let metric = query.text("metric")?.map(str::to_owned);
    let run = runs::find(&store, &id).await?;
    match query.text("format")?.unwrap_or("hgrm") {
        "hgrm" => percentiles(&store, run, metric).await,
        "v2" => encoded(&store, run).await,
        "hlog" => Ok(log(store.get_ref().clone(), run)),
        other => Err(ApiError::invalid(format!(
            "`format` is \"{other}\", which is unknown; {FORMATS}"
        ))),
    }
}

/// All distributions of a run.
#[derive(Serialize, ToSchema)]
struct EncodedHistograms {
    /// Unit of the recorded values.
    unit: &'static str,
    /// V2-deflate histograms in base64, by name.
    histograms: BTreeMap<String, String>,
}

async fn percentiles(
    store: &Store,
    run: Run,
    metric: Option<String>,
) -> Result<HttpResponse, ApiError> {
    let asked = stored::ask(store, move |store| {
        let summary = store.summary(&run.id)?.unwrap_or_default();
        Ok((store.histograms(&run.id)?, summary.open_model))
    });
    let (histograms, open_model) = asked.await?;
    let default = if open_model { "response" } else { "service" };
    let name = metric.as_deref().unwrap_or(default);
    let found = histograms.iter().find(|kept| kept.name == name);
    let found = found.ok_or_else(|| unknown_metric(name, &histograms))?;
    let buckets = LatencyBuckets::from_v2_deflate(&found.histogram).map_err(|error| {
        ApiError::internal(format!("the stored histogram cannot be read: {error:?}"))
    })?;
    Ok(HttpResponse::Ok()
        .content_type(ContentType::plaintext())
        .body(hgrm(&buckets)))
}

fn unknown_metric(name: &str, histograms: &[NamedHistogram]) -> ApiError {
    let names: Vec<&str> = histograms.iter().map(|kept| kept.name.as_str()).collect();
    let known = if names.is_empty() {
        "it has none yet: they are stored when a load run ends".to_owned()
    } else {
        format!("it has {}", names.join(", "))
    };
    ApiError::not_found(format!(
        "the run has no histogram of `metric` \"{name}\"; {known}"
    ))
}

async fn encoded(store: &Store, run: Run) -> Result<HttpResponse, ApiError> {
    let asked = stored::answer(store, move |store| {
        let encoded = store.histograms(&run.id)?.into_iter();
        let encoded = encoded.map(|kept| (kept.name, v2_base64(&kept.histogram)));
        Ok(EncodedHistograms {
            unit: "ns",
            histograms: encoded.collect(),
        })
    });
    asked.await
}

/// The length of the log is proportional to that of the run, so it is sent while it is read.
fn log(store: Store, run: Run) -> HttpResponse {
    let (sender, response) = chunks::text();
    actix_web::rt::spawn(async move {
        match send_log(store, run, &sender).await {
            // A disconnected client is a normal end.
            Ok(()) | Err(LogError::Gone) => {}
            Err(LogError::Store(error)) => {
                tracing::error!("the intervals of a run could not be read: {error}");
                sender.break_off("the log could not be read").await;
            }
        }
    });
    response
}

/// Why a log was not sent completely.
enum LogError {
    Gone,
    Store(String),
}

impl From<Disconnected> for LogError {
    fn from(_: Disconnected) -> Self {
        Self::Gone
    }
}

async fn send_log(store: Store, run: Run, sender: &ChunkSender) -> Result<(), LogError> {
    let head = LogHead {
        run: &run.id,
        started_ms: run.start_time,
    };
    sender.send(head.to_string()).await?;
    let mut after = 0;
    loop {
        let (store, id) = (store.clone(), run.id.clone());
        let page = web::block(move || store.intervals_after(&id, after, PAGE)).await;
        let page = page.map_err(|error| LogError::Store(error.to_string()))?;
        let page = page.map_err(|error| LogError::Store(error.to_string()))?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = last.id;
        sender.send(page.iter().map(line).collect()).await?;
    }
}

fn line(row: &IntervalRow) -> String {
    let interval = Interval {
        tag: &row.name,
        start_ns: row.start_ns.unsigned_abs(),
        length_ns: row.length_ns.unsigned_abs(),
        max_ns: row.max_ns.unsigned_abs(),
        v2_deflate: &row.histogram,
    };
    interval.to_string()
}
