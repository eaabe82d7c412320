//! A virtual user: takes an arrival, leases a connection, performs the exchange, has it recorded, and
//! repeats.

use std::pin::pin;
use std::rc::Rc;

use vayu_shared::outcome::ErrorClass;
use vayu_shared::phases::PhaseTimings;
use vayu_shared::template::{NoVariables, Variables};
use vayu_shared::units::{Nanos, to_ms};

use super::arrival::Arrival;
use super::attempt::{Attempt, AttemptEnd, AttemptStart, discard_stale};
use super::dispatch::Next;
use super::opening::{late, open};
use super::recorder::Stamps;
use super::run::ShardRun;
use super::scripting::{Before, ShardScripts, VuScripts, show_no_response, show_response};
use super::slot::VuSlot;
use super::workload::ShardStep;
use crate::clock;
use crate::exchange::{Progress, Request, Response, exchange};
use crate::net::{Deadline, Lease};
use crate::script::ScriptContext;

/// One virtual user.
pub struct Vu {
    slot: Rc<VuSlot>,
    /// Its time limit, which the shard checks.
    pub deadline: Deadline,
    progress: Progress,
    /// Its script state; `None` without scripts.
    scripts: Option<VuScripts>,
}

/// What one attempt sends.
#[derive(Clone, Copy)]
struct Sending<'a> {
    step: &'a ShardStep,
    /// The step's request, or one that replaces it.
    request: &'a Request,
    variables: &'a dyn Variables,
    /// When the virtual user took up the request.
    begun: Nanos,
}

impl Vu {
    /// Creates the virtual user of a slot.
    pub fn new(slot: Rc<VuSlot>, scripts: Option<VuScripts>) -> Rc<Self> {
        Rc::new(Self {
            slot,
            scripts,
            deadline: Deadline::default(),
            progress: Progress::default(),
        })
    }

    /// Works until there are no more arrivals. Returns the lifetime of the virtual user.
    pub async fn work(&self, run: &Rc<ShardRun>) -> Nanos {
        if let (Some(scripts), Some(own)) = (run.scripts(), &self.scripts) {
            // Boxed to keep what only some runs need out of the task, because the kernel's work evicts every
            // cache line of the task between two requests.
            return Box::pin(self.work_scripted(run, scripts, own)).await;
        }
        let began = clock::now();
        let mut now = began;
        while let Some(arrival) = self.next_arrival(run, &mut now).await {
            run.issued(arrival, now);
            let mut next = Some((arrival, run.workload().first()));
            while let Some((arrival, step)) = next {
                let sending = Sending {
                    step,
                    request: &step.request,
                    variables: &NoVariables,
                    begun: now,
                };
                let ended = self.make(run, sending).await;
                self.deadline.clear();
                let is_over = matches!(ended, AttemptEnd::Cancelled);
                now = record(run, step, arrival, ended);
                next = run.next_step(step, now, is_over);
            }
            run.ended();
        }
        now - began
    }

    async fn work_scripted(
        &self,
        run: &Rc<ShardRun>,
        scripts: &ShardScripts,
        own: &VuScripts,
    ) -> Nanos {
        let began = clock::now();
        let mut now = began;
        while let Some(arrival) = self.next_arrival(run, &mut now).await {
            run.issued(arrival, now);
            let mut next = Some((arrival, run.workload().first()));
            while let Some(due) = next {
                let (requested, is_over) = self.scripted(run, scripts, own, due).await;
                let ended = clock::now();
                let in_scripts = (ended - now).saturating_sub(requested);
                run.recorder().counters().scripted_time.add(in_scripts);
                now = ended;
                next = run.next_step(due.1, now, is_over);
            }
            run.ended();
        }
        now - began
    }

