//! `GET /openapi.json`: the API as an OpenAPI 3.1 document, generated from the handlers and their request and
//! response types.

mod kinds;
mod refusals;

use actix_web::HttpResponse;
use actix_web::web::Data;
use utoipa::OpenApi;

use super::{
    collections, complete, completions, config, cookies, environments, execute, globals, health,
    histogram, live, metrics, ready, report, requests, results, run_deletion, run_pin, run_start,
    run_stop, runs, session, shutdown, stats, tokens,
};
use kinds::Kinds;
use refusals::Refusals;

/// The document; see the module documentation.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Vayu Engine",
        description = "HTTP load runs and saved requests. Errors of every route have one shape, \
                       `{\"error\":{\"code\",\"message\"}}`. The description lists every field that is \
                       read. `POST /run` and `POST /request` name any other in `warnings`, \
                       `POST /config` refuses it, and what is saved leaves it out.",
        license(name = "Apache-2.0 OR MIT", identifier = "Apache-2.0 OR MIT"),
    ),
    tags(
        (name = "Engine", description = "The engine itself"),
        (name = "Workspace", description = "What is saved: collections, requests, variables"),
        (name = "Design", description = "Single requests"),
        (name = "Runs", description = "Load runs and what was measured"),
        (name = "Streams", description = "Live metrics and time series"),
        (name = "Scripting", description = "What scripts can use"),
    ),
    paths(
        health::get, ready::get, config::get, config::post, shutdown::post, session::begin, session::end, get,
        collections::list, collections::save, collections::get, collections::delete,
        requests::list, requests::save, requests::get, requests::delete,
        environments::list, environments::save, environments::get, environments::delete,
        globals::get, globals::save,
        execute::post, cookies::get, cookies::delete, tokens::delete,
        run_start::post, runs::list, runs::get, runs::delete, run_pin::pin, run_pin::unpin, run_deletion::delete,
        report::get, results::get,
        histogram::get, run_stop::post,
        stats::get, live::get, metrics::get,
        completions::get,
    ),
    components(schemas(live::LiveMetrics, stats::MetricEvent, complete::CompleteEvent)),
    modifiers(&Refusals, &Kinds),
)]
struct Document;

/// The serialized document, generated once.
pub struct Text(String);

impl Text {
    /// Generates the text of the document.
    #[must_use]
    pub fn generate() -> Self {
        let text = Document::openapi().to_pretty_json();
        Self(text.expect("the document is plain data"))
    }
}

/// Get this document
#[utoipa::path(get, path = "/openapi.json", operation_id = "getOpenApi", tag = "Engine",
    responses((status = 200, description = "OpenAPI 3.1", body = Object)))]
pub async fn get(document: Data<Text>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(document.0.clone())
}

#[cfg(test)]
mod tests;
