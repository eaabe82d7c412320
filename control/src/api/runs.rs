//! `GET /runs` and `GET /run/:id`.

use actix_web::HttpResponse;
use actix_web::web::{self, Data, Path};
use serde_json::{Value, json};

use super::ApiError;
use crate::run::RunManager;
use crate::store::{Run, RunFilter};

/// Every run, the newest first.
pub async fn list(manager: Data<RunManager>) -> Result<HttpResponse, ApiError> {
    let store = manager.store().clone();
    let runs = web::block(move || store.runs(&RunFilter::default())).await??;
    let runs: Vec<Value> = runs.iter().map(run_json).collect();
    Ok(HttpResponse::Ok().json(runs))
}

/// One run.
pub async fn get(manager: Data<RunManager>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let run = find(&manager, &id).await?;
    Ok(HttpResponse::Ok().json(run_json(&run)))
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