    /// Executes a request with the scripts around it. Returns how long the request alone took, and whether
    /// the run is over.
    async fn scripted(
        &self,
        run: &Rc<ShardRun>,
        scripts: &ShardScripts,
        own: &VuScripts,
        (arrival, step): (Arrival, &ShardStep),
    ) -> (Nanos, bool) {
        let mut iteration = scripts.begin(own);
        let changed = match scripts.before(&mut iteration, own, &self.deadline).await {
            Before::AsPlanned => None,
            Before::Changed(request) => Some(step.request.instead(&request, &*own.variables())),
            Before::Skipped => {
                run.recorder().counters().skipped += 1;
                scripts.end(iteration, own);
                return (0, false);
            }
        };
        let variables = own.variables();
        let begun = clock::now();
        let sending = Sending {
            step,
            request: changed.as_ref().unwrap_or(&step.request),
            variables: &*variables,
            begun,
        };
        let ended = self.make(run, sending).await;
        drop(variables);
        self.deadline.clear();
        let is_over = matches!(ended, AttemptEnd::Cancelled);
        let tests = !is_over && scripts.tests_next();
        let context = if tests {
            scripts.context(&mut iteration).await
        } else {
            None
        };
        let mut sent = self.progress.take_sent();
        let response = context.as_ref().and_then(|context| show(context, &ended));
        let took = record(run, step, arrival, ended).saturating_sub(begun);
        if let Some(context) = context {
            context.state().sent = sent.take();
            sent = scripts
                .after(context, &iteration, own, response, &self.deadline)
                .await;
        }
        if let Some(sent) = sent {
            step.request.give_back(sent);
        }
        scripts.end(iteration, own);
        (took, is_over)
    }

    /// Returns the next arrival, and sets `now` to the time it was taken up.
    async fn next_arrival(&self, run: &ShardRun, now: &mut Nanos) -> Option<Arrival> {
        loop {
            match run.dispatch().next(&self.slot, *now) {
                Next::Go(arrival) => return Some(arrival),
                Next::End => return None,
                Next::Wait => self.slot.called().await,
            }
            *now = clock::now();
        }
    }

    /// Executes the request, and retries it once if a kept-alive connection was stale.
    async fn make(&self, run: &ShardRun, sending: Sending<'_>) -> AttemptEnd {
        let mut stale: Option<Box<Attempt>> = None;
        loop {
            // Waiting for a slot in the pool is limited only by the end of the run. For a retry, the time
            // limit of the first attempt still applies.
            let first = stale.as_ref().map(|stale| stale.begun);
            let until = time_limit(run, first);
            self.deadline.set(until);
            let origin = sending.step.origin;
            let leased = match run.pool().try_lease(origin) {
                Some(lease) => Some(lease),
                None => self.wait_for_place(run, origin).await,
            };
            let Some(mut leased) = leased else {
                return turned_away(run, stale);
            };
            if stale.is_some() {
                if clock::now() >= until {
                    return turned_away(run, stale);
                }
                // If one kept-alive connection was stale, others may be, too: a new one is conclusive.
                leased.connection = None;
                run.recorder().counters().stale_retries += 1;
            }
            match self.attempt(run, leased, sending, first).await {
                Err(failure) if stale.is_none() && failure.may_retry(run, sending.request) => {
                    stale = Some(failure);
                }
                Err(failure) => {
                    run.recorder().counters().new_connection_failures +=
                        u64::from(failure.is_of_new_connection);
                    return failure.ended;
                }
                Ok(ended) => return ended,
            }
        }
    }

    /// Returns `None` once the pool is closed or the run is over.
    async fn wait_for_place(&self, run: &ShardRun, origin: usize) -> Option<Lease> {
        let leased = self.deadline.guard(pin!(run.pool().lease(origin))).await;
        leased.ok().flatten()
    }

