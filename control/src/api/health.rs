//! `GET /health`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde::Serialize;
use utoipa::ToSchema;

use crate::config::SharedConfig;

/// Liveness and version of the engine.
#[derive(Serialize, ToSchema)]
pub struct Health {
    /// Always `ok`.
    #[schema(pattern = "^ok$")]
    status: &'static str,
    /// Version of the engine.
    version: &'static str,
    /// Number of shards, one per core.
    workers: usize,
}

/// Check that the engine runs
#[utoipa::path(get, path = "/health", operation_id = "getHealth", tag = "Engine",
    responses((status = 200, description = "It does", body = Health)))]
pub async fn get(config: Data<SharedConfig>) -> HttpResponse {
    HttpResponse::Ok().json(Health {
        status: "ok",
        version: env!("CARGO_PKG_VERSION"),
        workers: config.current().workers,
    })
}
