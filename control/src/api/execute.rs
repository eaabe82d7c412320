//! `POST /request`: one request in design mode.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Payload};
use vayu_shared::units::{MILLISECOND, Nanos};

use super::body::{self, JsonBody};
use super::error::{ApiError, ErrorBody};
use super::{Work, answer};
use crate::config::SharedConfig;
use crate::contract::DesignBody;
use crate::design::{DesignAnswer, DesignConfig, RequestExecutor};
use crate::run::without_secrets;

/// Send one request
///
/// Replaces variables, follows redirects and stores cookies. The response is stored as a design run. If the
/// client disconnects, the request is aborted.
#[utoipa::path(post, path = "/request", operation_id = "makeRequest", tag = "Design",
    request_body = DesignBody,
    responses(
        (status = 200, description = "What came back, whatever its status", body = DesignAnswer, links(
            ("run" = (operation_id = "getRun", parameters(("id" = "$response.body#/runId")))),
            ("report" = (operation_id = "getReport", parameters(("id" = "$response.body#/runId")))))),
        (status = 502, description = "No answer (`TIMEOUT`, `CONNECTION_FAILED`, `DNS_ERROR`, `SSL_ERROR`)", body = ErrorBody)))]
pub async fn post(
    config: Data<SharedConfig>,
    executor: Data<RequestExecutor>,
    work: Data<Work>,
    payload: Payload,
) -> Result<HttpResponse, ApiError> {
    let bytes = body::read_bytes(payload).await?;
    let made = work.on(async move {
        let timeout = config.current().default_timeout * MILLISECOND;
        let (order, snapshot) = read(bytes, timeout)?;
        answer::written(&executor.execute(order, snapshot).await?)
    });
    Ok(answer::sent(made.await?))
}

/// Parses the body, and returns the request and the snapshot to store.
fn read(bytes: Bytes, timeout: Nanos) -> Result<(DesignConfig, String), ApiError> {
    let body = JsonBody::read(bytes)?;
    let order = DesignConfig::read(&body.value, timeout)?;
    Ok((order, without_secrets(&body.value, &body.text)))
}
