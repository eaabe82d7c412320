//! `DELETE /tokens`: drops the OAuth 2.0 access tokens fetched for requests and runs.

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde::Serialize;
use utoipa::ToSchema;

use crate::design::RequestExecutor;

/// Result of dropping tokens.
#[derive(Serialize, ToSchema)]
pub struct DroppedTokens {
    /// Number of access tokens, expired ones included.
    deleted: usize,
}

/// Drop all OAuth 2.0 access tokens
///
/// The next request that needs one fetches a new one. Active runs keep theirs.
#[utoipa::path(delete, path = "/tokens", operation_id = "dropTokens", tag = "Design",
    responses((status = 200, description = "Number of tokens dropped", body = DroppedTokens)))]
pub async fn delete(executor: Data<RequestExecutor>) -> HttpResponse {
    let deleted = executor.drop_tokens();
    HttpResponse::Ok().json(DroppedTokens { deleted })
}
