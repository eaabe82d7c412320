//! `GET` and `DELETE` of `/cookies`: the cookies of design requests.

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde::Serialize;
use utoipa::ToSchema;

use super::query::Query;
use super::{ApiError, answer};
use crate::design::{RequestExecutor, StoredCookie};

/// Parameter that selects a cookie jar.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what `Query` reads")]
struct CookiesQuery {
    /// Environment whose cookies are selected. Default: the cookies of requests without an environment.
    #[param(rename = "environmentId", min_length = 1)]
    environment_id: Option<String>,
}

/// Parameter that selects the cookies to delete.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what `Query` reads")]
struct ClearQuery {
    /// Only cookies of this domain and its subdomains.
    #[param(min_length = 1)]
    domain: Option<String>,
}

/// Result of deleting cookies.
#[derive(Serialize, ToSchema)]
pub struct ClearedCookies {
    /// Number of deleted cookies.
    deleted: usize,
}

/// List the cookies of design requests
///
/// Each environment has a cookie jar of its own.
#[utoipa::path(get, path = "/cookies", operation_id = "listCookies", tag = "Design",
    params(CookiesQuery),
    responses((status = 200, description = "The cookies", body = Vec<StoredCookie>)))]
pub async fn get(executor: Data<RequestExecutor>, query: Query) -> Result<HttpResponse, ApiError> {
    let query = query.accept(&["environmentId"])?;
    let environment = query.text("environmentId")?.unwrap_or_default();
    answer::json(executor.cookies(environment).await?).await
}

/// Delete cookies
#[utoipa::path(delete, path = "/cookies", operation_id = "clearCookies", tag = "Design",
    params(CookiesQuery, ClearQuery),
    responses((status = 200, description = "How many went", body = ClearedCookies)))]
pub async fn delete(
    executor: Data<RequestExecutor>,
    query: Query,
) -> Result<HttpResponse, ApiError> {
    let query = query.accept(&["environmentId", "domain"])?;
    let environment = query.text("environmentId")?.unwrap_or_default();
    let domain = query.text("domain")?;
    let deleted = executor.clear_cookies(environment, domain).await?;
    Ok(HttpResponse::Ok().json(ClearedCookies { deleted }))
}
