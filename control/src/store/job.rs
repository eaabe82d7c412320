//! All jobs of the writer, as a closed list.
//!
//! A job succeeds or fails as a unit: all of it is committed or nothing. The writer combines jobs into
//! transactions.

use crossbeam_channel::Sender;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};

use super::changes::Change;
use super::checkpoints::{self, Checkpoint};
use super::error::StoreError;
use super::histograms::{self, IntervalBatch};
use super::losses::LostRows;
use super::metrics::{self, MetricBatch};
use super::results::{self, ResultBatch};
use super::run_rows::{self, Ending};
use super::runs::NewRun;
use super::settings::{self, SettingRow};
use super::states::RunStatus;

pub(super) enum Job {
    InsertRun(Box<NewRun>),
    SetStatus { run_id: String, status: RunStatus },
    Finish(Box<Ending>),
    DeleteRun { run_id: String },
    Change(Change),
    Deletion(Change),
    PutSettings(Vec<SettingRow>),
    Results(ResultBatch),
    Metrics(MetricBatch),
    Intervals(IntervalBatch),
    Checkpoint(Box<Checkpoint>),
    Flush,
}

/// Number of rows changed by a job.
pub(super) type JobResult = Result<usize, StoreError>;

/// A job and its reply channel.
pub(super) struct Ticket {
    pub(super) job: Job,
    /// Size charged to the queue, in bytes.
    pub(super) bytes: usize,
    pub(super) reply: Option<Sender<JobResult>>,
}

impl Job {
    /// Executes the job. Returns the number of rows changed.
    pub(super) fn apply(&self, connection: &mut SqliteConnection) -> QueryResult<usize> {
        match self {
            Self::InsertRun(run) => run_rows::insert(connection, run),
            Self::SetStatus { run_id, status } => run_rows::set_status(connection, run_id, *status),
            Self::Finish(ending) => run_rows::finish(connection, ending),
            Self::DeleteRun { run_id } => run_rows::delete(connection, run_id),
            Self::Change(change) | Self::Deletion(change) => change(connection),
            Self::PutSettings(settings) => settings::put(connection, settings),
            Self::Results(batch) => results::insert(connection, batch),
            Self::Metrics(batch) => metrics::insert(connection, batch),
            Self::Intervals(batch) => histograms::insert_intervals(connection, batch),
            Self::Checkpoint(checkpoint) => checkpoints::put(connection, checkpoint),
            Self::Flush => Ok(0),
        }
    }

    /// Returns the number of rows the job adds to a transaction.
    pub(super) fn rows(&self) -> usize {
        match self {
            Self::Results(batch) => batch.rows.len(),
            Self::Metrics(batch) => batch.rows.len(),
            Self::Intervals(batch) => batch.rows.len(),
            _ => 1,
        }
    }

    /// Returns the run and the rows that are lost if this job fails.
    pub(super) fn stake(&self) -> Option<(&str, LostRows)> {
        let rows = self.rows() as u64;
        let mut lost = LostRows::default();
        let (run_id, kind) = match self {
            Self::Results(batch) => (&batch.run_id, &mut lost.results),
            Self::Metrics(batch) => (&batch.run_id, &mut lost.metrics),
            Self::Intervals(batch) => (&batch.run_id, &mut lost.intervals),
            _ => return None,
        };
        *kind = rows;
        Some((run_id, lost))
    }

    /// Returns whether the job may use the reserve of a full disk: it frees space, or stores data that cannot
    /// be measured again.
    pub(super) fn is_vital(&self) -> bool {
        matches!(
            self,
            Self::Finish(_) | Self::DeleteRun { .. } | Self::Deletion(_)
        )
    }

    /// Returns the run that is closed by this job.
    pub(super) fn closes(&self) -> Option<&str> {
        match self {
            Self::Finish(ending) => Some(&ending.run_id),
            Self::DeleteRun { run_id } => Some(run_id),
            _ => None,
        }
    }

    /// Converts an SQLite error of this job to the error for the caller.
    pub(super) fn refusal(&self, error: Error) -> StoreError {
        match (self, &error) {
            (Self::InsertRun(run), Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => {
                StoreError::DuplicateRun(run.id.clone())
            }
            _ => error.into(),
        }
    }
}
