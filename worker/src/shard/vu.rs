//! A virtual user: takes an arrival, gets a connection, makes the exchange, has
//! it recorded, and comes back for the next.

use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

use vayu_shared::outcome::ErrorClass;
use vayu_shared::units::Nanos;

use super::dispatch::{Arrival, Next, VuSlot};
use super::opening::{Unopened, late, open};
use super::recorder::Stamps;
use super::run::ShardRun;
use crate::clock;
use crate::exchange::{ExchangeFailure, Progress, Response, Staleness, exchange};
use crate::net::{Deadline, Expiry, Failure, Lease};

/// One virtual user.
pub struct Vu {
    slot: Rc<VuSlot>,
    /// Its time limit, which the shard watches.
    pub deadline: Deadline,
    progress: Progress,
}

/// How an arrival ended.
enum Ended {
    Answered(Stamps, Response, Lease),
    Failed(Nanos, Failure),
    Cancelled,
}

impl Vu {
    /// The virtual user of a slot.
    pub fn new(slot: Rc<VuSlot>) -> Rc<Self> {
        Rc::new(Self {
            slot,
            deadline: Deadline::default(),
            progress: Progress::default(),
        })
    }

    /// Works until nothing comes any more.
    pub async fn work(&self, run: &Rc<ShardRun>) {
        let mut now = clock::now();
        while let Some(arrival) = self.next_arrival(run, &mut now).await {
            run.issued(arrival, now);
            let ended = self.make(run, now).await;
            self.deadline.clear();
            now = match ended {
                Ended::Answered(stamps, response, lease) => {
                    finish(run, arrival, &stamps, &response, lease);
                    stamps.ended
                }
                Ended::Failed(at, failure) => {
                    run.recorder().failed(arrival, at, failure);
                    at
                }
                Ended::Cancelled => {
                    run.recorder().cancelled();
                    clock::now()
                }
            };
            run.ended();
        }
    }

    /// The next arrival, and in `now` when it was taken up.
    async fn next_arrival(&self, run: &ShardRun, now: &mut Nanos) -> Option<Arrival> {
        loop {
            match run.dispatch().next(&self.slot, *now) {
                Next::Go(arrival) => return Some(arrival),
                Next::End => return None,
                Next::Wait => self.wake_up().await,
            }
            *now = clock::now();
        }
    }

    /// Sleeps until the dispatcher wakes this virtual user.
    async fn wake_up(&self) {
        let mut slept = false;
        poll_fn(|context| {
            if std::mem::replace(&mut slept, true) {
                return Poll::Ready(());
            }
            self.slot.wait(context.waker());
            Poll::Pending
        })
        .await;
    }

    /// Makes the request, once more if a kept connection was stale.
    async fn make(&self, run: &ShardRun, begun: Nanos) -> Ended {
        let mut stale: Option<Attempt> = None;
        loop {
            // Waiting for a place has no limit but the end of the run.
            self.deadline.clear();
            let mut leased = match self.deadline.guard(run.pool().lease()).await {
                Ok(Some(lease)) => lease,
                Ok(None) | Err(_) => return turned_away(run, stale),
            };
            if stale.is_some() {
                // Where one kept connection was stale, others may be: a new one decides.
                leased.connection = None;
            }
            match self.attempt(run, leased, begun).await {
                Err(failure) if stale.is_none() && failure.may_retry(run) => {
                    stale = Some(failure);
                    run.recorder().counters().stale_retries += 1;
                }
                Err(failure) => return failure.ended,
                Ok(ended) => return ended,
            }
        }
    }

