//! `POST /request`: one request in design mode.

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Payload};
use vayu_shared::units::{MILLISECOND, Nanos};

use super::body::{self, JsonBody};
use super::error::{ApiError, ErrorBody};
use super::{Work, answer};
use crate::config::SharedConfig;
use crate::contract::DesignBody;
use crate::design::{DesignAnswer, DesignOrder, Designer};
use crate::run::without_secrets;

/// Makes one request
///
/// Variables are replaced, redirects followed, cookies kept; the answer is
/// stored as a design run. When the client goes away, the request is given up.
#[utoipa::path(post, path = "/request", operation_id = "makeRequest", tag = "Design",
    request_body = DesignBody,
    responses(
        (status = 200, description = "What came back, whatever its status", body = DesignAnswer, links(
            ("run" = (operation_id = "getRun", parameters(("id" = "$response.body#/runId")))),
            ("report" = (operation_id = "getReport", parameters(("id" = "$response.body#/runId")))))),
        (status = 502, description = "No answer (`TIMEOUT`, `CONNECTION_FAILED`, `DNS_ERROR`, `SSL_ERROR`)", body = ErrorBody)))]
pub async fn post(
    config: Data<SharedConfig>,
    designer: Data<Designer>,
    work: Data<Work>,
    payload: Payload,
) -> Result<HttpResponse, ApiError> {
    let bytes = body::read_bytes(payload).await?;
    let made = work.on(async move {
        let timeout = config.current().default_timeout * MILLISECOND;
        let (order, snapshot) = read(bytes, timeout)?;
        answer::written(&designer.execute(order, snapshot).await?)
    });
    Ok(answer::sent(made.await?))
}

/// What is asked for, and what is stored of it.
fn read(bytes: Bytes, timeout: Nanos) -> Result<(DesignOrder, String), ApiError> {
    let body = JsonBody::read(bytes)?;
    let order = DesignOrder::read(&body.value, timeout)?;
    Ok((order, without_secrets(&body.value, &body.text)))
}
