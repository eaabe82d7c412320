//! `POST /shutdown`.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde_json::json;
use tokio::sync::Notify;

/// Tells the server to end.
#[derive(Clone, Default)]
pub struct ShutdownSignal(Arc<Notify>);

impl ShutdownSignal {
    /// Gives the signal. It is kept if nobody waits yet.
    pub fn give(&self) {
        self.0.notify_one();
    }

    /// Waits for the signal.
    pub async fn wait(&self) {
        self.0.notified().await;
    }
}

/// Ends the engine: running tests are stopped and stored first.
pub async fn post(signal: Data<ShutdownSignal>) -> HttpResponse {
    signal.give();
    HttpResponse::Ok().json(json!({"status": "shutting_down"}))
}
