//! The event that ends every stream of a run. It is sent once the final report is available.

use actix_web::web;
use serde::Serialize;
use utoipa::ToSchema;

use crate::run::Live;
use crate::store::{RunStatus, Store};
use crate::verdict::Verdict;

/// Data of the last event of a stream.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CompleteEvent<'a> {
    /// Always `complete`.
    event: &'static str,
    /// Run id.
    run_id: &'a str,
    /// Final status.
    status: RunStatus,
    /// Whether the numbers of the run can be trusted. Absent if there is no verdict.
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<Verdict>,
}

/// Returns the event text for a run in its final status.
pub async fn event(store: &Store, live: Option<&Live>, id: &str, status: RunStatus) -> String {
    let data = CompleteEvent {
        event: "complete",
        run_id: id,
        status,
        verdict: verdict(store, live, id).await,
    };
    let data = serde_json::to_string(&data).expect("texts and numbers are always JSON");
    format!("event: complete\ndata: {data}\n\n")
}

/// Returns the verdict of the run, if it has one.
async fn verdict(store: &Store, live: Option<&Live>, id: &str) -> Option<Verdict> {
    if let Some(live) = live {
        return live.summary().verdict.clone();
    }
    let (store, id) = (store.clone(), id.to_owned());
    let summary = web::block(move || store.summary(&id)).await;
    summary.ok()?.ok()??.verdict
}