    async fn attempt(
        &self,
        run: &ShardRun,
        mut lease: Lease,
        begun: Nanos,
    ) -> Result<Ended, Attempt> {
        let mut stamps = Stamps::default();
        let mut waited = lease.waited;
        let mut connection = match lease.connection.take() {
            Some(connection) => connection,
            None => {
                let opened = open(run, &self.deadline).await;
                waited = true;
                let (connection, opening) = opened.map_err(Attempt::unopened)?;
                stamps.opening = opening;
                connection
            }
        };
        stamps.sent = clock::now();
        // What lies between is the shard's own work when nothing was waited for.
        stamps.blocked = if waited { stamps.sent - begun } else { 0 };
        self.progress.reset();
        self.deadline
            .set(stamps.sent + run.bounds().request_timeout);
        let exchanged = self
            .deadline
            .guard(exchange(&mut connection, run.request(), &self.progress))
            .await;
        run.count_bytes(self.progress.received());
        let reused = connection.responses > 0;
        match exchanged {
            // The sweep that gives late steps up may itself be late.
            Ok(Ok(response)) if response.ended > stamps.sent + run.bounds().request_timeout => {
                let began = self.progress.first_byte().unwrap_or(response.ended);
                let began_late = began > stamps.sent + run.bounds().request_timeout;
                Err(Attempt::of(late(if began_late {
                    ErrorClass::FirstByteTimeout
                } else {
                    ErrorClass::BodyTimeout
                })))
            }
            Ok(Ok(response)) => {
                stamps.ended = response.ended;
                stamps.first_byte = self.progress.first_byte().unwrap_or(response.ended);
                connection.responses += 1;
                lease.connection = Some(connection);
                Ok(Ended::Answered(stamps, response, lease))
            }
            Ok(Err(failed)) => Err(Attempt::failed(failed, reused)),
            Err(expiry) => Err(Attempt::expired(expiry, self.late_phase())),
        }
    }

    /// What an exchange that ran out of time was waiting for.
    fn late_phase(&self) -> ErrorClass {
        match self.progress.first_byte() {
            None => ErrorClass::FirstByteTimeout,
            Some(_) => ErrorClass::BodyTimeout,
        }
    }
}

/// How a request ends that gets no connection any more: as the attempt before
/// did, or without having been sent.
fn turned_away(run: &ShardRun, stale: Option<Attempt>) -> Ended {
    match stale {
        Some(failure) => failure.ended,
        None => {
            run.recorder().counters().turned_away += 1;
            Ended::Cancelled
        }
    }
}

fn finish(run: &ShardRun, arrival: Arrival, stamps: &Stamps, response: &Response, lease: Lease) {
    let connection = lease
        .connection
        .as_ref()
        .expect("an answer came over a connection");
    run.recorder()
        .answered(arrival, stamps, response, connection.buffer.filled());
    if response.keep_alive && run.keeps(connection) {
        lease.give_back();
    }
}

/// A failed attempt, and whether it may be that the connection was merely stale.
struct Attempt {
    ended: Ended,
    stale: Staleness,
}

impl Attempt {
    fn of(failure: Failure) -> Self {
        Self {
            ended: Ended::Failed(clock::now(), failure),
            stale: Staleness::No,
        }
    }

    fn unopened(why: Unopened) -> Self {
        match why {
            Unopened::Failed(failure) => Self::of(failure),
            Unopened::Cancelled => Self::cancelled(),
        }
    }

    fn cancelled() -> Self {
        Self {
            ended: Ended::Cancelled,
            stale: Staleness::No,
        }
    }

    fn failed(failed: ExchangeFailure, reused: bool) -> Self {
        let stale = if reused {
            failed.looks_stale
        } else {
            Staleness::No
        };
        Self {
            stale,
            ..Self::of(failed.failure)
        }
    }

    fn expired(expiry: Expiry, class: ErrorClass) -> Self {
        match expiry {
            Expiry::Timeout => Self::of(late(class)),
            Expiry::Cancelled => Self::cancelled(),
        }
    }

    /// A request that may have been received is only sent again if that does no harm.
    fn may_retry(&self, run: &ShardRun) -> bool {
        match self.stale {
            Staleness::No => false,
            Staleness::Perhaps => run.request().is_idempotent,
            Staleness::Unsent => true,
        }
    }
}
