//! `GET /runs`, and `GET` and `DELETE` of `/run/:id`.

use actix_web::HttpResponse;
use actix_web::web::{self, Data, Path};
use serde_json::{Value, json};

use super::ApiError;
use super::paging::{Bounds, Page};
use super::query::Query;
use crate::run::{DeleteAnswer, RunManager};
use crate::store::{Run, RunFilter, RunRows, RunStatus, RunType};

const BOUNDS: Bounds = Bounds {
    default: 50,
    most: 10_000,
};

/// Runs that pass the filters, the newest first: an array, or a page of it when
/// a page is asked for.
pub async fn list(manager: Data<RunManager>, query: Query) -> Result<HttpResponse, ApiError> {
    let page = Page::asked(&query, BOUNDS)?;
    let filter = RunFilter {
        limit: page.map(|page| page.limit),
        offset: page.map_or(0, |page| page.offset),
        kind: query.one_of("type", RunType::ALL, RunType::name)?,
        status: query.one_of("status", RunStatus::ALL, RunStatus::name)?,
        request_id: query.text("requestId")?.map(str::to_owned),
    };
    let store = manager.store().clone();
    Ok(match page {
        None => {
            let runs = web::block(move || store.runs(&filter)).await??;
            HttpResponse::Ok().json(runs.iter().map(run_json).collect::<Vec<_>>())
        }
        Some(page) => {
            let (runs, total) = web::block(move || store.runs_counted(&filter)).await??;
            let runs = runs.iter().map(run_json).collect();
            HttpResponse::Ok().json(page.of(runs, total))
        }
    })
}

/// One run.
pub async fn get(manager: Data<RunManager>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let run = find(&manager, &id).await?;
    Ok(HttpResponse::Ok().json(run_json(&run)))
}

/// Deletes a run that does not go on.
pub async fn delete(manager: Data<RunManager>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let (manager, key) = (manager.get_ref().clone(), id.clone());
    match web::block(move || manager.delete(&key)).await?? {
        DeleteAnswer::Deleted(RunRows { results, metrics }) => {
            let deleted = json!({"runs": 1, "results": results, "metrics": metrics});
            let body = json!({"status": "deleted", "runId": *id, "deleted": deleted});
            Ok(HttpResponse::Ok().json(body))
        }
        DeleteAnswer::Active => Err(ApiError::run_active(&id)),
        DeleteAnswer::Unknown => Err(ApiError::run_not_found(&id)),
    }
}

/// The stored run `id`, or 404.
pub async fn find(manager: &RunManager, id: &str) -> Result<Run, ApiError> {
    let (store, key) = (manager.store().clone(), id.to_owned());
    let run = web::block(move || store.run(&key)).await??;
    run.ok_or_else(|| ApiError::run_not_found(id))
}

fn run_json(run: &Run) -> Value {
    let mut json = json!({
        "id": run.id,
        "requestId": run.request_id,
        "environmentId": run.environment_id,
        "type": run.kind.name(),
        "status": run.status.name(),
        "configSnapshot": run.config_snapshot,
        "startTime": run.start_time,
        "endTime": run.end_time,
    });
    if let Some(reason) = &run.reason {
        json["reason"] = reason.as_str().into();
    }
    json
}
