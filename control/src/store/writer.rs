//! The single writer thread.
//!
//! It takes the waiting jobs, commits them in one immediate transaction and then answers the callers. If a
//! job violates a constraint of the schema, each job of the transaction is retried on its own. A failure of
//! the file (full, locked, missing) fails the transaction, and the next one uses a new connection. The thread
//! survives both.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};

use super::connection::open_writer;
use super::error::StoreError;
use super::job::{Job, JobResult, Ticket};
use super::losses::Losses;
use super::room::{self, Reserve};
use super::spill::Spill;

/// State shared by both ends of the queue.
#[derive(Default)]
pub(super) struct Backlog {
    pub(super) bytes: AtomicUsize,
    pub(super) losses: Losses,
}

/// Approximate number of rows per transaction: a job is never split. A caller waits for the next transaction
/// for milliseconds, or tenths of a second if the CPU is busy.
const ROWS_PER_TRANSACTION: usize = 4_000;

pub(super) struct Writer {
    path: PathBuf,
    /// `None` after a failure of the file.
    connection: Option<SqliteConnection>,
    jobs: Receiver<Ticket>,
    backlog: Arc<Backlog>,
    reserve: Reserve,
    spill: Spill,
    /// Whether there may be pages to free, or the reserve is missing.
    has_chores: bool,
    /// Time of the last logged warning about a failed write.
    warned: Option<Instant>,
}

/// Idle time before free pages are returned.
const REST: Duration = Duration::from_millis(20);

/// Minimum interval between two warnings about failed writes: on a full disk, every write fails.
const WARN_EVERY: Duration = Duration::from_secs(10);

/// Why a transaction was rolled back.
enum Failure {
    /// One job violated a constraint of the schema. Other jobs are not affected.
    SingleJob(StoreError),
    /// Nothing can be written at present.
    DatabaseFile(StoreError),
}

impl Writer {
    pub(super) fn new(
        path: &Path,
        connection: SqliteConnection,
        jobs: Receiver<Ticket>,
        backlog: Arc<Backlog>,
    ) -> Self {
        Self {
            path: path.to_owned(),
            connection: Some(connection),
            jobs,
            backlog,
            reserve: Reserve::of(path),
            spill: Spill::of(path),
            has_chores: true,
            warned: None,
        }
    }

