//! The one thread that writes.
//!
//! It takes what is waiting, commits it in one immediate transaction and then
//! answers whoever waits. A job that breaks a rule of the schema is set apart
//! from the others of its transaction; a failure of the file (full, locked,
//! gone) fails the transaction, and the next one gets a fresh connection. The
//! thread itself outlives both.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};

use super::connection::open_writer;
use super::error::StoreError;
use super::job::{Answer, Job, Ticket};
use super::queue::Backlog;
use super::room::{self, Reserve};
use super::spill::Spill;

/// Rows of one transaction, more or less: a job is never split. Whoever waits for the next
/// one waits for milliseconds, or tenths of a second where the processor is taken.
const ROWS_PER_TRANSACTION: usize = 4_000;

pub(super) struct Writer {
    path: PathBuf,
    /// `None` after a failure of the file.
    connection: Option<SqliteConnection>,
    jobs: Receiver<Ticket>,
    backlog: Arc<Backlog>,
    reserve: Reserve,
    spill: Spill,
    /// Whether there may be pages to be given back, or no reserve.
    has_chores: bool,
    /// When the last warning about a failed write was logged.
    warned: Option<Instant>,
}

/// How long nobody has to want anything before room is given back.
const REST: Duration = Duration::from_millis(20);

/// Minimum time between two warnings about failed writes: on a full disk, every write fails.
const WARN_EVERY: Duration = Duration::from_secs(10);

/// Why a transaction was rolled back.
enum Failure {
    /// One job broke a rule of the schema; alone it would not harm the others.
    OfOneJob(StoreError),
    /// Nothing can be written at the moment.
    OfTheFile(StoreError),
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

    /// Works until the queue is closed and empty.
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

    /// Gives some room back, and makes the reserve once there is no more to give; whether there is more to do.
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
                    tracing::warn!(database = %self.path.display(), %error, "no room is given back");
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
            Err(Failure::OfOneJob(_)) if batch.len() > 1 => {
                for ticket in batch {
                    self.commit(vec![ticket]);
                }
            }
            Err(Failure::OfOneJob(error)) => self.give_up(batch, &error),
            Err(Failure::OfTheFile(error))
                if room::is_full(&error)
                    && batch.iter().any(|ticket| ticket.job.is_vital())
                    && self.reserve.release() =>
            {
                self.connection = None;
                self.commit(batch);
            }
            Err(Failure::OfTheFile(error)) => {
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
        // A full disk makes SQLite roll back by itself; diesel then reports only
        // that there was nothing left to roll back. The cause is kept aside.
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
        outcome.map_err(|error: Error| cause.unwrap_or(Failure::OfTheFile(error.into())))
    }

    fn connection(&mut self) -> Result<&mut SqliteConnection, Failure> {
        if self.connection.is_none() {
            self.connection = Some(open_writer(&self.path).map_err(Failure::OfTheFile)?);
        }
        Ok(self.connection.as_mut().expect("it was opened above"))
    }

    fn give_up(&mut self, batch: Vec<Ticket>, error: &StoreError) {
        // Whoever waits is told the reason; only rows that nobody waits for need the log.
        if batch.iter().any(|ticket| ticket.reply.is_none()) && self.may_warn() {
            tracing::error!(database = %self.path.display(), %error, "rows were not stored");
        }
        for ticket in batch {
            self.settle(ticket, Err(error.clone()));
        }
    }

    fn settle(&mut self, ticket: Ticket, answer: Answer) {
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
                // What is in the log only could be lost with the power.
                self.checkpoint();
                self.spill.clear();
            }
        }
        if let Some(reply) = ticket.reply {
            // Nobody listens any more: then nobody needs the answer.
            let _ = reply.send(answer);
        }
    }

    fn checkpoint(&mut self) {
        if let Some(connection) = &mut self.connection
            && let Err(error) = connection.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)")
        {
            tracing::warn!(database = %self.path.display(), %error, "the log was not folded in");
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
            Self::OfOneJob(refusal)
        } else {
            Self::OfTheFile(refusal)
        }
    }
}

#[cfg(test)]
mod tests;
