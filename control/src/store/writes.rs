//! What the store accepts for writing: each method makes a job of the writer. Methods named `queue_…` never block; the
//! others return when their job is committed. What a job does is with its rows.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use diesel::SqliteConnection;

use super::changes::{Change, ChangeError};
use super::checkpoints::Checkpoint;
use super::histograms::{IntervalBatch, NewInterval};
use super::job::Job;
use super::metrics::{MetricBatch, NewMetric};
use super::results::{NewResult, ResultBatch};
use super::run_rows::Ending;
use super::runs::{FinishedRun, NewRun};
use super::settings::SettingRow;
use super::states::RunStatus;
use super::{MeasuredColumns, Queued, Store, StoreError};
use crate::wall_clock::now_ms;

impl Store {
    /// Stores a new run. It is committed when this returns.
    ///
    /// # Errors
    /// Returns [`StoreError::DuplicateRun`] if the id exists.
    pub fn insert_run(&self, run: NewRun) -> Result<(), StoreError> {
        let run = run.linked();
        let run = NewRun {
            config_snapshot: self.of_a_run(run.config_snapshot),
            ..run
        };
        let job = Job::InsertRun(Box::new(run));
        self.shared.queue.perform(job).map(drop)
    }

    /// Sets the status of a run. It is committed when this returns.
    ///
    /// # Errors
    /// Returns [`StoreError::UnknownRun`] if the run does not exist.
    pub fn set_run_status(&self, id: &str, status: RunStatus) -> Result<(), StoreError> {
        let job = Job::SetStatus {
            run_id: id.to_owned(),
            status,
        };
        self.change_run(id, job)
    }

    /// Stores the end of a run, all of it in one transaction and after every row queued before. It is
    /// committed when this returns.
    ///
    /// # Errors
    /// Returns [`StoreError::UnknownRun`] if the run does not exist.
    pub fn finish_run(&self, finish: FinishedRun) -> Result<(), StoreError> {
        let id = finish.id.clone();
        self.change_run(&id, Job::Finish(Box::new(Ending::new(finish))))
    }

    /// Deletes a run and everything that belongs to it. Returns whether it existed.
    ///
    /// # Errors
    /// Returns an error if the database fails.
    pub fn delete_run(&self, id: &str) -> Result<bool, StoreError> {
        let job = Job::DeleteRun {
            run_id: id.to_owned(),
        };
        Ok(self.shared.queue.perform(job)? > 0)
    }

    fn change_run(&self, id: &str, job: Job) -> Result<(), StoreError> {
        match self.shared.queue.perform(job)? {
            0 => Err(StoreError::UnknownRun(id.to_owned())),
            _ => Ok(()),
        }
    }

    /// Queues results of a run to be stored, all of them or none.
    ///
    /// Never blocks. Rejected rows are counted in [`lost_rows`](Self::lost_rows).
    pub fn queue_results(&self, run_id: &str, rows: Vec<NewResult>) -> Queued {
        let rows: Vec<NewResult> = match self.redacts() {
            true => rows
                .into_iter()
                .map(|row| self.without_secrets(row))
                .collect(),
            false => rows,
        };
        let bytes = rows.iter().map(NewResult::bytes).sum();
        let batch = ResultBatch::new(run_id, rows);
        self.shared.queue.offer(Job::Results(batch), bytes)
    }

    /// Returns a result as it is to be stored.
    fn without_secrets(&self, row: NewResult) -> NewResult {
        NewResult {
            trace: row.trace.map(|trace| self.of_a_run(trace)),
            ..row
        }
    }

    /// Queues metrics of a run to be stored, all of them or none.
    ///
    /// Never blocks. Rejected rows are counted in [`lost_rows`](Self::lost_rows).
    pub fn queue_metrics(&self, run_id: &str, rows: Vec<NewMetric>) -> Queued {
        let batch = MetricBatch {
            run_id: run_id.to_owned(),
            rows,
        };
        // A run has a handful of these per second, so the limit on the number of jobs suffices.
        self.shared.queue.offer(Job::Metrics(batch), 0)
    }

    /// Queues distributions of intervals to be stored, all of them or none.
    ///
    /// Never blocks. Rejected rows are counted in [`lost_rows`](Self::lost_rows).
    pub fn queue_intervals(&self, run_id: &str, rows: Vec<NewInterval>) -> Queued {
        let batch = IntervalBatch {
            run_id: run_id.to_owned(),
            rows,
        };
        // A run has a handful of these per second, so the limit on the number of jobs suffices.
        self.shared.queue.offer(Job::Intervals(batch), 0)
    }

    /// Queues what a run has measured so far to be stored, replacing its previous checkpoint. `alive_at` is
    /// the current time, in milliseconds since 1970. The verdict in the summary is that of a run which ends
    /// now.
    ///
    /// Never blocks. If the queue is full, the previous checkpoint is kept.
    pub fn queue_checkpoint(
        &self,
        run_id: &str,
        alive_at: i64,
        measured: &MeasuredColumns,
    ) -> Queued {
        let checkpoint = Checkpoint::new(run_id, alive_at, measured);
        self.shared
            .queue
            .offer(Job::Checkpoint(Box::new(checkpoint)), 0)
    }

    /// Stores values by key, replacing earlier ones, all of them or none. They are committed when this
    /// returns.
    ///
    /// # Errors
    /// Returns an error if the database fails.
    pub fn put_settings(&self, settings: &BTreeMap<String, String>) -> Result<(), StoreError> {
        let updated_at = now_ms();
        let rows = settings
            .iter()
            .map(|(key, value)| SettingRow::new(key, value, updated_at));
        let job = Job::PutSettings(rows.collect());
        self.shared.queue.perform(job).map(drop)
    }

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
