//! API errors. Every route uses one shape, `{"error":{"code","message"}}`.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use utoipa::ToSchema;
use vayu_shared::field_error::{FieldError, FieldErrorKind};

use crate::design::{DesignAnswer, DesignError};
use crate::run::StartError;
use crate::store::StoreError;

/// Error body of every route.
#[derive(Serialize, ToSchema)]
pub struct ErrorBody {
    error: ErrorDetail,
    /// With `SCRIPT_ERROR`: the complete response, if the request was sent before its script failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<DesignAnswer>)]
    response: Option<Box<RawValue>>,
}

/// An error.
#[derive(Serialize, ToSchema)]
struct ErrorDetail {
    /// Machine-readable code, like `INVALID_REQUEST`.
    #[schema(pattern = "^[A-Z]+(_[A-Z]+)*$")]
    code: &'static str,
    /// Human-readable message: the field, the value given, and what is accepted.
    message: String,
}

/// An error to be sent to the client.
#[derive(Debug)]
pub struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: String,
    /// Response header that belongs to the status.
    header: Option<(HeaderName, String)>,
    /// Response that was received before the error.
    response: Option<Box<RawValue>>,
}

impl ApiError {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            header: None,
            response: None,
        }
    }

    /// 400: the request itself is wrong.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "INVALID_REQUEST", message)
    }

    /// 401: the bearer token is missing or wrong.
    pub fn unauthorized() -> Self {
        let message = "the token is missing or wrong; send Authorization: Bearer TOKEN";
        let error = Self::new(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", message);
        Self {
            // RFC 9110, 11.6.1.
            header: Some((WWW_AUTHENTICATE, "Bearer realm=\"vayu\"".to_owned())),
            ..error
        }
    }

    /// 413: the body has more JSON values than the limit.
    pub fn too_many_values(limit: usize) -> Self {
        let message = format!("the JSON of the body has more than {limit} values");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE", message)
    }

    /// 429: too many wrong tokens came from the same address.
    pub fn too_many_attempts(seconds: u64) -> Self {
        let message = format!("too many wrong tokens came from this address; wait {seconds} s");
        let error = Self::new(StatusCode::TOO_MANY_REQUESTS, "TOO_MANY_ATTEMPTS", message);
        Self {
            header: Some((RETRY_AFTER, seconds.to_string())),
            ..error
        }
    }

    /// 403: the client, host or origin is not allowed.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "FORBIDDEN", message)
    }

    /// 404: no run has this id.
    pub fn run_not_found(id: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "RUN_NOT_FOUND",
            format!("there is no run \"{id}\""),
        )
    }

    /// 404: no collection has this id.
    pub fn collection_not_found(id: &str) -> Self {
        let message = format!("there is no collection \"{id}\"");
        Self::new(StatusCode::NOT_FOUND, "COLLECTION_NOT_FOUND", message)
    }

    /// 404: no saved request has this id.
    pub fn request_not_found(id: &str) -> Self {
        let message = format!("there is no saved request \"{id}\"");
        Self::new(StatusCode::NOT_FOUND, "REQUEST_NOT_FOUND", message)
    }

    /// 404: no environment has this id.
    pub fn environment_not_found(id: &str) -> Self {
        let message = format!("there is no environment \"{id}\"");
        Self::new(StatusCode::NOT_FOUND, "ENVIRONMENT_NOT_FOUND", message)
    }

    /// 404: the path names something that does not exist.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "NOT_FOUND", message)
    }

    /// 404: no route has this path.
    pub fn unknown_route(path: &str) -> Self {
        Self::not_found(format!("there is no route {path}"))
    }

    /// 405: the route does not support the method. `allowed` lists the supported ones in the form of `Allow`.
    pub fn method_not_allowed(method: &str, path: &str, allowed: &str) -> Self {
        let message = format!("{path} does not support {method}; use {allowed}");
        let code = "METHOD_NOT_ALLOWED";
        let error = Self::new(StatusCode::METHOD_NOT_ALLOWED, code, message);
        Self {
            header: Some((ALLOW, allowed.to_owned())),
            ..error
        }
    }

    /// 409: an active run cannot be deleted.
    pub fn run_active(id: &str) -> Self {
        let message = format!("run \"{id}\" is active; stop it first (POST /run/{id}/stop)");
        Self::new(StatusCode::CONFLICT, "RUN_ACTIVE", message)
    }

    /// 413: the body is larger than the limit.
    pub fn too_large(limit: usize) -> Self {
        let message = match limit / (1024 * 1024) {
            0 => format!("the body is larger than {} KiB", limit / 1024),
            mib => format!("the body is larger than {mib} MiB"),
        };
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE", message)
    }

    /// 408: the request was not received completely.
    pub fn unfinished(message: impl Into<String>) -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "REQUEST_TIMEOUT", message)
    }

    /// 431: the head of the request is larger than the parser's limit.
    pub fn head_too_large() -> Self {
        let status = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
        let message = "the head of the request has more than 128 KiB or 96 lines";
        Self::new(status, "HEADERS_TOO_LARGE", message)
    }

    /// 503: too many bytes are being received already.
    pub fn busy(message: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "BUSY", message)
    }

    /// 503: a run could not be stored now.
    pub fn not_ready(message: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "NOT_READY", message)
    }

    /// 500: an internal error. It is logged.
    pub fn internal(message: impl Into<String>) -> Self {
        let error = Self::new(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_ERROR", message);
        tracing::error!("{error}");
        error
    }
}

