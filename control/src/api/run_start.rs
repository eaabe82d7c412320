//! `POST /run`.

use actix_web::HttpResponse;
use actix_web::web::{self, Data, Payload};
use serde_json::json;
use vayu_shared::validate::run_spec;

use super::{ApiError, body};
use crate::run::{RunManager, RunOrder, without_secrets};

/// Starts a load run. Nothing is stored before the whole body is accepted.
pub async fn post(manager: Data<RunManager>, payload: Payload) -> Result<HttpResponse, ApiError> {
    let body = body::read_json(payload).await?;
    let spec = run_spec(&body.value, &manager.config().run_defaults())?;
    let warnings = spec.warnings.clone();
    let order = web::block(move || RunOrder::new(spec)).await??;
    let manager = manager.get_ref().clone();
    let snapshot = without_secrets(&body.value, &body.text);
    let id = web::block(move || manager.start(order, snapshot)).await??;
    let mut answer = json!({
        "runId": id,
        "status": "pending",
        "message": "Load test started",
    });
    if !warnings.is_empty() {
        answer["warnings"] = warnings.into();
    }
    Ok(HttpResponse::Accepted().json(answer))
}
