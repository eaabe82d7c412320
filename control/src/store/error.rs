//! Errors of the store, with messages for the user.
//!
//! Callers handle three variants: [`StoreError::DuplicateRun`], [`StoreError::UnknownRun`] and
//! [`StoreError::Refused`]. The others are only reported. An error is cloned if several callers wait for one
//! failed transaction.

use std::path::{Path, PathBuf};

use vayu_shared::field_error::FieldError;

/// Error of a store operation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be opened or created.
    #[error("cannot open the database {}: {reason}", path.display())]
    Open {
        /// The database file.
        path: PathBuf,
        /// The reason given by the system or SQLite.
        reason: String,
    },
    /// The database has a migration that is unknown to this program.
    #[error(
        "the database {} was created by a newer version of Vayu (migration {migration}); \
         use that version, use another data directory, or restore the copy made before the migration \
         (vayu-cli db restore; copies lie beside it as *.before-*.db)",
        path.display()
    )]
    Newer {
        /// The database file.
        path: PathBuf,
        /// The unknown migration.
        migration: String,
    },
    /// The id of a new run exists already.
    #[error("there is already a run with the id \"{0}\"")]
    DuplicateRun(String),
    /// No run has this id.
    #[error("there is no run with the id \"{0}\"")]
    UnknownRun(String),
    /// A field conflicts with what is stored.
    #[error("{0}")]
    Refused(FieldError),
    /// SQLite reported an error.
    #[error("the database reports: {0}")]
    Database(String),
    /// The stored summary of a run cannot be parsed.
    #[error("the stored summary of run \"{run_id}\" cannot be read: {reason}")]
    Unreadable {
        /// Id of the run.
        run_id: String,
        /// The parse error.
        reason: String,
    },
    /// All connections, or the writer, were busy for too long.
    #[error("the database is too busy")]
    Busy,
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
}

impl StoreError {
    /// Creates the error for a database that could not be opened because of `reason`.
    pub(super) fn open(path: &Path, reason: impl ToString) -> Self {
        Self::Open {
            path: path.to_owned(),
            reason: reason.to_string(),
        }
    }
}

impl From<diesel::result::Error> for StoreError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.to_string())
    }
}
