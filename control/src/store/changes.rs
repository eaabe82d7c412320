//! Changes of the saved workspace: each reads what is stored, then writes or refuses, in one transaction.
//!
//! Each change has its own result type, so it is a function and not a variant of `Job`. It may be called more
//! than once if the transaction has to be retried. Other jobs share the transaction: a change that refuses
//! must not have written anything.

use diesel::prelude::*;
use diesel::result::Error;
use vayu_shared::field_error::FieldError;

/// A change as seen by the writer. Returns 1, whether it was made or refused.
pub(super) type Change = Box<dyn Fn(&mut SqliteConnection) -> QueryResult<usize> + Send>;

/// Why a change was not made.
pub(super) enum ChangeError {
    /// It conflicts with what is stored.
    Refused(FieldError),
    /// The database failed.
    Failed(Error),
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
