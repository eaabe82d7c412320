//! `POST /shutdown`.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde::Serialize;
use tokio::sync::Notify;
use utoipa::ToSchema;

/// Signal that shuts the server down.
#[derive(Clone, Default)]
pub struct ShutdownSignal(Arc<Notify>);

impl ShutdownSignal {
    /// Gives the signal. It is kept if no task waits yet.
    pub fn give(&self) {
        self.0.notify_one();
    }

    /// Waits for the signal.
    pub async fn wait(&self) {
        self.0.notified().await;
    }
}

/// Response to a shutdown request.
#[derive(Serialize, ToSchema)]
pub struct ShuttingDown {
    /// Always `shutting_down`.
    status: &'static str,
}

/// Shut the engine down
///
/// Active runs are stopped and stored first.
#[utoipa::path(post, path = "/shutdown", operation_id = "shutDown", tag = "Engine",
    responses((status = 200, description = "It is about to end", body = ShuttingDown)))]
pub async fn post(signal: Data<ShutdownSignal>) -> HttpResponse {
    signal.give();
    HttpResponse::Ok().json(ShuttingDown {
        status: "shutting_down",
    })
}
