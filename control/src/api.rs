//! The REST and SSE interface: one file per resource, each of them thin.
//!
//! Handlers read the request, call the run manager or the store, and shape the
//! answer. `error` is the only place that knows status codes. Who may ask is
//! settled in `edge`, and what the Manager App says otherwise in `dialect`:
//! handlers know one contract.

mod body;
mod chunks;
mod collections;
mod config;
mod cors;
mod dialect;
mod edge;
mod environments;
mod error;
mod globals;
mod guard;
mod health;
mod histogram;
mod report;
mod requests;
mod run_start;
mod run_stop;
mod runs;
mod saved;
mod shutdown;
mod sse;
mod stats;

pub use dialect::{Dialect, dialect};
pub use edge::edge;
pub use error::ApiError;
pub use guard::Guard;
pub use shutdown::ShutdownSignal;

use actix_web::web::{self, PathConfig, QueryConfig, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, Route};

/// Registers every route. The run manager and the shutdown signal have to be
/// there as application data.
pub fn routes(config: &mut ServiceConfig) {
    let get = |path: &str, handler: Route| resource(path, "GET", [handler]);
    let post = |path: &str, handler: Route| resource(path, "POST", [handler]);
    config
        .app_data(QueryConfig::default().error_handler(|error, _| unreadable("query", &error)))
        .app_data(PathConfig::default().error_handler(|error, _| unreadable("path", &error)))
        .service(get("/health", web::get().to(health::get)))
        .service(get("/config", web::get().to(config::get)))
        .service(get("/runs", web::get().to(runs::list)))
        .service(get("/run/{id}", web::get().to(runs::get)))
        .service(get("/run/{id}/report", web::get().to(report::get)))
        .service(get("/run/{id}/histogram", web::get().to(histogram::get)))
        .service(get("/stats/{id}", web::get().to(stats::get)))
        .service(post("/run", web::post().to(run_start::post)))
        .service(post("/run/{id}/stop", web::post().to(run_stop::post)))
        .service(post("/shutdown", web::post().to(shutdown::post)))
        .configure(workspace)
        .default_service(web::to(unknown_route));
}

/// The routes of what is saved.
fn workspace(config: &mut ServiceConfig) {
    let all = |path: &str, list: Route, save: Route| resource(path, "GET, POST", [list, save]);
    let one = |path: &str, get: Route, delete: Route| resource(path, "GET, DELETE", [get, delete]);
    config
        .service(all(
            "/collections",
            web::get().to(collections::list),
            web::post().to(collections::save),
        ))
        .service(one(
            "/collections/{id}",
            web::get().to(collections::get),
            web::delete().to(collections::delete),
        ))
        .service(all(
            "/requests",
            web::get().to(requests::list),
            web::post().to(requests::save),
        ))
        .service(one(
            "/requests/{id}",
            web::get().to(requests::get),
            web::delete().to(requests::delete),
        ))
        .service(all(
            "/environments",
            web::get().to(environments::list),
            web::post().to(environments::save),
        ))
        .service(one(
            "/environments/{id}",
            web::get().to(environments::get),
            web::delete().to(environments::delete),
        ))
        .service(all(
            "/globals",
            web::get().to(globals::get),
            web::post().to(globals::save),
        ));
}

/// A resource with the methods that `allowed` lists, as `Allow` does, and one
/// route for each; any other method is answered with those that are right.
fn resource<const METHODS: usize>(
    path: &str,
    allowed: &'static str,
    routes: [Route; METHODS],
) -> actix_web::Resource {
    let refuse = move |request: HttpRequest| async move {
        let error =
            ApiError::method_not_allowed(request.method().as_str(), request.path(), allowed);
        Err::<HttpResponse, ApiError>(error)
    };
    routes
        .into_iter()
        .fold(web::resource(path), actix_web::Resource::route)
        .default_service(web::to(refuse))
}

/// Keeps errors of extracting to the API's one shape.
fn unreadable(what: &str, error: &dyn std::fmt::Display) -> actix_web::Error {
    ApiError::invalid(format!("the {what} cannot be read: {error}")).into()
}

async fn unknown_route(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    Err(ApiError::unknown_route(request.path()))
}