impl From<FieldError> for ApiError {
    fn from(error: FieldError) -> Self {
        let code = match error.mistake {
            FieldErrorKind::Request => "INVALID_REQUEST",
            FieldErrorKind::Url => "INVALID_URL",
            FieldErrorKind::Method => "INVALID_METHOD",
        };
        Self::new(StatusCode::BAD_REQUEST, code, error.to_string())
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Refused(error) => error.into(),
            other => Self::internal(other.to_string()),
        }
    }
}

impl From<DesignError> for ApiError {
    fn from(error: DesignError) -> Self {
        match error {
            DesignError::Refused(error) => error.into(),
            DesignError::Failed(failed) => {
                Self::new(StatusCode::BAD_GATEWAY, failed.code(), failed.message)
            }
            DesignError::Script { message, answer } => {
                let error = Self::new(StatusCode::BAD_REQUEST, "SCRIPT_ERROR", message);
                Self {
                    response: answer.and_then(|answer| to_raw_value(&answer).ok()),
                    ..error
                }
            }
            DesignError::Store(error) => error.into(),
            DesignError::Internal(message) => Self::internal(message),
        }
    }
}

impl From<StartError> for ApiError {
    fn from(error: StartError) -> Self {
        match error {
            StartError::TooMany(_) => {
                Self::new(StatusCode::CONFLICT, "TOO_MANY_RUNS", error.to_string())
            }
            StartError::Store(_) | StartError::Thread(_) => Self::internal(error.to_string()),
        }
    }
}

impl From<actix_web::error::BlockingError> for ApiError {
    fn from(error: actix_web::error::BlockingError) -> Self {
        Self::internal(error.to_string())
    }
}

impl ApiError {
    /// Returns the human-readable message.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Returns the response body as JSON text.
    pub fn to_json(&self) -> String {
        serde_json::to_string(&self.body()).expect("texts are always JSON")
    }

    fn body(&self) -> ErrorBody {
        ErrorBody {
            error: ErrorDetail {
                code: self.code,
                message: self.message.clone(),
            },
            response: self.response.clone(),
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status).json(self.body());
        if let Some((name, value)) = &self.header
            && let Ok(value) = HeaderValue::from_str(value)
        {
            response.headers_mut().insert(name.clone(), value);
        }
        response
    }
}
