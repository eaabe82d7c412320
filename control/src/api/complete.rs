//! The event that ends every stream of a run. It is sent once the final report
//! can be read.

use actix_web::web;
use serde_json::json;
use vayu_shared::verdict::Verdict;

use crate::run::Live;
use crate::store::{RunStatus, Store};

/// The event of a run in its last status, as text.
pub async fn event(store: &Store, live: Option<&Live>, id: &str, status: RunStatus) -> String {
    let mut data = json!({"event": "complete", "runId": id, "status": status.name()});
    if let Some(verdict) = verdict(store, live, id).await {
        data["verdict"] = json!(verdict);
    }
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
