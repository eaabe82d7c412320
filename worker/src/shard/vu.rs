//! A virtual user: takes an arrival, gets a connection, makes the exchange, has
//! it recorded, and comes back for the next.

use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use vayu_shared::outcome::ErrorClass;
use vayu_shared::template::{NoVariables, Variables};
use vayu_shared::units::{Nanos, to_ms};

use super::dispatch::{Arrival, Next, VuSlot};
use super::opening::{Unopened, late, open};
use super::recorder::Stamps;
use super::run::ShardRun;
use super::scripting::{Before, ShardScripts, VuScripts, show_no_response, show_response};
use crate::clock;
use crate::exchange::{
    ExchangeFailure, Progress, Request, Response, Staleness, decoded_prefix, exchange,
};
use crate::net::{Deadline, Expiry, Failure, Lease};
use crate::script::ScriptContext;

/// One virtual user.
pub struct Vu {
    slot: Rc<VuSlot>,
    /// Its time limit, which the shard watches.
    pub deadline: Deadline,
    progress: Progress,
    /// What its scripts have, where there are any.
    scripts: Option<VuScripts>,
}

/// What one attempt sends.
#[derive(Clone, Copy)]
struct Sending<'a> {
    request: &'a Request,
    variables: &'a dyn Variables,
    /// When the request was taken up.
    begun: Nanos,
}

/// How an arrival ended.
enum Ended {
    Answered(Stamps, Response, Lease),
    Failed(Nanos, Failure),
    Cancelled,
}

impl Vu {
    /// The virtual user of a slot.
    pub fn new(slot: Rc<VuSlot>, scripts: Option<VuScripts>) -> Rc<Self> {
        Rc::new(Self {
            slot,
            scripts,
            deadline: Deadline::default(),
            progress: Progress::default(),
        })
    }

    /// Works until nothing comes any more.
    pub async fn work(&self, run: &Rc<ShardRun>) {
        if let (Some(scripts), Some(own)) = (run.scripts(), &self.scripts) {
            // What only some runs need is kept out of the task, whose every line the
            // kernel's work throws out of the cache between two requests.
            return Box::pin(self.work_scripted(run, scripts, own)).await;
        }
        let mut now = clock::now();
        while let Some(arrival) = self.next_arrival(run, &mut now).await {
            run.issued(arrival, now);
            let sending = Sending {
                request: run.request(),
                variables: &NoVariables,
                begun: now,
            };
            let ended = self.make(run, sending).await;
            self.deadline.clear();
            now = record(run, arrival, ended);
            run.ended();
        }
    }

    async fn work_scripted(&self, run: &Rc<ShardRun>, scripts: &ShardScripts, own: &VuScripts) {
        let mut now = clock::now();
        while let Some(arrival) = self.next_arrival(run, &mut now).await {
            run.issued(arrival, now);
            now = self.scripted(run, scripts, own, arrival).await;
            run.ended();
        }
    }

