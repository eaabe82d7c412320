//! The dialect of the Manager App, a released client that departs from the
//! contract: its calls are turned into the contract's before a handler sees
//! them, and answers into what it reads.
//!
//! Handlers know nothing of it. What is translated, and how, is a matter of JSON
//! values and stands in the modules within; here bytes are moved. Streams, errors
//! and everything the app does by the contract pass untouched.

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

use super::body::SentAs;
use super::query::Unknown;
use super::{ApiError, body};
use crate::store::{Store, StoreError};
use call::Call;

/// What clients are understood to speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Dialect {
    /// The API as it is documented
    #[default]
    Reference,
    /// As the Manager App speaks it; pages from files (origin null) are let in, too
    Manager,
}

impl Dialect {
    /// An origin that speaks it and that no one else would be let in from. The
    /// app's page is a file, whose origin is `null`; so is that of any sandboxed
    /// frame, which is why only who starts the engine for the app lets it in.
    #[must_use]
    pub fn origin(self) -> Option<&'static str> {
        match self {
            Self::Reference => None,
            Self::Manager => Some("null"),
        }
    }
}

/// The middleware around the handlers. The dialect and the run manager have to
/// be there as application data.
///
/// # Errors
/// Only those of the handlers; what goes wrong here is answered.
pub async fn dialect(
    mut request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse, actix_web::Error> {
    let is_spoken = request.app_data() == Some(&Dialect::Manager);
    // A deletion whose filter is misspelt is refused in every dialect.
    if is_spoken && request.method() == Method::GET {
        request.extensions_mut().insert(Unknown::Ignored);
    }
    let call = is_spoken
        .then(|| Call::of(request.method().as_str(), request.path()))
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

/// Puts the contract's body in place of the app's. What is not JSON is left to
/// the handler, who says so.
async fn translate_request(call: Call, request: &mut ServiceRequest) -> Result<(), ApiError> {
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
        request.extensions_mut().insert(SentAs(sent));
    }
    let length = HeaderValue::from(bytes.len());
    request.headers_mut().insert(CONTENT_LENGTH, length);
    request.set_payload(Payload::from(bytes));
    Ok(())
}

/// The value of a JSON body; none for anything else.
fn read(bytes: &[u8]) -> Option<Value> {
    json::read(std::str::from_utf8(bytes).ok()?).ok()
}

/// The same for a body of a client, whose number of values is bounded; the handler says so.
fn read_sent(bytes: &[u8]) -> Option<Value> {
    let text = std::str::from_utf8(bytes).ok()?;
    json::has_at_most(text, limits::API_BODY_VALUES)
        .then(|| json::read(text).ok())
        .flatten()
}

/// Translates the answer of a call that succeeded, if it is whole in memory; one
/// beyond the limit of request bodies passes as it is.
async fn translate_answer(call: Call, answer: ServiceResponse) -> ServiceResponse {
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

/// The answer as the app reads it. Blocks where samples have to be read.
fn translated(call: Call, bytes: Bytes, store: Option<&Store>) -> Result<Bytes, StoreError> {
    let Some(mut answer) = read(&bytes) else {
        return Ok(bytes);
    };
    call.translate_answer(&mut answer);
    if let (Call::Report, Some(store)) = (call, store) {
        samples::add(&mut answer, store)?;
    }
    Ok(answer.to_string().into())
}
