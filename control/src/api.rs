//! The REST and SSE API, with one file per resource. Handlers are thin.
//!
//! Handlers parse the request, call the run manager or the store, and build the response. `error` is the only
//! module that knows status codes. `edge` decides who may send requests, and `dialect` translates the Manager
//! App's deviations, so handlers know one contract.

mod answer;
mod body;
mod chunks;
mod collections;
mod complete;
mod completions;
mod config;
mod config_schema;
mod cookies;
mod cors;
mod dialect;
mod docs;
mod edge;
mod environments;
mod error;
mod execute;
mod globals;
mod guard;
mod health;
mod histogram;
mod live;
mod metrics;
mod openapi;
mod paging;
mod query;
mod ready;
mod report;
mod requests;
mod results;
mod run_deletion;
mod run_pin;
mod run_start;
mod run_stop;
mod runs;
mod saved;
mod series;
mod session;
mod shutdown;
mod sse;
mod stats;
mod stored;
mod tokens;
mod work;

pub use dialect::{Dialect, dialect};
pub use edge::{SECURITY_HEADERS, edge};
pub use error::ApiError;
pub use guard::Guard;
pub use openapi::Text as OpenApiText;
pub use run_start::Starter;
pub use shutdown::ShutdownSignal;
pub use sse::event_id;
pub use work::Work;

use actix_web::web::{self, PathConfig, QueryConfig, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, Route};

/// Registers every route. The application data must contain the run manager, the executor, the shutdown
/// signal and the [`Work`] threads.
pub fn routes(config: &mut ServiceConfig) {
    config
        .app_data(QueryConfig::default().error_handler(|error, _| unreadable("query", &error)))
        .app_data(PathConfig::default().error_handler(|error, _| unreadable("path", &error)));
    for (path, routes) in resources() {
        config.service(resource(path, routes));
    }
    config.default_service(web::to(unknown_route));
}

/// The methods of a resource, with their handlers.
type Routes = Vec<(&'static str, Route)>;

/// HTML pages, which the OpenAPI document does not describe.
#[cfg(test)]
const UNDOCUMENTED: [&str; 2] = ["/docs", "/docs/{file:.*}"];

/// Returns every path with its methods.
fn resources() -> Vec<(&'static str, Routes)> {
    let engine = vec![
        ("/health", vec![("GET", web::get().to(health::get))]),
        ("/health/ready", vec![("GET", web::get().to(ready::get))]),
        (
            "/config",
            vec![
                ("GET", web::get().to(config::get)),
                ("POST", web::post().to(config::post)),
            ],
        ),
        ("/metrics", vec![("GET", web::get().to(metrics::get))]),
        (
            "/session",
            vec![
                ("POST", web::post().to(session::begin)),
                ("DELETE", web::delete().to(session::end)),
            ],
        ),
        ("/shutdown", vec![("POST", web::post().to(shutdown::post))]),
        ("/openapi.json", vec![("GET", web::get().to(openapi::get))]),
        ("/docs", vec![("GET", web::get().to(docs::enter))]),
        ("/docs/{file:.*}", vec![("GET", web::get().to(docs::get))]),
        (
            "/scripting/completions",
            vec![("GET", web::get().to(completions::get))],
        ),
    ];
    let design = vec![
        ("/request", vec![("POST", web::post().to(execute::post))]),
        (
            "/cookies",
            vec![
                ("GET", web::get().to(cookies::get)),
                ("DELETE", web::delete().to(cookies::delete)),
            ],
        ),
        (
            "/tokens",
            vec![("DELETE", web::delete().to(tokens::delete))],
        ),
    ];
    let all = [engine, workspace_resources(), design, run_resources()];
    all.into_iter().flatten().collect()
}

fn run_resources() -> Vec<(&'static str, Routes)> {
    let get = |handler: Route| vec![("GET", handler)];
    let post = |handler: Route| vec![("POST", handler)];
    let one = vec![
        ("GET", web::get().to(runs::get)),
        ("DELETE", web::delete().to(runs::delete)),
    ];
    let pin = vec![
        ("POST", web::post().to(run_pin::pin)),
        ("DELETE", web::delete().to(run_pin::unpin)),
    ];
    vec![
        ("/run", post(web::post().to(run_start::post))),
        (
            "/runs",
            vec![
                ("GET", web::get().to(runs::list)),
                ("DELETE", web::delete().to(run_deletion::delete)),
            ],
        ),
        ("/run/{id}", one),
        ("/run/{id}/pin", pin),
        ("/run/{id}/report", get(web::get().to(report::get))),
        ("/run/{id}/results", get(web::get().to(results::get))),
        ("/run/{id}/histogram", get(web::get().to(histogram::get))),
        ("/run/{id}/stop", post(web::post().to(run_stop::post))),
        ("/stats/{id}", get(web::get().to(stats::get))),
        ("/metrics/live/{id}", get(web::get().to(live::get))),
    ]
}

/// The resources of the saved workspace.
fn workspace_resources() -> Vec<(&'static str, Routes)> {
    let all = |list: Route, save: Route| vec![("GET", list), ("POST", save)];
    let one = |get: Route, delete: Route| vec![("GET", get), ("DELETE", delete)];
    vec![
        (
            "/collections",
            all(
                web::get().to(collections::list),
                web::post().to(collections::save),
            ),
        ),
        (
            "/collections/{id}",
            one(
                web::get().to(collections::get),
                web::delete().to(collections::delete),
            ),
        ),
        (
            "/requests",
            all(
                web::get().to(requests::list),
                web::post().to(requests::save),
            ),
        ),
        (
            "/requests/{id}",
            one(
                web::get().to(requests::get),
                web::delete().to(requests::delete),
            ),
        ),
        (
            "/environments",
            all(
                web::get().to(environments::list),
                web::post().to(environments::save),
            ),
        ),
        (
            "/environments/{id}",
            one(
                web::get().to(environments::get),
                web::delete().to(environments::delete),
            ),
        ),
        (
            "/globals",
            all(web::get().to(globals::get), web::post().to(globals::save)),
        ),
    ]
}

/// Creates a resource with these methods. Any other method gets a 405 that lists the allowed ones.
fn resource(path: &str, routes: Routes) -> actix_web::Resource {
    let methods: Vec<&str> = routes.iter().map(|(method, _)| *method).collect();
    let allowed = methods.join(", ");
    let refuse = move |request: HttpRequest| {
        let (method, path) = (request.method().as_str(), request.path());
        let error = ApiError::method_not_allowed(method, path, &allowed);
        std::future::ready(Err::<HttpResponse, ApiError>(error))
    };
    let resource = web::resource(path).default_service(web::to(refuse));
    let handlers = routes.into_iter().map(|(_, handler)| handler);
    handlers.fold(resource, actix_web::Resource::route)
}

/// Converts extractor errors to the API's error shape.
fn unreadable(what: &str, error: &dyn std::fmt::Display) -> actix_web::Error {
    ApiError::invalid(format!("the {what} cannot be read: {error}")).into()
}

async fn unknown_route(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    Err(ApiError::unknown_route(request.path()))
}