    /// Makes a request with the scripts around it; gives when it was through.
    async fn scripted(
        &self,
        run: &Rc<ShardRun>,
        scripts: &ShardScripts,
        own: &VuScripts,
        arrival: Arrival,
    ) -> Nanos {
        let mut iteration = scripts.begin(own);
        let changed = match scripts.before(&mut iteration, own, &self.deadline).await {
            Before::AsPlanned => None,
            Before::Changed(prepared) => {
                let scopes = own.take();
                let changed = run.request().instead(&prepared, &*scopes);
                own.put(scopes);
                Some(changed)
            }
            Before::Skipped => {
                run.recorder().counters().skipped += 1;
                scripts.end(iteration, own);
                return clock::now();
            }
        };
        let scopes = own.take();
        let sending = Sending {
            request: changed.as_ref().unwrap_or(run.request()),
            variables: &*scopes,
            begun: clock::now(),
        };
        let ended = self.make(run, sending).await;
        own.put(scopes);
        self.deadline.clear();
        let tests = !matches!(ended, Ended::Cancelled) && scripts.tests_next();
        let context = if tests {
            scripts.context(&mut iteration).await
        } else {
            None
        };
        let response = context.as_ref().and_then(|context| show(context, &ended));
        record(run, arrival, ended);
        if let Some(context) = context {
            scripts
                .after(context, &iteration, own, response, &self.deadline)
                .await;
        }
        scripts.end(iteration, own);
        clock::now()
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
    async fn make(&self, run: &ShardRun, sending: Sending<'_>) -> Ended {
        let mut stale: Option<Box<Attempt>> = None;
        loop {
            // Waiting for a place has no limit but the end of the run.
            self.deadline.clear();
            let leased = match run.pool().try_lease() {
                Some(lease) => Some(lease),
                None => self.wait_for_place(run).await,
            };
            let Some(mut leased) = leased else {
                return turned_away(run, stale);
            };
            if stale.is_some() {
                // Where one kept connection was stale, others may be: a new one decides.
                leased.connection = None;
            }
            match self.attempt(run, leased, sending).await {
                Err(failure) if stale.is_none() && failure.may_retry(sending.request) => {
                    stale = Some(failure);
                    run.recorder().counters().stale_retries += 1;
                }
                Err(failure) => return failure.ended,
                Ok(ended) => return ended,
            }
        }
    }

    /// None once the pool is closed or the run is over.
    async fn wait_for_place(&self, run: &ShardRun) -> Option<Lease> {
        let leased = self.deadline.guard(pin!(run.pool().lease())).await;
        leased.ok().flatten()
    }

    async fn attempt(
        &self,
        run: &ShardRun,
        mut lease: Lease,
        sending: Sending<'_>,
    ) -> Result<Ended, Box<Attempt>> {
        let mut stamps = Stamps::default();
        let mut waited = lease.waited;
        let mut connection = match lease.connection.take() {
            Some(connection) => connection,
            None => {
                // Larger than all the rest, and seldom needed.
                let opened = Box::pin(open(run, &self.deadline)).await;
                waited = true;
                let (connection, opening) = opened.map_err(Attempt::unopened)?;
                stamps.opening = opening;
                Box::new(connection)
            }
        };
        // When nothing was waited for, what lies between is the shard's own work, well
        // below a microsecond: it counts as the target's, and saves a look at the clock.
        if waited {
            stamps.sent = clock::now();
            stamps.blocked = stamps.sent - sending.begun;
        } else {
            stamps.sent = sending.begun;
        }
        self.progress.reset();
        self.deadline
            .set(stamps.sent + run.bounds().request_timeout);
        let exchanged = self
            .deadline
            .guard(pin!(exchange(
                &mut connection,
                sending.request,
                sending.variables,
                &self.progress,
            )))
            .await;
        run.count_bytes(self.progress.sent(), self.progress.received());
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
fn turned_away(run: &ShardRun, stale: Option<Box<Attempt>>) -> Ended {
    match stale {
        Some(failure) => failure.ended,
        None => {
            run.recorder().counters().turned_away += 1;
            Ended::Cancelled
        }
    }
}

/// Writes down how a request ended; gives when.
fn record(run: &ShardRun, arrival: Arrival, ended: Ended) -> Nanos {
    match ended {
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
    }
}

/// Shows a script the response, if there is one: its status and how long it took, in
/// milliseconds.
fn show(context: &ScriptContext, ended: &Ended) -> Option<(u16, f64)> {
    let Ended::Answered(stamps, response, lease) = ended else {
        show_no_response(context);
        return None;
    };
    let received = lease
        .connection
        .as_ref()
        .map_or(&[][..], |connection| connection.buffer.filled());
    let (head, body) = received.split_at(response.head_len.min(received.len()));
    if response.chunked {
        show_response(context, head, &decoded_prefix(body));
    } else {
        show_response(context, head, body);
    }
    let took = to_ms(stamps.ended.saturating_sub(stamps.sent));
    Some((response.status.code(), took))
}

fn finish(run: &ShardRun, arrival: Arrival, stamps: &Stamps, response: &Response, lease: Lease) {
    let connection = lease
        .connection
        .as_ref()
        .expect("an answer came over a connection");
    let received = connection.buffer.filled();
    run.recorder().answered(arrival, stamps, response, received);
    run.request().saw(stamps.sent, response, received);
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
    fn of(failure: Failure) -> Box<Self> {
        Self::looking(failure, Staleness::No)
    }

    // Boxed, or every answer would be handed on in the space that a failure takes.
    fn looking(failure: Failure, stale: Staleness) -> Box<Self> {
        Box::new(Self {
            ended: Ended::Failed(clock::now(), failure),
            stale,
        })
    }

    fn unopened(why: Unopened) -> Box<Self> {
        match why {
            Unopened::Failed(failure) => Self::of(failure),
            Unopened::Cancelled => Self::cancelled(),
        }
    }

    fn cancelled() -> Box<Self> {
        Box::new(Self {
            ended: Ended::Cancelled,
            stale: Staleness::No,
        })
    }

    fn failed(failed: ExchangeFailure, reused: bool) -> Box<Self> {
        let stale = if reused {
            failed.looks_stale
        } else {
            Staleness::No
        };
        Self::looking(failed.failure, stale)
    }

    fn expired(expiry: Expiry, class: ErrorClass) -> Box<Self> {
        match expiry {
            Expiry::Timeout => Self::of(late(class)),
            Expiry::Cancelled => Self::cancelled(),
        }
    }

    /// A request that may have been received is only sent again if that does no harm.
    fn may_retry(&self, request: &Request) -> bool {
        match self.stale {
            Staleness::No => false,
            Staleness::Perhaps => request.is_idempotent,
            Staleness::Unsent => true,
        }
    }
}
