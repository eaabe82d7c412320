//! Persistence of runs, their results and metrics, the saved workspace and settings, in one SQLite file.
//!
//! One thread writes, in batches; a few connections read. Calls block, so the API makes them on threads that
//! may block. Rows of an active run are queued and may be rejected, which is counted; everything else is
//! committed when the call returns. This is the only module that uses diesel. It does not interpret the
//! numbers, and it does not prevent a second engine from using the file: the lock of the data directory does
//! that.

mod changes;
mod checkpoints;
mod collections;
mod connection;
mod designs;
mod environments;
mod error;
mod histograms;
mod job;
mod json_text;
mod losses;
pub mod maintenance;
mod metrics;
mod migration_copy;
mod queue;
mod readers;
mod requests;
mod results;
mod retention;
mod room;
mod run_deletion;
mod run_rows;
mod runs;
mod schema;
mod series;
mod settings;
mod spill;
mod states;
mod summaries;
#[cfg(test)]
mod testing;
mod variables;
mod writer;
mod writes;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use job::Job;
use queue::Queue;
use readers::Readers;

use crate::redact::redacted;

pub use collections::{Collection, DeletedCollections};
pub use environments::{Environment, Globals};
pub use error::StoreError;
pub use histograms::{IntervalRow, NamedHistogram, NewInterval};
pub use losses::{LostRows, Queued};
pub use metrics::{Metric, NewMetric};
pub use requests::SavedRequest;
pub use results::{NewResult, ResultFilter, ResultOutcome, ResultRow};
pub use retention::{Candidates, Size};
pub use run_rows::CRASHED;
pub use runs::{FinishedRun, NewRun, Run, RunFilter, RunRows};
pub use series::Steps;
pub use settings::StoredSetting;
pub use states::{RunStatus, RunType};
pub use summaries::MeasuredColumns;
pub use variables::{VariableChanges, VariablesOf};

/// The database of the engine. A clone is another handle to the same database.
///
/// Dropping the last handle commits everything that is queued.
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
}

struct Shared {
    /// Whether secrets are redacted in stored runs.
    redacts: bool,
    queue: Queue,
    readers: Readers,
    next_metric_id: AtomicI64,
}

impl Store {
    /// Opens the database file `path`. Creates it and its parent directories if they do not exist.
    ///
    /// Runs pending migrations. Runs that a crash left pending or running become failed, except those whose
    /// end was kept in the spill file. No other engine may be using the file.
    ///
    /// # Errors
    /// Returns [`StoreError::Open`] or [`StoreError::Newer`], both of which name the file.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Self::open_with(path, false)
    }

    /// Opens the database like [`open`](Self::open). With `redacts`, secrets are redacted in stored runs
    /// ([`crate::redact`]), which cannot be repeated from the stored configuration then.
    ///
    /// # Errors
    /// The same as [`open`](Self::open).
    pub fn open_with(path: &Path, redacts: bool) -> Result<Self, StoreError> {
        let mut connection = connection::open_first(path)?;
        let left = spill::left(path)?;
        checkpoints::end_unfinished(&mut connection, &left)
            .map_err(|error| StoreError::open(path, error))?;
        if !left.is_empty() {
            // The writer clears the spill file next: what is only in the WAL could be lost in a power
            // failure.
            let fold = connection.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)");
            fold.map_err(|error| StoreError::open(path, error))?;
        }
        let next_metric_id =
            metrics::next_id(&mut connection).map_err(|error| StoreError::open(path, error))?;
        Ok(Self {
            shared: Arc::new(Shared {
                redacts,
                queue: Queue::start(path, connection)?,
                readers: Readers::new(path),
                next_metric_id: AtomicI64::new(next_metric_id),
            }),
        })
    }

    /// Returns whether secrets are redacted in stored runs.
    fn redacts(&self) -> bool {
        self.shared.redacts
    }

    /// Returns the text of a run as it is to be stored.
    fn of_a_run(&self, text: String) -> String {
        match self.redacts() {
            true => redacted(&text).into_owned(),
            false => text,
        }
    }

    /// Returns an id for a metric row, greater than every earlier one in this database.
    #[must_use]
    pub fn next_metric_id(&self) -> i64 {
        self.shared.next_metric_id.fetch_add(1, Ordering::Relaxed)
    }

    /// Returns how many rows of a run were rejected or could not be written so far.
    ///
    /// Complete after a [`flush`](Self::flush). Reset when the run is finished or deleted.
    #[must_use]
    pub fn lost_rows(&self, run_id: &str) -> LostRows {
        self.shared.queue.losses().of(run_id)
    }

    /// Waits until everything queued so far is committed or has failed.
    ///
    /// # Errors
    /// Returns [`StoreError::Closed`], or the error of the transaction it waited for.
    pub fn flush(&self) -> Result<(), StoreError> {
        self.shared.queue.perform(Job::Flush).map(drop)
    }

    /// Returns the number of jobs waiting for the writer.
    #[must_use]
    pub fn queued(&self) -> usize {
        self.shared.queue.len()
    }

    /// Writes a dummy row to check that rows can be written. Waits at most `patience`.
    ///
    /// # Errors
    /// Returns the error of the transaction, or [`StoreError::Busy`].
    pub fn try_write(&self, patience: Duration) -> Result<(), StoreError> {
        let job = Job::Change(Box::new(settings::touch));
        self.shared.queue.perform_within(job, patience).map(drop)
    }

    /// Commits everything that is queued, checkpoints the WAL and stops the writer. Other handles can still
    /// read; their writes fail.
    pub fn close(self) {
        self.shared.queue.close();
    }
}

#[cfg(test)]
mod tests;
