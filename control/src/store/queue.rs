//! The bounded queue in front of the writer, and the policy for when it is full.
//!
//! Calls that wait for their commit also wait for a free slot. Rows of an active run never wait: they are
//! rejected and counted. Results may use only part of the queue, so that a flood of them leaves capacity for
//! the few metrics.

use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};
use diesel::sqlite::SqliteConnection;

use super::error::StoreError;
use super::job::{Job, JobResult, Ticket};
use super::losses::{Losses, Queued};
use super::writer::{Backlog, Writer};

/// Maximum number of waiting jobs.
pub(super) const JOBS: usize = 4096;
/// Number of waiting jobs from which results are rejected.
const JOBS_BEFORE_RESULTS: usize = JOBS / 4 * 3;
/// Bytes of waiting results from which further results are rejected.
pub(super) const RESULT_BYTES: usize = 64 * 1024 * 1024;
/// Nice value of the writer thread: it gets about a tenth of a core that other threads compete for.
const NICE: i32 = 10;

pub(super) struct Queue {
    /// `None` once closed. The writer ends when the last sender is dropped.
    jobs: RwLock<Option<Sender<Ticket>>>,
    backlog: Arc<Backlog>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

impl Queue {
    /// Starts the writer on `connection`.
    pub(super) fn start(path: &Path, connection: SqliteConnection) -> Result<Self, StoreError> {
        let (sender, receiver) = bounded(JOBS);
        let backlog = Arc::new(Backlog::default());
        let writer = Writer::new(path, connection, receiver, Arc::clone(&backlog));
        let thread = thread::Builder::new()
            .name("vayu-store".into())
            .spawn(move || {
                lower_priority();
                writer.run();
            })
            .map_err(|error| StoreError::open(path, error))?;
        Ok(Self {
            jobs: RwLock::new(Some(sender)),
            backlog,
            writer: Mutex::new(Some(thread)),
        })
    }

    /// Queues a job and waits until it is committed.
    pub(super) fn perform(&self, job: Job) -> JobResult {
        let (ticket, answer) = awaited(job);
        let jobs = self.sender().ok_or(StoreError::Closed)?;
        jobs.send(ticket).map_err(|_| StoreError::Closed)?;
        answer.recv().map_err(|_| StoreError::Closed)?
    }

    /// Queues a job and waits at most `patience` for a free slot and the commit. The job may still be
    /// committed later.
    pub(super) fn perform_within(&self, job: Job, patience: Duration) -> JobResult {
        let (ticket, answer) = awaited(job);
        let jobs = self.sender().ok_or(StoreError::Closed)?;
        let deadline = Instant::now() + patience;
        jobs.send_deadline(ticket, deadline)
            .map_err(|_| StoreError::Busy)?;
        answer
            .recv_deadline(deadline)
            .map_err(|_| StoreError::Busy)?
    }

    /// Returns the number of waiting jobs.
    pub(super) fn len(&self) -> usize {
        self.sender().map_or(0, |jobs| jobs.len())
    }

    /// Queues rows of size `bytes` for the writer, if there is capacity.
    pub(super) fn offer(&self, job: Job, bytes: usize) -> Queued {
        let ticket = Ticket {
            job,
            bytes,
            reply: None,
        };
        match self.admit(ticket) {
            Ok(()) => Queued { turned_away: 0 },
            Err(ticket) => self.turn_away(&ticket.job),
        }
    }

    fn admit(&self, ticket: Ticket) -> Result<(), Ticket> {
        let Some(jobs) = self.sender() else {
            return Err(ticket);
        };
        let is_result = matches!(ticket.job, Job::Results(_));
        if is_result && !self.lets_results_in(&jobs) {
            return Err(ticket);
        }
        let bytes = ticket.bytes;
        self.backlog.bytes.fetch_add(bytes, Ordering::Relaxed);
        jobs.try_send(ticket).map_err(|refused| {
            self.backlog.bytes.fetch_sub(bytes, Ordering::Relaxed);
            refused.into_inner()
        })
    }

    fn lets_results_in(&self, jobs: &Sender<Ticket>) -> bool {
        jobs.len() < JOBS_BEFORE_RESULTS
            && self.backlog.bytes.load(Ordering::Relaxed) < RESULT_BYTES
    }

    fn turn_away(&self, job: &Job) -> Queued {
        if let Some((run_id, rows)) = job.stake()
            && self.backlog.losses.add(run_id, rows)
        {
            tracing::warn!(
                run_id,
                "rows arrive faster than they can be stored; some are dropped"
            );
        }
        Queued {
            turned_away: job.rows(),
        }
    }

    pub(super) fn losses(&self) -> &Losses {
        &self.backlog.losses
    }

    /// Lets the writer finish the queued jobs and waits for it to end.
    pub(super) fn close(&self) {
        let sender = self
            .jobs
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        drop(sender);
        let thread = self
            .writer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(thread) = thread
            && thread.join().is_err()
        {
            tracing::error!("the writer of the database ended in a panic");
        }
    }

    fn sender(&self) -> Option<Sender<Ticket>> {
        self.jobs
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// Creates a job that is waited for, and the receiver of its answer.
pub(super) fn awaited(job: Job) -> (Ticket, Receiver<JobResult>) {
    let (reply, answer) = bounded(1);
    let ticket = Ticket {
        job,
        bytes: 0,
        reply: Some(reply),
    };
    (ticket, answer)
}

/// Lowers the scheduling priority of the calling thread. If cores are scarce, for example because the target
/// shares one with the engine, storing every response would take a third of a core from what is measured.
/// Rows that do not fit into the queue are then thinned and counted.
fn lower_priority() {
    // Raising the nice value is always permitted. If it failed, the thread would still work.
    let _ = rustix::process::nice(NICE);
}

impl Drop for Queue {
    fn drop(&mut self) {
        self.close();
    }
}
