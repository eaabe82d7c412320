//! `GET /docs/…`: a page to browse the API with, made by Swagger UI of the
//! document at `/openapi.json`. All of it is in the program.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, LOCATION};
use actix_web::web::Path;
use utoipa_swagger_ui::Config;

use super::ApiError;

/// Leads to the page: its files are named relative to it.
pub async fn enter() -> HttpResponse {
    HttpResponse::PermanentRedirect()
        .insert_header((LOCATION, "/docs/"))
        .finish()
}

/// A file of the page.
pub async fn get(file: Path<String>) -> Result<HttpResponse, ApiError> {
    // The validator badge would be fetched from elsewhere.
    let config = Config::from("/openapi.json").validator_url("none");
    let found = utoipa_swagger_ui::serve(&file, Arc::new(config));
    let found = found.map_err(|error| ApiError::internal(error.to_string()))?;
    let found =
        found.ok_or_else(|| ApiError::not_found(format!("there is no page /docs/{file}")))?;
    Ok(HttpResponse::Ok()
        .content_type(found.content_type)
        .insert_header((CACHE_CONTROL, "no-cache"))
        .body(found.bytes.into_owned()))
}
