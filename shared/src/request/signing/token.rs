//! The token of a load run, shared by shards and the control plane.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A token sent with the requests of a load run.
#[derive(Clone)]
pub struct RunToken {
    /// The value of `Authorization`.
    pub authorization: Arc<str>,
    /// Set once the target has responded with 401. Each token has its own flag, so that late responses to an
    /// earlier token do not affect this one.
    refused: Arc<AtomicBool>,
}

impl RunToken {
    /// Creates a token that has not been rejected.
    #[must_use]
    pub fn new(authorization: &str) -> Self {
        Self {
            authorization: authorization.into(),
            refused: Arc::default(),
        }
    }

    /// Marks the token as rejected by the target with 401.
    pub(super) fn reject(&self) {
        self.refused.store(true, Ordering::Relaxed);
    }

    /// Returns whether the target has rejected the token with 401.
    #[must_use]
    pub fn is_rejected(&self) -> bool {
        self.refused.load(Ordering::Relaxed)
    }
}

/// Omits the token.
impl fmt::Debug for RunToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RunToken")
            .field("refused", &self.refused)
            .finish_non_exhaustive()
    }
}
