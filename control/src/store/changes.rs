//! Changes of the saved workspace: each reads what is stored, then writes or refuses, in one transaction.
//!
//! Each change has its own result type, so it is a function and not a variant of `Job`. It may be called more
//! than once if the transaction has to be retried. Other jobs share the transaction: a change that refuses
//! must not have written anything.

use std::sync::{Arc, Mutex, PoisonError};

use diesel::prelude::*;
use diesel::result::Error;
use vayu_shared::field_error::FieldError;

use super::job::Job;
use super::{Store, StoreError};

/// A change as seen by the writer. Returns 1, whether it was made or refused.
pub(super) type Change = Box<dyn Fn(&mut SqliteConnection) -> QueryResult<usize> + Send>;

/// Why a change was not made.
pub(super) enum ChangeError {
    /// It conflicts with what is stored.
    Refused(FieldError),
    /// The database failed.
    Failed(Error),
}

impl Store {
    /// Makes a change. It is committed when this returns.
    ///
    /// # Errors
    /// Returns [`StoreError::Refused`] if the change conflicts with what is stored.
    pub(super) fn change<T: Send + 'static>(
        &self,
        change: impl Fn(&mut SqliteConnection) -> Result<T, ChangeError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.perform_change(Job::Change, change)
    }

    /// Makes a change that frees space, and may therefore use the reserve of a full disk.
    ///
    /// # Errors
    /// The same as [`Self::change`].
    pub(super) fn deletion<T: Send + 'static>(
        &self,
        change: impl Fn(&mut SqliteConnection) -> Result<T, ChangeError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.perform_change(Job::Deletion, change)
    }

    fn perform_change<T: Send + 'static>(
        &self,
        job: fn(Change) -> Job,
        change: impl Fn(&mut SqliteConnection) -> Result<T, ChangeError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let result = Arc::new(Mutex::new(None));
        let kept = Arc::clone(&result);
        let job = job(Box::new(move |connection| {
            let outcome = match change(connection) {
                Ok(value) => Ok(value),
                Err(ChangeError::Refused(error)) => Err(StoreError::Refused(error)),
                Err(ChangeError::Failed(error)) => return Err(error),
            };
            *kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
            Ok(1)
        }));
        self.shared.queue.perform(job)?;
        let outcome = result.lock().unwrap_or_else(PoisonError::into_inner).take();
        outcome.expect("a change leaves its result before it is committed")
    }
}

impl From<Error> for ChangeError {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<FieldError> for ChangeError {
    fn from(error: FieldError) -> Self {
        Self::Refused(error)
    }
}
