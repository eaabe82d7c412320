//! `GET /openapi.json`: the API as an OpenAPI 3.1 document, generated from the
//! handlers and the types they answer with.
//!
//! Bodies of requests are read field by field, for the sake of clear errors;
//! where no type of the program has their shape, `bodies` describes it.

#[expect(
    dead_code,
    reason = "the fields are read one by one, not through these types"
)]
mod bodies;
mod refusals;

use actix_web::HttpResponse;
use actix_web::web::Data;
use utoipa::OpenApi;

use super::{
    collections, complete, completions, config, cookies, environments, execute, globals, health,
    histogram, live, metrics, report, requests, results, run_deletion, run_start, run_stop, runs,
    shutdown, stats, tokens,
};
pub use bodies::{ConfigBody, DesignBody, RunBody};
use refusals::Refusals;

/// The document; see the module.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Vayu Engine",
        description = "HTTP load runs and saved requests. Errors of every route have one shape, \
                       `{\"error\":{\"code\",\"message\"}}`. Fields that a body has beyond those \
                       listed are ignored; `POST /run` names them in `warnings`, `POST /config` \
                       refuses them.",
        license(name = "Apache-2.0 OR MIT", identifier = "Apache-2.0 OR MIT"),
    ),
    tags(
        (name = "Engine", description = "The engine itself"),
        (name = "Workspace", description = "What is saved: collections, requests, variables"),
        (name = "Design", description = "Single requests"),
        (name = "Runs", description = "Load runs and what was measured"),
        (name = "Streams", description = "Runs as they go, and time series"),
        (name = "Scripting", description = "What scripts can use"),
    ),
    paths(
        health::get, config::get, config::post, shutdown::post, get,
        collections::list, collections::save, collections::get, collections::delete,
        requests::list, requests::save, requests::get, requests::delete,
        environments::list, environments::save, environments::get, environments::delete,
        globals::get, globals::save,
        execute::post, cookies::get, cookies::delete, tokens::delete,
        run_start::post, runs::list, runs::get, runs::delete, run_deletion::delete, report::get, results::get,
        histogram::get, run_stop::post,
        stats::get, live::get, metrics::get,
        completions::get,
    ),
    components(schemas(live::LiveMetrics, stats::MetricEvent, complete::CompleteEvent)),
    modifiers(&Refusals),
)]
struct Document;

/// The document as it is served, made once.
pub struct Text(String);

impl Text {
    /// The text of the document.
    #[must_use]
    pub fn generate() -> Self {
        let text = Document::openapi().to_pretty_json();
        Self(text.expect("the document is plain data"))
    }
}

/// This document
#[utoipa::path(get, path = "/openapi.json", operation_id = "getOpenApi", tag = "Engine",
    responses((status = 200, description = "OpenAPI 3.1", body = Object)))]
pub async fn get(document: Data<Text>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(document.0.clone())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::super::{UNDOCUMENTED, resources};
    use super::Text;

    #[test]
    fn every_route_is_described_and_nothing_else() {
        let document: Value = serde_json::from_str(&Text::generate().0).expect("it is JSON");
        let paths = document["paths"].as_object().expect("paths");
        let described: BTreeSet<(String, String)> = paths
            .iter()
            .flat_map(|(path, item)| {
                let methods = item.as_object().expect("operations").keys();
                methods.map(move |method| (path.clone(), method.to_uppercase()))
            })
            .collect();
        let served: BTreeSet<(String, String)> = resources()
            .into_iter()
            .filter(|(path, _)| !UNDOCUMENTED.contains(path))
            .flat_map(|(path, routes)| {
                let methods = routes.into_iter().map(|(method, _)| method.to_owned());
                methods.map(move |method| (path.to_owned(), method))
            })
            .collect();
        assert_eq!(described, served);
    }

    #[test]
    fn the_limits_it_names_are_those_in_force() {
        use vayu_shared::limits;
        let document: Value = serde_json::from_str(&Text::generate().0).expect("it is JSON");
        let schema = |path: &str| {
            let pointer = format!("/components/schemas/{path}");
            document.pointer(&pointer).and_then(Value::as_f64)
        };
        for (path, limit) in [
            (
                "CollectionEdit/properties/id/maxLength",
                limits::ID_CHARS as f64,
            ),
            (
                "CollectionEdit/properties/name/maxLength",
                limits::NAME_CHARS as f64,
            ),
            (
                "CollectionEdit/properties/order/maximum",
                limits::ORDER as f64,
            ),
            (
                "RequestEdit/properties/url/maxLength",
                limits::URL_BYTES as f64,
            ),
            (
                "LoadRequest/properties/url/maxLength",
                limits::URL_BYTES as f64,
            ),
            (
                "RateRun/allOf/1/properties/targetRps/maximum",
                limits::TARGET_RPS,
            ),
            (
                "RateRun/allOf/1/properties/targetRps/minimum",
                limits::TARGET_RPS_MIN,
            ),
            (
                "UsersRun/allOf/1/properties/concurrency/maximum",
                limits::CONCURRENCY as f64,
            ),
            (
                "IterationsRun/allOf/1/properties/iterations/maximum",
                limits::ITERATIONS as f64,
            ),
            (
                "RateRun/allOf/1/properties/seed/maximum",
                limits::SEED as f64,
            ),
        ] {
            assert_eq!(schema(path), Some(limit), "{path}");
        }
    }
}
