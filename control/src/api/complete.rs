//! The event that ends every stream of a run. It is sent once the final report
//! can be read.

use actix_web::web;
use serde::Serialize;
use utoipa::ToSchema;

use crate::run::Live;
use crate::store::{RunStatus, Store};
use crate::verdict::Verdict;

/// What the last event of a stream says.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CompleteEvent<'a> {
    /// Always `complete`.
    event: &'static str,
    /// The run.
    run_id: &'a str,
    /// How it ended.
    status: RunStatus,
    /// Whether its numbers can be trusted.
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<Verdict>,
}

/// The event of a run in its last status, as text.
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

/// The judgement on the run, once there is one.
async fn verdict(store: &Store, live: Option<&Live>, id: &str) -> Option<Verdict> {
    if let Some(live) = live {
        return live.summary().verdict.clone();
    }
    let (store, id) = (store.clone(), id.to_owned());
    let summary = web::block(move || store.summary(&id)).await;
    summary.ok()?.ok()??.verdict
}
