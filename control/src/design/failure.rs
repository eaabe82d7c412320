//! Why a design request has no answer, in the words and codes of the API.

use vayu_shared::field_error::FieldError;
use vayu_shared::outcome::ErrorClass;
use vayu_shared::phases::PhaseTimings;
use vayu_shared::units::{MILLISECOND, Nanos};
use vayu_worker::single::SingleFailure;

use super::answer::DesignAnswer;
use crate::store::StoreError;

/// See the module.
#[derive(Debug, thiserror::Error)]
pub enum DesignError {
    /// What was wrong with the request itself; nothing was sent.
    #[error("{0}")]
    Refused(FieldError),
    /// The target, or the way to it.
    #[error("{}", .0.message)]
    Failed(Box<Failed>),
    /// A script; the whole exchange is there when it failed after it.
    #[error("{message}")]
    Script {
        /// Which one, what happened, and where.
        message: String,
        /// What was answered before it failed.
        answer: Option<Box<DesignAnswer>>,
    },
    /// The store.
    #[error("{0}")]
    Store(StoreError),
    /// Something in the engine.
    #[error("{0}")]
    Internal(String),
}

/// A request that was made and got no answer.
#[derive(Clone, Debug)]
pub struct Failed {
    /// Which step failed.
    pub class: ErrorClass,
    /// What to look at: host, port, and the system's own reason.
    pub message: String,
    /// How long the phases took that it came to.
    pub phases: PhaseTimings,
    /// Whether the first hop led to the engine itself.
    pub is_own_target: bool,
}

impl Failed {
    /// A failure before there was an exchange.
    pub fn new(class: ErrorClass, message: String) -> Self {
        Self {
            class,
            message,
            phases: PhaseTimings::default(),
            is_own_target: false,
        }
    }

    /// All the time there was is over.
    pub fn timeout(timeout: Nanos, what: &str) -> Self {
        let message = format!(
            "Request timed out after {}ms: {what}",
            timeout / MILLISECOND
        );
        Self::new(ErrorClass::FirstByteTimeout, message)
    }

    /// What a shard found, of the target `at`.
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
            "connection_reset" => format!("The connection to {at} broke: {said}"),
            "protocol_error" => format!("The answer of {at} cannot be read: {said}"),
            _ => format!("{at}: {said}"),
        };
        Self::new(failure.class, message)
    }

    fn class(mut self, class: ErrorClass) -> Self {
        self.class = class;
        self
    }

    /// The code of the API.
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
    /// A field that is wrong.
    pub fn field(name: &str, problem: impl Into<String>) -> Self {
        Self::Refused(FieldError::new(name, problem))
    }

    /// A script that failed before anything was sent.
    pub fn script(name: &str, problem: &str) -> Self {
        Self::Script {
            message: format!("the {name} failed: {problem}"),
            answer: None,
        }
    }

    /// The script after a response failed.
    pub fn after_script(problem: &str, answer: DesignAnswer) -> Self {
        Self::Script {
            message: format!("the test script failed: {problem}"),
            answer: Some(Box::new(answer)),
        }
    }

    /// A URL that is wrong; `problem` reads on after its name.
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
