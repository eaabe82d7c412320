//! `GET /health/ready`: whether the engine can make and store a run now, and what is in the way.

use actix_web::HttpResponse;
use actix_web::web::{self, Data};
use serde::Serialize;
use utoipa::ToSchema;

use super::ApiError;
use crate::readiness::{Check, Readiness};

/// Whether the engine is ready.
#[derive(Serialize, ToSchema)]
pub struct ReadyAnswer {
    /// `ready` when every check is passed.
    #[schema(pattern = "^(ready|not_ready)$")]
    status: &'static str,
    /// What was looked at.
    checks: Vec<Check>,
}

/// Whether the engine is ready for a run
///
/// The store can be written, its files are those that were opened, there is room on the disk, and
/// every shard answers.
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
