//! `GET /run/:id/results`: the single requests kept of a run.

use actix_web::HttpResponse;
use actix_web::web::{self, Data, Path};
use serde_json::{Value, json};

use super::paging::{Bounds, Page};
use super::query::Query;
use super::{ApiError, runs};
use crate::run::RunManager;
use crate::store::{ResultFilter, ResultOutcome, ResultRow, StoreError};

/// A result has up to 8 KiB of its response, so pages are short.
const BOUNDS: Bounds = Bounds {
    default: 100,
    most: 1_000,
};

/// A page of a run's results, in the order of storing.
pub async fn get(
    manager: Data<RunManager>,
    id: Path<String>,
    query: Query,
) -> Result<HttpResponse, ApiError> {
    let page = Page::of_query(&query, BOUNDS)?;
    let filter = ResultFilter {
        limit: page.limit,
        offset: page.offset,
        outcome: query.one_of("outcome", OUTCOMES, name)?,
    };
    let run = runs::find(&manager, &id).await?;
    let store = manager.store().clone();
    let (rows, total) = web::block(move || {
        // Counted last: a page of a run that goes on never exceeds its total.
        let rows = store.results(&run.id, filter)?;
        Ok::<_, StoreError>((rows, store.count_results(&run.id, filter.outcome)?))
    })
    .await??;
    let rows = rows.into_iter().map(result_json).collect();
    Ok(HttpResponse::Ok().json(page.of(rows, total)))
}

const OUTCOMES: [ResultOutcome; 2] = [ResultOutcome::Success, ResultOutcome::Error];

fn name(outcome: ResultOutcome) -> &'static str {
    match outcome {
        ResultOutcome::Success => "success",
        ResultOutcome::Error => "error",
    }
}

fn result_json(row: ResultRow) -> Value {
    let trace: Option<Value> = row.trace.map(|text| {
        // What is not JSON was not written by this version; it is shown as it is.
        serde_json::from_str(&text).unwrap_or(Value::String(text))
    });
    json!({
        "id": row.id,
        "timestamp": row.timestamp,
        "statusCode": row.status_code,
        "latencyMs": row.latency_ms,
        "error": row.error,
        "errorDetail": row.error_detail,
        "trace": trace,
    })
}
