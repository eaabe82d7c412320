//! `GET /run/:id/report`.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::web::{self, Data, Path};

use super::{ApiError, answer, runs, stored};
use crate::report::{Report, ReportedRun};
use crate::run::{RunManager, is_final};
use crate::store::{CRASHED, Run, RunStatus, Store};
use crate::summary::RunSummary;
use crate::verdict::{Budgets, RunCompletion, Verdict};

/// Get the report of a run
///
/// The report of an active run covers the run so far.
#[utoipa::path(get, path = "/run/{id}/report", operation_id = "getReport", tag = "Runs",
    params(("id" = String, Path, description = "The run")),
    responses((status = 200, description = "The report", body = Report)))]
pub async fn get(
    active: Data<RunManager>,
    store: Data<Store>,
    id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    // Looked up first: a run that ends in between is then found in the store. The status is read before the
    // numbers: when it is final, the numbers are final too.
    let live = active.live(&id).map(|live| (live.status(), live.summary()));
    let run = runs::find(&store, &id).await?;
    let (status, summary) = match live {
        Some(live) => live,
        None => (run.status, stored_summary(&store, &run).await?),
    };
    let text = web::block(move || answer::written(&report(&run, status, &summary)));
    Ok(answer::sent(text.await??))
}

async fn stored_summary(store: &Store, run: &Run) -> Result<Arc<RunSummary>, ApiError> {
    let id = run.id.clone();
    let summary = stored::ask(store, move |store| store.summary(&id)).await?;
    Ok(Arc::new(summary.unwrap_or_else(|| unmeasured(run))))
}

/// Returns the summary of a run whose engine died before anything was stored. Its numbers are not usable.
fn unmeasured(run: &Run) -> RunSummary {
    let mut summary = RunSummary::default();
    if let Some(reason) = run.reason.as_deref() {
        let course = RunCompletion {
            failure: Some(reason),
            interrupted: reason == CRASHED,
            ..RunCompletion::default()
        };
        summary.verdict = Some(Verdict::new(&summary, &Budgets::default(), course));
    }
    summary
}

fn report(run: &Run, status: RunStatus, summary: &RunSummary) -> Report {
    let mut report = Report::new(summary);
    let run = ReportedRun {
        id: &run.id,
        kind: run.kind.name(),
        status: status.name(),
        start_time: run.start_time,
        // The row may have received its end after the status was read.
        end_time: run.end_time.filter(|_| is_final(status)),
        config_snapshot: &run.config_snapshot,
    };
    run.add_to(&mut report);
    report
}
