//! Persistence: runs, their results and metrics, the saved workspace, and
//! settings, in one SQLite file.
//!
//! One thread writes, in batches; a few connections read. Callers block, so the
//! API calls this from threads that may. Rows of a run in progress are queued
//! and may be turned away, which is counted; everything else is committed when
//! the call returns. This is the only module that names diesel. It does not
//! know what the numbers mean, and it does not keep a second engine off the
//! file: that is the lock of the data directory.

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
pub use summaries::Measured;
pub use variables::{VariableChanges, VariablesOf};

/// The database of the engine. A clone is another handle on the same one.
///
/// When the last handle goes, everything queued is committed first.
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
}

struct Shared {
    /// Whether secrets are taken out of what is stored of runs.
    redacts: bool,
    queue: Queue,
    readers: Readers,
    next_metric_id: AtomicI64,
}

impl Store {
    /// Opens the database file `path`, or makes it and the folders above it.
    ///
    /// Runs the migrations the file lacks. Runs that a crash left pending or
    /// running become failed, but for those whose end was left beside the file,
    /// so no other engine may be using it.
    ///
    /// # Errors
    /// [`StoreError::Open`] and [`StoreError::Newer`], both naming the file.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Self::open_with(path, false)
    }

    /// The same; with `redacts`, secrets are taken out of what is stored of runs
    /// ([`crate::redact`]), which cannot be repeated from it then.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_with(path: &Path, redacts: bool) -> Result<Self, StoreError> {
        let mut connection = connection::open_first(path)?;
        let left = spill::left(path)?;
        checkpoints::end_unfinished(&mut connection, &left)
            .map_err(|error| StoreError::open(path, error))?;
        if !left.is_empty() {
            // The writer empties the file next: what is in the log only could be lost with the power.
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

    /// Whether secrets are taken out of what is stored of runs.
    fn redacts(&self) -> bool {
        self.shared.redacts
    }

    /// The text as it is to be stored of a run.
    fn of_a_run(&self, text: String) -> String {
        match self.redacts() {
            true => redacted(&text).into_owned(),
            false => text,
        }
    }

    /// A number for a metric row: greater than every one before it in this database.
    #[must_use]
    pub fn next_metric_id(&self) -> i64 {
        self.shared.next_metric_id.fetch_add(1, Ordering::Relaxed)
    }

    /// How many rows of a run were turned away or could not be written so far.
    ///
    /// Complete after a [`flush`](Self::flush); forgotten when the run is
    /// finished or deleted.
    #[must_use]
    pub fn lost_rows(&self, run_id: &str) -> LostRows {
        self.shared.queue.losses().of(run_id)
    }

    /// Waits until everything queued before is committed or given up.
    ///
    /// # Errors
    /// [`StoreError::Closed`], or the failure of the transaction it waited for.
    pub fn flush(&self) -> Result<(), StoreError> {
        self.shared.queue.perform(Job::Flush).map(drop)
    }

    /// How many jobs wait for the writer.
    #[must_use]
    pub fn queued(&self) -> usize {
        self.shared.queue.len()
    }

    /// Writes a row that means nothing, to learn whether rows can be written; waits for that at
    /// most so long.
    ///
    /// # Errors
    /// The failure of the transaction, or [`StoreError::Busy`].
    pub fn try_write(&self, patience: Duration) -> Result<(), StoreError> {
        let job = Job::Change(Box::new(settings::touch));
        self.shared.queue.perform_within(job, patience).map(drop)
    }

    /// Commits what is queued, folds the write-ahead log into the file and ends
    /// the writer. Other handles can still read; their writes fail.
    pub fn close(self) {
        self.shared.queue.close();
    }
}

#[cfg(test)]
mod tests;
