//! The REST and SSE interface: one file per resource, each of them thin.
//!
//! Handlers read the request, call the run manager or the store, and shape the
//! answer. `error` is the only place that knows status codes.

mod body;
mod chunks;
mod config;
mod error;
mod guard;
mod health;
mod histogram;
mod report;
mod run_start;
mod run_stop;
mod runs;
mod shutdown;
mod sse;
mod stats;

pub use error::ApiError;
pub use guard::Guard;
pub use shutdown::ShutdownSignal;

use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, Route};

/// Registers every route. The run manager and the shutdown signal have to be
/// there as application data.
pub fn routes(config: &mut ServiceConfig) {
    let get = |path: &str, handler: Route| resource(path, "GET", handler);
    config
        .service(get("/health", web::get().to(health::get)))
        .service(get("/config", web::get().to(config::get)))
        .service(get("/runs", web::get().to(runs::list)))
        .service(get("/run/{id}", web::get().to(runs::get)))
        .service(get("/run/{id}/report", web::get().to(report::get)))
        .service(get("/run/{id}/histogram", web::get().to(histogram::get)))
        .service(get("/stats/{id}", web::get().to(stats::get)))
        .service(resource("/run", "POST", web::post().to(run_start::post)))
        .service(resource(
            "/run/{id}/stop",
            "POST",
            web::post().to(run_stop::post),
        ))
        .service(resource(
            "/shutdown",
            "POST",
            web::post().to(shutdown::post),
        ))
        .default_service(web::to(unknown_route));
}

/// A resource with one method; any other is answered with the one that is right.
fn resource(path: &str, allowed: &'static str, handler: Route) -> actix_web::Resource {
    let refuse = move |request: HttpRequest| async move {
        let error =
            ApiError::method_not_allowed(request.method().as_str(), request.path(), allowed);
        Err::<HttpResponse, ApiError>(error)
    };
    web::resource(path)
        .route(handler)
        .default_service(web::to(refuse))
}

async fn unknown_route(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    Err(ApiError::unknown_route(request.path()))
}
