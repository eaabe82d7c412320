//! Errors of design requests, with the messages and codes of the API.

use vayu_shared::field_error::FieldError;
use vayu_shared::outcome::ErrorClass;
use vayu_shared::phases::PhaseTimings;
use vayu_shared::units::{MILLISECOND, Nanos};
use vayu_worker::single::SingleFailure;

use super::answer::DesignAnswer;
use crate::store::StoreError;

/// Error of a design request.
#[derive(Debug, thiserror::Error)]
pub enum DesignError {
    /// The request itself is invalid. Nothing was sent.
    #[error("{0}")]
    Refused(FieldError),
    /// The target or the network failed.
    #[error("{}", .0.message)]
    Failed(Box<Failed>),
    /// A script failed. A failure after the response includes the whole exchange.
    #[error("{message}")]
    Script {
        /// Which script failed, what happened, and where.
        message: String,
        /// The response received before the script failed.
        answer: Option<Box<DesignAnswer>>,
    },
    /// The store failed.
    #[error("{0}")]
    Store(StoreError),
    /// An internal error of the engine.
    #[error("{0}")]
    Internal(String),
}

/// A request that was sent and got no response.
#[derive(Clone, Debug)]
pub struct Failed {
    /// Which step failed.
    pub class: ErrorClass,
    /// Human-readable message: host, port, and the reason given by the system.
    pub message: String,
    /// Durations of the phases that were reached.
    pub phases: PhaseTimings,
    /// Whether the first hop led to the engine itself.
    pub is_own_target: bool,
}

impl Failed {
    /// Creates a failure that occurred before the exchange.
    pub fn new(class: ErrorClass, message: String) -> Self {
        Self {
            class,
            message,
            phases: PhaseTimings::default(),
            is_own_target: false,
        }
    }

    /// Creates a failure for an exceeded total timeout.
    pub fn timeout(timeout: Nanos, what: &str) -> Self {
        let message = format!(
            "Request timed out after {}ms: {what}",
            timeout / MILLISECOND
        );
        Self::new(ErrorClass::FirstByteTimeout, message)
    }

    /// Creates a failure from what a shard reported for the target `at`.
    pub fn of(failure: &SingleFailure, at: &str, timeout: Nanos) -> Self {
        let said = &failure.message;
        let message = match failure.class.wire_type() {
            "timeout" if failure.class == ErrorClass::ConnectTimeout => {
                format!("Connecting to {at} timed out: {said}")
            }
            "timeout" if failure.class == ErrorClass::TlsTimeout => {
                format!("The TLS handshake with {at} timed out: {said}")
            }
            "timeout" => {
                return Self::timeout(timeout, &format!("{said} ({at})")).class(failure.class);
            }
            "ssl_error" => format!("TLS with {at} failed: {said}"),
            "connection_failed" => match &failure.refusal {
                Some(head) => format!("{said} to {at}; it answered {}", first_line(head)),
                None => format!("Connecting to {at} failed: {said}"),
            },
            "connection_reset" => format!("The connection to {at} was reset: {said}"),
            "protocol_error" => format!("The response from {at} is not valid HTTP: {said}"),
            _ => format!("{at}: {said}"),
        };
        Self::new(failure.class, message)
    }

    fn class(mut self, class: ErrorClass) -> Self {
        self.class = class;
        self
    }

    /// Returns the error code of the API.
    pub fn code(&self) -> &'static str {
        match self.class.wire_type() {
            "dns_failed" => "DNS_ERROR",
            "ssl_error" => "SSL_ERROR",
            "timeout" => "TIMEOUT",
            _ => "CONNECTION_FAILED",
        }
    }
}

fn first_line(head: &[u8]) -> String {
    let line = head.split(|&byte| byte == b'\r').next().unwrap_or_default();
    String::from_utf8_lossy(line).into_owned()
}

impl DesignError {
    /// Creates an error for an invalid field.
    pub fn field(name: &str, problem: impl Into<String>) -> Self {
        Self::Refused(FieldError::new(name, problem))
    }

    /// Creates an error for a script that failed before anything was sent.
    pub fn script(name: &str, problem: &str) -> Self {
        Self::Script {
            message: format!("the {name} failed: {problem}"),
            answer: None,
        }
    }

    /// Creates an error for a post-request script that failed.
    pub fn after_script(problem: &str, answer: DesignAnswer) -> Self {
        Self::Script {
            message: format!("the test script failed: {problem}"),
            answer: Some(Box::new(answer)),
        }
    }

    /// Creates an error for an invalid URL. `problem` continues the sentence after the field name.
    pub fn url(problem: String) -> Self {
        Self::Refused(FieldError::url("url", problem))
    }
}

impl From<FieldError> for DesignError {
    fn from(error: FieldError) -> Self {
        Self::Refused(error)
    }
}

impl From<Failed> for DesignError {
    fn from(failed: Failed) -> Self {
        Self::Failed(Box::new(failed))
    }
}

impl From<StoreError> for DesignError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Refused(error) => Self::Refused(error),
            other => Self::Store(other),
        }
    }
}
