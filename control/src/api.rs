//! The REST and SSE interface: one file per resource, each of them thin.
//!
//! Handlers read the request, call the run manager or the store, and shape the
//! answer. `error` is the only place that knows status codes. Who may ask is
//! settled in `edge`, and what the Manager App says otherwise in `dialect`:
//! handlers know one contract.

mod body;
mod chunks;
mod collections;
mod complete;
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
mod live;
mod metrics;
mod paging;
mod query;
mod report;
mod requests;
mod results;
mod run_start;
mod run_stop;
mod runs;
mod saved;
mod series;
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
    config
        .app_data(QueryConfig::default().error_handler(|error, _| unreadable("query", &error)))
        .app_data(PathConfig::default().error_handler(|error, _| unreadable("path", &error)))
        .configure(engine_routes)
        .configure(workspace_routes)
        .configure(run_routes)
        .default_service(web::to(unknown_route));
}

fn engine_routes(config: &mut ServiceConfig) {
    config
        .service(resource("/health", [("GET", web::get().to(health::get))]))
        .service(resource(
            "/config",
            [
                ("GET", web::get().to(config::get)),
                ("POST", web::post().to(config::post)),
            ],
        ))
        .service(resource("/metrics", [("GET", web::get().to(metrics::get))]))
        .service(resource(
            "/shutdown",
            [("POST", web::post().to(shutdown::post))],
        ));
}

fn run_routes(config: &mut ServiceConfig) {
    let get = |path: &str, handler: Route| resource(path, [("GET", handler)]);
    let post = |path: &str, handler: Route| resource(path, [("POST", handler)]);
    let one = [
        ("GET", web::get().to(runs::get)),
        ("DELETE", web::delete().to(runs::delete)),
    ];
    config
        .service(post("/run", web::post().to(run_start::post)))
        .service(get("/runs", web::get().to(runs::list)))
        .service(resource("/run/{id}", one))
        .service(get("/run/{id}/report", web::get().to(report::get)))
        .service(get("/run/{id}/results", web::get().to(results::get)))
        .service(get("/run/{id}/histogram", web::get().to(histogram::get)))
        .service(post("/run/{id}/stop", web::post().to(run_stop::post)))
        .service(get("/stats/{id}", web::get().to(stats::get)))
        .service(get("/metrics/live/{id}", web::get().to(live::get)));
}

/// The routes of what is saved.
fn workspace_routes(config: &mut ServiceConfig) {
    let all =
        |path: &str, list: Route, save: Route| resource(path, [("GET", list), ("POST", save)]);
    let one =
        |path: &str, get: Route, delete: Route| resource(path, [("GET", get), ("DELETE", delete)]);
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

/// A resource with these methods; any other is answered with those that are right.
fn resource<const N: usize>(path: &str, routes: [(&'static str, Route); N]) -> actix_web::Resource {
    let allowed = routes.each_ref().map(|(method, _)| *method).join(", ");
    let refuse = move |request: HttpRequest| {
        let (method, path) = (request.method().as_str(), request.path());
        let error = ApiError::method_not_allowed(method, path, &allowed);
        std::future::ready(Err::<HttpResponse, ApiError>(error))
    };
    let resource = web::resource(path).default_service(web::to(refuse));
    let handlers = routes.into_iter().map(|(_, handler)| handler);
    handlers.fold(resource, actix_web::Resource::route)
}

/// Keeps errors of extracting to the API's one shape.
fn unreadable(what: &str, error: &dyn std::fmt::Display) -> actix_web::Error {
    ApiError::invalid(format!("the {what} cannot be read: {error}")).into()
}

async fn unknown_route(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    Err(ApiError::unknown_route(request.path()))
}
