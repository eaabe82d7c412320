//! `POST /run/:id/stop`.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use serde::Serialize;
use utoipa::ToSchema;
use vayu_shared::units::MILLISECOND;

use super::ApiError;
use crate::run::{RunManager, StopAnswer};
use crate::store::RunStatus;
use crate::summary::RunSummary;

/// Result of a stop request.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum Stopped {
    /// The run was active and has ended.
    Now(StoppedRun),
    /// The run had ended before.
    Before(EndedRun),
    /// The run is not executed by this engine.
    NotRunning(IdleRun),
}

/// A stopped run.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StoppedRun {
    /// Always `stopped`.
    #[schema(pattern = "^stopped$")]
    status: &'static str,
    /// Run id.
    run_id: String,
    /// Final numbers of the run.
    summary: StopSummary,
}

/// The numbers of a stopped run.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StopSummary {
    /// Requests answered or failed.
    total_requests: u64,
    /// Failures, and responses with a status of 4xx or 5xx.
    errors: u64,
    /// Errors in percent of all requests.
    error_rate: f64,
    /// Mean of the documented latency, in milliseconds.
    avg_latency: f64,
}

/// A run that had ended before.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EndedRun {
    /// Always `already_stopped`.
    #[schema(pattern = "^already_stopped$")]
    status: &'static str,
    /// Run id.
    run_id: String,
    /// Final status.
    current_status: RunStatus,
    /// Human-readable message.
    message: String,
}

/// A run that no engine executes.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct IdleRun {
    /// Always `not_running`.
    #[schema(pattern = "^not_running$")]
    status: &'static str,
    /// Run id.
    run_id: String,
    /// Human-readable message.
    message: &'static str,
}

/// Stop a run
///
/// Responds once the run has ended, within 5 s.
#[utoipa::path(post, path = "/run/{id}/stop", operation_id = "stopRun", tag = "Runs",
    params(("id" = String, Path, description = "The run")),
    responses((status = 200, description = "The run is not active any more", body = Stopped)))]
pub async fn post(runs: Data<RunManager>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    let run_id = id.into_inner();
    let answer = match runs.stop(&run_id).await? {
        StopAnswer::Stopped(summary) => Stopped::Now(StoppedRun {
            status: "stopped",
            run_id,
            summary: StopSummary::new(&summary),
        }),
        StopAnswer::AlreadyStopped(status) => Stopped::Before(EndedRun {
            status: "already_stopped",
            run_id,
            current_status: status,
            message: format!("Run is already {}", status.name()),
        }),
        StopAnswer::NotRunning => Stopped::NotRunning(IdleRun {
            status: "not_running",
            run_id,
            message: "Run is not currently active",
        }),
        StopAnswer::StillStopping => {
            let message = format!("run {run_id} is stopping and has not ended within 5 s");
            return Err(ApiError::internal(message));
        }
        StopAnswer::Unknown => return Err(ApiError::run_not_found(&run_id)),
    };
    Ok(HttpResponse::Ok().json(answer))
}

impl StopSummary {
    fn new(summary: &RunSummary) -> Self {
        Self {
            total_requests: summary.total_requests(),
            errors: summary.failed_requests(),
            error_rate: summary.error_rate(),
            avg_latency: summary.latency().mean_ns / MILLISECOND as f64,
        }
    }
}
