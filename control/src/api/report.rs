//! `GET /run/:id/report`.

use actix_web::HttpResponse;
use actix_web::web::{self, Data, Path};
use vayu_shared::summary::RunSummary;

use super::{ApiError, runs};
use crate::report::report_json;
use crate::run::RunManager;

/// The report of a run; of one that goes on, how far it has come.
pub async fn get(manager: Data<RunManager>, id: Path<String>) -> Result<HttpResponse, ApiError> {
    // Looked up first: a run that ends now is found in the store after that.
    let live = manager.live(&id).map(|live| live.summary());
    let run = runs::find(&manager, &id).await?;
    let summary = match live {
        Some(summary) => RunSummary::clone(&summary),
        None => {
            let store = manager.store().clone();
            web::block(move || store.summary(&run.id))
                .await??
                .unwrap_or_default()
        }
    };
    Ok(HttpResponse::Ok().json(report_json(&summary)))
}
