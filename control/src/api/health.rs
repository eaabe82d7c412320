//! `GET /health`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde_json::json;

use crate::run::RunManager;

/// Says that the engine runs, its version, and how many shards it has.
pub async fn get(manager: Data<RunManager>) -> HttpResponse {
    HttpResponse::Ok().json(json!({
        "status": "ok",
        "version": env!("CARGO_PKG_VERSION"),
        "workers": manager.config().workers,
    }))
}