    /// Sends the request over a leased connection or a new one. `first` is the start of a previous attempt,
    /// whose time is part of the request's.
    async fn attempt(
        &self,
        run: &ShardRun,
        mut lease: Lease,
        sending: Sending<'_>,
        first: Option<AttemptStart>,
    ) -> Result<AttemptEnd, Box<Attempt>> {
        let mut stamps = Stamps::default();
        let mut waited = lease.waited;
        discard_stale(run, &mut lease, sending.begun);
        let mut connection = match lease.connection.take() {
            Some(connection) => connection,
            None => {
                // Boxed, because it is larger than the rest of the task and rarely needed.
                let until = time_limit(run, first);
                let origin = run.origin(sending.step.origin);
                let opened = Box::pin(open(run, origin, &self.deadline, until)).await;
                waited = true;
                let (connection, opening) = opened.map_err(Attempt::unopened)?;
                stamps.opening = opening;
                Box::new(connection)
            }
        };
        let begun = match first {
            Some(first) => {
                // The second connect is already part of the service time.
                stamps.opening = PhaseTimings::default();
                first
            }
            None => AttemptStart::after(waited, sending.begun),
        };
        (stamps.sent, stamps.blocked) = (begun.sent, begun.blocked);
        self.progress.reset();
        let limit = time_limit(run, Some(begun));
        self.deadline.set(limit);
        let exchanged = self
            .deadline
            .guard(pin!(exchange(
                &mut connection,
                sending.request,
                sending.variables,
                &self.progress,
            )))
            .await;
        let reused = connection.responses > 0;
        run.count_exchange(self.progress.sent(), self.progress.received(), reused);
        match exchanged {
            // The sweep that cancels late steps may be late itself.
            Ok(Ok(response)) if response.ended > limit => {
                let began = self.progress.first_byte().unwrap_or(response.ended);
                let began_late = began > limit;
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
                connection.idle_since = response.ended;
                lease.connection = Some(connection);
                Ok(AttemptEnd::Answered(stamps, response, lease))
            }
            Ok(Err(failed)) => Err(Attempt::failed(failed, reused, begun)),
            Err(expiry) => Err(Attempt::expired(expiry, self.progress.late_phase())),
        }
    }
}

/// Returns the time limit of a request that was first sent at `first`. No limit if it was not sent yet.
fn time_limit(run: &ShardRun, first: Option<AttemptStart>) -> Nanos {
    first.map_or(Nanos::MAX, |first| {
        first.sent + run.bounds().request_timeout
    })
}

/// Returns how a request ends that gets no connection any more: with the outcome of the previous attempt, or
/// unsent.
fn turned_away(run: &ShardRun, stale: Option<Box<Attempt>>) -> AttemptEnd {
    match stale {
        Some(failure) => failure.ended,
        None => {
            run.recorder().counters().turned_away += 1;
            AttemptEnd::Cancelled
        }
    }
}

/// Records how a request ended. Returns when it ended.
fn record(run: &ShardRun, step: &ShardStep, arrival: Arrival, ended: AttemptEnd) -> Nanos {
    match ended {
        AttemptEnd::Answered(stamps, response, lease) => {
            finish(run, step, arrival, (&stamps, &response), lease);
            stamps.ended
        }
        AttemptEnd::Failed(at, failure) => {
            run.recorder().failed(step.number, arrival, at, failure);
            at
        }
        AttemptEnd::Cancelled => {
            let now = clock::now();
            run.recorder().cancelled(step.number, arrival, now);
            now
        }
    }
}

/// Stores the response in the script context. Returns its status and its duration in milliseconds, or `None`
/// without a response.
fn show(context: &ScriptContext, ended: &AttemptEnd) -> Option<(u16, f64)> {
    let AttemptEnd::Answered(stamps, response, lease) = ended else {
        show_no_response(context);
        return None;
    };
    let received = lease
        .connection
        .as_ref()
        .map_or(&[][..], |connection| connection.buffer.filled());
    let (head, body) = received.split_at(response.head_len.min(received.len()));
    show_response(context, head, body, response.body_bytes);
    let took = to_ms(stamps.ended.saturating_sub(stamps.sent));
    Some((response.status.code(), took))
}

fn finish(
    run: &ShardRun,
    step: &ShardStep,
    arrival: Arrival,
    (stamps, response): (&Stamps, &Response),
    lease: Lease,
) {
    let connection = lease
        .connection
        .as_ref()
        .expect("an answer came over a connection");
    let received = connection.buffer.filled();
    let mut recorder = run.recorder();
    recorder.answered(step.number, arrival, stamps, response, received);
    recorder.counters().unsolicited_bytes += response.excess;
    drop(recorder);
    step.request.saw(stamps.sent, response, received);
    run.dispatch().answered(stamps.ended - stamps.sent);
    if response.keep_alive && run.keeps(connection) {
        lease.give_back();
    }
}
