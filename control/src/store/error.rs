//! What can go wrong with the store, in words for the user.
//!
//! Three cases are ones a caller acts on, [`StoreError::DuplicateRun`],
//! [`StoreError::UnknownRun`] and [`StoreError::Refused`]; the others are told and
//! that is all. An error is cloned when one failed transaction has several callers
//! waiting for it.

use std::path::{Path, PathBuf};

use vayu_shared::field_error::FieldError;

/// Why the store did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be opened or created.
    #[error("cannot open the database {}: {reason}", path.display())]
    Open {
        /// The database file.
        path: PathBuf,
        /// The system's or SQLite's own words.
        reason: String,
    },
    /// The database has a migration that this program does not know.
    #[error(
        "the database {} was made by a newer version of Vayu (it has migration {migration}); \
         use that version, or another data directory, or put back the copy that was made before it was changed \
         (vayu-cli db restore; copies lie beside it as *.before-*.db)",
        path.display()
    )]
    Newer {
        /// The database file.
        path: PathBuf,
        /// The unknown migration.
        migration: String,
    },
    /// The id of a new run is taken.
    #[error("there is already a run with the id \"{0}\"")]
    DuplicateRun(String),
    /// No run has this id.
    #[error("there is no run with the id \"{0}\"")]
    UnknownRun(String),
    /// A field does not fit what is stored.
    #[error("{0}")]
    Refused(FieldError),
    /// SQLite refused, in its own words.
    #[error("the database reports: {0}")]
    Database(String),
    /// What is stored about a run cannot be understood.
    #[error("the stored summary of run \"{run_id}\" cannot be read: {reason}")]
    Unreadable {
        /// The run.
        run_id: String,
        /// What is wrong with it.
        reason: String,
    },
    /// All connections stayed in use for too long.
    #[error("the database is too busy")]
    Busy,
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
}

impl StoreError {
    /// The error of a database that could not be opened because of `reason`.
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
