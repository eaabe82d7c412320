//! The token of a load run, as shards and the control plane share it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A token that requests of a load run carry.
#[derive(Clone)]
pub struct RunToken {
    /// The value of `Authorization`.
    pub authorization: Arc<str>,
    /// Set once the target has answered 401 to it. Each token has a flag of its own, so
    /// that late answers to an earlier one say nothing about this one.
    refused: Arc<AtomicBool>,
}

impl RunToken {
    /// A token that nobody has refused yet.
    #[must_use]
    pub fn new(authorization: &str) -> Self {
        Self {
            authorization: authorization.into(),
            refused: Arc::default(),
        }
    }

    /// Tells that the target has answered 401 to it.
    pub(super) fn refuse(&self) {
        self.refused.store(true, Ordering::Relaxed);
    }

    /// Whether the target has answered 401 to it.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.refused.load(Ordering::Relaxed)
    }
}

/// Without the token.
impl fmt::Debug for RunToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RunToken")
            .field("refused", &self.refused)
            .finish_non_exhaustive()
    }
}