    /// Processes jobs until the queue is closed and empty.
    pub(super) fn run(mut self) {
        self.fill_reserves();
        loop {
            let next = if self.has_chores {
                self.jobs.recv_timeout(REST)
            } else {
                self.jobs.recv().map_err(RecvTimeoutError::from)
            };
            match next {
                Ok(first) => {
                    let batch = self.gather(first);
                    self.has_chores |= batch.iter().any(|ticket| ticket.job.is_vital());
                    self.commit(batch);
                }
                Err(RecvTimeoutError::Timeout) => self.has_chores = self.tidy_up(),
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        self.checkpoint();
    }

    /// Returns some free pages, and creates the reserves once none are left. Returns whether there is more to
    /// do.
    fn tidy_up(&mut self) -> bool {
        let Ok(connection) = self.connection() else {
            return false;
        };
        match room::give_back(connection) {
            Ok(true) => true,
            Ok(false) => {
                self.fill_reserves();
                false
            }
            Err(error) => {
                if self.may_warn() {
                    tracing::warn!(database = %self.path.display(), %error, "free pages could not be returned to the file system");
                }
                false
            }
        }
    }

    fn may_warn(&mut self) -> bool {
        let is_due = |last: Instant| last.elapsed() >= WARN_EVERY;
        let may = self.warned.is_none_or(is_due);
        if may {
            self.warned = Some(Instant::now());
        }
        may
    }

    fn fill_reserves(&mut self) {
        self.reserve.fill();
        self.spill.fill();
    }

    fn gather(&self, first: Ticket) -> Vec<Ticket> {
        let mut rows = first.job.rows();
        let mut batch = vec![first];
        while rows < ROWS_PER_TRANSACTION
            && let Ok(ticket) = self.jobs.try_recv()
        {
            rows += ticket.job.rows();
            batch.push(ticket);
        }
        batch
    }

    fn commit(&mut self, batch: Vec<Ticket>) {
        match self.transact(&batch) {
            Ok(counts) => {
                for (ticket, count) in batch.into_iter().zip(counts) {
                    self.settle(ticket, Ok(count));
                }
            }
            Err(Failure::SingleJob(_)) if batch.len() > 1 => {
                for ticket in batch {
                    self.commit(vec![ticket]);
                }
            }
            Err(Failure::SingleJob(error)) => self.give_up(batch, &error),
            Err(Failure::DatabaseFile(error))
                if room::is_full(&error)
                    && batch.iter().any(|ticket| ticket.job.is_vital())
                    && self.reserve.release() =>
            {
                self.connection = None;
                self.commit(batch);
            }
            Err(Failure::DatabaseFile(error)) => {
                self.connection = None;
                self.keep_ends(&batch);
                self.give_up(batch, &error);
            }
        }
    }

    fn keep_ends(&mut self, batch: &[Ticket]) {
        for ticket in batch {
            if let Job::Finish(ending) = &ticket.job {
                self.spill.keep(ending);
            }
        }
    }

    fn transact(&mut self, batch: &[Ticket]) -> Result<Vec<usize>, Failure> {
        // A full disk makes SQLite roll back by itself; diesel then reports only that there was nothing left
        // to roll back. So the original error is kept here.
        let mut cause = None;
        let outcome = self.connection()?.immediate_transaction(|connection| {
            let apply = |ticket: &Ticket| {
                ticket.job.apply(connection).map_err(|error| {
                    cause = Some(Failure::of(&ticket.job, error));
                    Error::RollbackTransaction
                })
            };
            batch.iter().map(apply).collect()
        });
        outcome.map_err(|error: Error| cause.unwrap_or(Failure::DatabaseFile(error.into())))
    }

    fn connection(&mut self) -> Result<&mut SqliteConnection, Failure> {
        if self.connection.is_none() {
            self.connection = Some(open_writer(&self.path).map_err(Failure::DatabaseFile)?);
        }
        Ok(self.connection.as_mut().expect("it was opened above"))
    }

    fn give_up(&mut self, batch: Vec<Ticket>, error: &StoreError) {
        // Callers that wait receive the error; only rows without a waiting caller need the log.
        if batch.iter().any(|ticket| ticket.reply.is_none()) && self.may_warn() {
            tracing::error!(database = %self.path.display(), %error, "rows were not stored");
        }
        for ticket in batch {
            self.settle(ticket, Err(error.clone()));
        }
    }

    fn settle(&mut self, ticket: Ticket, answer: JobResult) {
        self.backlog
            .bytes
            .fetch_sub(ticket.bytes, Ordering::Relaxed);
        let losses = &self.backlog.losses;
        if answer.is_err() {
            if let Some((run_id, rows)) = ticket.job.stake() {
                losses.add(run_id, rows);
            }
        } else if let Some(run_id) = ticket.job.closes() {
            losses.forget(run_id);
            if self.spill.settle(run_id) {
                // What is only in the WAL could be lost in a power failure.
                self.checkpoint();
                self.spill.clear();
            }
        }
        if let Some(reply) = ticket.reply {
            // If the receiver was dropped, the answer is not needed.
            let _ = reply.send(answer);
        }
    }

    fn checkpoint(&mut self) {
        if let Some(connection) = &mut self.connection
            && let Err(error) = connection.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)")
        {
            tracing::warn!(database = %self.path.display(), %error, "the WAL could not be checkpointed");
        }
    }
}

impl Failure {
    fn of(job: &Job, error: Error) -> Self {
        use DatabaseErrorKind::{
            CheckViolation, ForeignKeyViolation, NotNullViolation, UniqueViolation,
        };
        let breaks_a_rule = matches!(
            error,
            Error::DatabaseError(
                CheckViolation | ForeignKeyViolation | NotNullViolation | UniqueViolation,
                _
            ) | Error::SerializationError(_)
        );
        let refusal = job.refusal(error);
        if breaks_a_rule {
            Self::SingleJob(refusal)
        } else {
            Self::DatabaseFile(refusal)
        }
    }
}

#[cfg(test)]
mod tests;
