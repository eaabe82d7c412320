//! The dialect of the Manager App, a released client that deviates from the contract. Its requests are
//! translated to the contract before a handler sees them, and responses to what the app reads.
//!
//! Handlers know nothing of it. The submodules translate JSON values; this module moves bytes. Streams,
//! errors, and calls that conform to the contract pass unchanged.

mod call;
mod envelope;
mod exchange;
mod ids;
mod load_run;
mod samples;
mod workspace;

use actix_web::HttpMessage;
use actix_web::body::MessageBody;
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{CONTENT_LENGTH, HeaderValue};
use actix_web::web::{self, Bytes, Data};
use actix_web::{body::BoxBody, middleware::Next};
use clap::ValueEnum;
use serde_json::{Map, Value};
use vayu_shared::{json, limits};

use super::body::OriginalFields;
use super::query::Unknown;
use super::{ApiError, body};
use crate::store::{Store, StoreError};
use call::DialectCall;

/// The API dialect of clients.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Dialect {
    /// The documented API
    #[default]
    Reference,
    /// The Manager App's dialect; also allows pages loaded from files (origin null)
    Manager,
}

impl Dialect {
    /// Returns the origin that the dialect allows in addition. The app's page is loaded from a file, whose
    /// origin is `null`. Any sandboxed frame has that origin too, so it is allowed only if the engine is
    /// started for the app.
    #[must_use]
    pub fn origin(self) -> Option<&'static str> {
        match self {
            Self::Reference => None,
            Self::Manager => Some("null"),
        }
    }
}

/// Middleware around the handlers. The application data must contain the dialect and the store.
///
/// # Errors
/// Returns the handlers' errors only. Errors of the translation become responses.
pub async fn dialect(
    mut request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse, actix_web::Error> {
    let is_spoken = request.app_data() == Some(&Dialect::Manager);
    // A deletion with a misspelt filter is refused in every dialect.
    if is_spoken && request.method() == Method::GET {
        request.extensions_mut().insert(Unknown::Ignored);
    }
    let call = is_spoken
        .then(|| DialectCall::of(request.method().as_str(), request.path()))
        .flatten();
    let Some(call) = call else {
        return next.call(request).await;
    };
    if call.has_body()
        && let Err(error) = translate_request(call, &mut request).await
    {
        return Ok(request.error_response(error));
    }
    let answer = next.call(request).await?;
    Ok(translate_answer(call, answer).await)
}

/// Replaces the app's body by the contract's. A body that is not JSON is left to the handler, which reports
/// the error.
async fn translate_request(
    call: DialectCall,
    request: &mut ServiceRequest,
) -> Result<(), ApiError> {
    let payload = request.extract::<web::Payload>().await;
    let payload = payload.map_err(|error| ApiError::internal(error.to_string()))?;
    let bytes = body::read_bytes(payload).await?;
    let translating = web::block(move || {
        let Some(mut value) = read_sent(&bytes) else {
            return (bytes, Map::new());
        };
        let sent = call.translate_request(&mut value);
        (value.to_string().into(), sent)
    });
    let (bytes, sent) = translating.await?;
    if !sent.is_empty() {
        request.extensions_mut().insert(OriginalFields(sent));
    }
    let length = HeaderValue::from(bytes.len());
    request.headers_mut().insert(CONTENT_LENGTH, length);
    request.set_payload(Payload::from(bytes));
    Ok(())
}

/// Parses a JSON body, or returns `None`.
fn read(bytes: &[u8]) -> Option<Value> {
    json::read(std::str::from_utf8(bytes).ok()?).ok()
}

/// Parses a client's body, or returns `None`. A body with too many values is left to the handler, which
/// reports the error.
fn read_sent(bytes: &[u8]) -> Option<Value> {
    let text = std::str::from_utf8(bytes).ok()?;
    json::has_at_most(text, limits::API_BODY_VALUES)
        .then(|| json::read(text).ok())
        .flatten()
}

/// Translates the response to a successful call, if the body is complete in memory. A body beyond the limit
/// of request bodies passes unchanged.
async fn translate_answer(call: DialectCall, answer: ServiceResponse) -> ServiceResponse {
    if !answer.status().is_success() {
        return answer;
    }
    let (request, response) = answer.into_parts();
    let store = request.app_data::<Data<Store>>();
    let store = store.map(|store| store.get_ref().clone());
    let (head, body) = response.into_parts();
    let bytes = match body.try_into_bytes() {
        Ok(bytes) if bytes.len() <= limits::API_BODY_BYTES => bytes,
        Ok(bytes) => return ServiceResponse::new(request, head.set_body(BoxBody::new(bytes))),
        Err(stream) => return ServiceResponse::new(request, head.set_body(stream)),
    };
    match web::block(move || translated(call, bytes, store.as_ref())).await {
        Ok(Ok(bytes)) => ServiceResponse::new(request, head.set_body(BoxBody::new(bytes))),
        Ok(Err(error)) => failed(ServiceResponse::new(request, head), error),
        Err(error) => failed(ServiceResponse::new(request, head), error),
    }
}

fn failed<B>(answer: ServiceResponse<B>, error: impl Into<ApiError>) -> ServiceResponse {
    answer.error_response(error.into())
}

/// Returns the response as the app reads it. Blocks if samples must be read.
fn translated(call: DialectCall, bytes: Bytes, store: Option<&Store>) -> Result<Bytes, StoreError> {
    let Some(mut answer) = read(&bytes) else {
        return Ok(bytes);
    };
    call.translate_answer(&mut answer);
    if let (DialectCall::Report, Some(store)) = (call, store) {
        samples::add(&mut answer, store)?;
    }
    Ok(answer.to_string().into())
}
