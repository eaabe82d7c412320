//! `GET /health/ready`: whether the engine can execute and store a run now, and what prevents it.

use actix_web::HttpResponse;
use actix_web::web::{self, Data};
use serde::Serialize;
use utoipa::ToSchema;

use super::ApiError;
use crate::readiness::{Readiness, ReadinessCheck};

/// Readiness of the engine.
#[derive(Serialize, ToSchema)]
pub struct ReadyAnswer {
    /// `ready` if every check passes, `not_ready` otherwise.
    #[schema(pattern = "^(ready|not_ready)$")]
    status: &'static str,
    /// Results of the checks.
    checks: Vec<ReadinessCheck>,
}

/// Check whether the engine is ready for a run
///
/// The store is writable, its files were not replaced, there is free disk space, and every shard answers.
#[utoipa::path(get, path = "/health/ready", operation_id = "getReadiness", tag = "Engine",
    responses((status = 200, description = "It is", body = ReadyAnswer),
              (status = 503, description = "It is not; `message` of a check that failed says why", body = ReadyAnswer)))]
pub async fn get(readiness: Data<Readiness>) -> Result<HttpResponse, ApiError> {
    let checks = web::block(move || readiness.checks()).await?;
    let (mut answer, status) = match checks.iter().all(|check| check.ok) {
        true => (HttpResponse::Ok(), "ready"),
        false => (HttpResponse::ServiceUnavailable(), "not_ready"),
    };
    Ok(answer.json(ReadyAnswer { status, checks }))
}
