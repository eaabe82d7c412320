//! `POST /run/:id/stop`.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use serde_json::{Value, json};
use vayu_shared::summary::RunSummary;
use vayu_shared::units::MILLISECOND;

use super::ApiError;
use crate::run::{RunManager, StopAnswer};

/// Stops a run and answers once it has ended.
pub async fn post(manager: Data<RunManager>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let answer = match manager.stop(&id).await? {
        StopAnswer::Stopped(summary) => stopped(&id, &summary),
        StopAnswer::AlreadyStopped(status) => json!({
            "status": "already_stopped",
            "runId": *id,
            "currentStatus": status.name(),
            "message": format!("Run is already {}", status.name()),
        }),
        StopAnswer::NotRunning => json!({
            "status": "not_running",
            "runId": *id,
            "message": "Run is not currently active",
        }),
        StopAnswer::StillStopping => {
            let message = format!("run {} is stopping and has not ended within 5 s", *id);
            return Err(ApiError::internal(message));
        }
        StopAnswer::Unknown => return Err(ApiError::run_not_found(&id)),
    };
    Ok(HttpResponse::Ok().json(answer))
}

fn stopped(id: &str, summary: &RunSummary) -> Value {
    json!({
        "status": "stopped",
        "runId": id,
        "summary": {
            "totalRequests": summary.total_requests(),
            "errors": summary.failed_requests(),
            "errorRate": summary.error_rate(),
            "avgLatency": summary.latency().mean_ns / MILLISECOND as f64,
        },
    })
}
