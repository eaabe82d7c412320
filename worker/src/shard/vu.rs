//! A virtual user: takes an arrival, gets a connection, makes the exchange, has
//! it recorded, and comes back for the next.

use std::future::{pending, poll_fn};
use std::rc::Rc;
use std::task::Poll;

use vayu_shared::outcome::ErrorClass;
use vayu_shared::units::{MILLISECOND, Nanos};

use super::dispatch::{Arrival, Next, VuSlot};
use super::recorder::{Stamps, timeout};
use super::run::ShardRun;
use crate::clock;
use crate::exchange::{ExchangeFailure, Progress, Response, Staleness, exchange};
use crate::net::{Connection, Deadline, Expiry, Failure, Lease};

/// How long a request to a name without an address takes to fail.
const UNRESOLVED_PAUSE: Nanos = MILLISECOND;

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
        while let Some(arrival) = self.next_arrival(run, now).await {
            run.issued();
            let ended = self.make(run).await;
            self.deadline.clear();
            now = match ended {
                Ended::Answered(stamps, response, lease) => {
                    finish(run, arrival, stamps, &response, lease);
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

    async fn next_arrival(&self, run: &ShardRun, now: Nanos) -> Option<Arrival> {
        let mut now = now;
        loop {
            match run.dispatch().next(&self.slot, now) {
                Next::Go(arrival) => return Some(arrival),
                Next::End => return None,
                Next::Wait => self.wake_up().await,
            }
            now = clock::now();
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
    async fn make(&self, run: &ShardRun) -> Ended {
        let mut retried = false;
        loop {
            let mut leased = match self.deadline.guard(run.pool().lease()).await {
                Ok(Some(lease)) => lease,
                Ok(None) | Err(_) => return Ended::Cancelled,
            };
            if retried {
                // Where one kept connection was stale, others may be: a new one decides.
                leased.connection = None;
            }
            match self.attempt(run, leased).await {
                Err(failure) if !retried && failure.may_retry(run) => {
                    retried = true;
                    run.recorder().counters().stale_retries += 1;
                }
                Err(failure) => return failure.ended,
                Ok(ended) => return ended,
            }
        }
    }

    async fn attempt(&self, run: &ShardRun, mut lease: Lease) -> Result<Ended, Attempt> {
        let mut stamps = Stamps {
            sent: clock::now(),
            ..Stamps::default()
        };
        let mut connection = match lease.connection.take() {
            Some(connection) => connection,
            None => {
                let began = stamps.sent;
                let opened = self.open(run, began).await?;
                stamps.sent = clock::now();
                stamps.connect = stamps.sent - began;
                opened
            }
        };
        self.progress.reset();
        self.deadline
            .set(stamps.sent + run.bounds().request_timeout);
        let exchanged = self
            .deadline
            .guard(exchange(&mut connection, run.request(), &self.progress))
            .await;
        run.count_bytes(self.progress.received());
        let reused = connection.reused;
        match exchanged {
            Ok(Ok(response)) => {
                stamps.ended = response.ended;
                stamps.first_byte = self.progress.first_byte().unwrap_or(response.ended);
                connection.reused = true;
                lease.connection = Some(connection);
                Ok(Ended::Answered(stamps, response, lease))
            }
            Ok(Err(failed)) => Err(Attempt::failed(failed, reused)),
            Err(expiry) => Err(Attempt::expired(expiry, self.late_phase())),
        }
    }

    async fn open(&self, run: &ShardRun, now: Nanos) -> Result<Connection, Attempt> {
        let Some(address) = run.next_address() else {
            return Err(self.unresolved(now).await);
        };
        self.deadline.set(now + run.bounds().connect_timeout);
        match self.deadline.guard(Connection::open(address)).await {
            Ok(Ok(connection)) => {
                run.recorder().counters().connects += 1;
                Ok(connection)
            }
            Ok(Err(failure)) => Err(Attempt::of(failure)),
            Err(expiry) => Err(Attempt::expired(expiry, ErrorClass::ConnectTimeout)),
        }
    }

    /// A request to a name without an address fails at no cost, so it takes a
    /// breath first: a virtual user must not spin.
    async fn unresolved(&self, now: Nanos) -> Attempt {
        self.deadline.set(now + UNRESOLVED_PAUSE);
        match self.deadline.guard(pending::<()>()).await {
            Err(Expiry::Cancelled) => Attempt::expired(Expiry::Cancelled, ErrorClass::Resolve),
            _ => Attempt::of(Failure::new(
                ErrorClass::Resolve,
                "the host name does not resolve",
            )),
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

fn finish(run: &ShardRun, arrival: Arrival, stamps: Stamps, response: &Response, lease: Lease) {
    let connection = lease
        .connection
        .as_ref()
        .expect("an answer came over a connection");
    run.recorder()
        .answered(arrival, stamps, response, connection.buffer.filled());
    if response.keep_alive {
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
            Expiry::Timeout => Self::of(timeout(class)),
            Expiry::Cancelled => Self {
                ended: Ended::Cancelled,
                stale: Staleness::No,
            },
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
