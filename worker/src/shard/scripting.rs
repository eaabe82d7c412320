//! Scripts of one run on one shard: its contexts, and the script calls around each exchange.
//!
//! A script runs to completion without a pause. A script that waits for a timer or for a request of its own
//! lets other scripts run. A context serves one iteration at a time. It is returned to the pool between the
//! pre-request and the post-response script, unless the pre-request script left state in it.

mod own;
mod sends;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Poll, Waker};

use crossbeam_channel::Sender;
use vayu_shared::dynamic::DynamicSource;
use vayu_shared::sampling::EvenSampler;
use vayu_shared::script_totals::ScriptTotals;
use vayu_shared::spec::RequestSpec;
use vayu_shared::units::{MILLISECOND, Nanos};

use super::Position;
use crate::clock;
use crate::net::Deadline;
use crate::script::{
    Advance, BodyLimit, Guess, Lifetime, ResponseParts, ScriptContext, ScriptError, ScriptPlan,
    ScriptSend, TestOutcome, TestResult, Waits, changed,
};
use crate::sent_bytes::SentBytes;

pub use own::VuScripts;
use sends::{ScriptSends, WakeReason};

/// Maximum wait of a script for its timers and requests: 30 seconds.
const MAX_WAIT: Nanos = 30_000 * MILLISECOND;

/// Scripts of one run on one shard.
pub struct ShardScripts {
    position: Position,
    plan: Arc<ScriptPlan>,
    sends: ScriptSends,
    #[expect(clippy::vec_box, reason = "they move in and out with each request")]
    free: RefCell<Vec<Box<ScriptContext>>>,
    made: Cell<usize>,
    most: usize,
    waiting: RefCell<VecDeque<Waker>>,
    sampler: RefCell<EvenSampler>,
    guess: Guess,
    /// Whether the post-response script waits for something. An estimate until a script is observed to wait.
    waits: Cell<bool>,
    /// Lifetime of new contexts. It can change after a trial.
    lifetime: Cell<Lifetime>,
    has_pre: bool,
    has_test: bool,
    source: RefCell<DynamicSource>,
    totals: RefCell<Box<ScriptTotals>>,
    iterations: Cell<u64>,
    epoch: Nanos,
}

/// Result of the pre-request script.
pub enum Before {
    /// Send the request unchanged.
    AsPlanned,
    /// Send this request instead.
    Changed(Box<RequestSpec>),
    /// Do not send the request.
    Skipped,
}

/// State of the scripts in one iteration.
pub struct Iteration {
    number: u64,
    /// The context, if the pre-request script left state in it.
    held: Option<Box<ScriptContext>>,
    /// The definition of `pm.request`, if a script changed the request.
    changed: Option<String>,
}

impl ShardScripts {
    /// Creates the scripts of a run that starts at `epoch`.
    pub fn new(
        position: Position,
        plan: Arc<ScriptPlan>,
        sends: Option<Sender<ScriptSend>>,
        epoch: Nanos,
    ) -> Self {
        let guess = Guess::of(&plan.scripts);
        let scripts = Self {
            most: (plan.contexts / position.shards.max(1)).max(1),
            sampler: RefCell::new(EvenSampler::new(plan.sample_percent)),
            waits: Cell::new(guess.waits),
            lifetime: Cell::new(Lifetime::first(&guess)),
            guess,
            has_pre: plan.scripts.has_pre(),
            has_test: plan.scripts.has_test(),
            source: RefCell::new(DynamicSource::new(
                plan.seed.wrapping_add(position.shard as u64),
            )),
            position,
            plan,
            sends: ScriptSends::new(position.shard, sends),
            free: RefCell::default(),
            made: Cell::new(0),
            waiting: RefCell::default(),
            totals: RefCell::default(),
            iterations: Cell::new(0),
            epoch,
        };
        // One context is ready before the first request is due; more are created on demand.
        scripts.free.borrow_mut().extend(scripts.make());
        scripts
    }

    /// Creates the script state of virtual user `number` on this shard.
    pub fn vu(&self, number: usize) -> VuScripts {
        let of_all = number * self.position.shards + self.position.shard;
        VuScripts::new(of_all as u64 + 1, self.plan.scopes.clone())
    }

    /// Adds the totals since the last call to `sum`.
    pub fn hand_over_totals(&self, sum: &mut ScriptTotals) {
        let totals = &mut *self.totals.borrow_mut();
        sum.merge(totals);
        totals.clear();
    }

    /// Begins an iteration. Its number is unique in the run.
    pub fn begin(&self, vu: &VuScripts) -> Iteration {
        let count = self.iterations.get();
        self.iterations.set(count + 1);
        let number = count * self.position.shards as u64 + self.position.shard as u64;
        vu.begin(self.position.shard);
        Iteration {
            number,
            held: None,
            changed: None,
        }
    }

    /// Runs the pre-request script, if there is one.
    pub async fn before(
        &self,
        iteration: &mut Iteration,
        vu: &VuScripts,
        deadline: &Deadline,
    ) -> Before {
        if !self.has_pre {
            return Before::AsPlanned;
        }
        let Some(mut context) = self.lease().await else {
            return Before::AsPlanned;
        };
        self.hand_over(&context, vu, None);
        let begun = clock::now();
        let ran = context.run_pre(iteration.number);
        let failed = self.settle(&mut context, ran, begun, deadline).await;
        let skipped = std::mem::take(&mut context.state().skip);
        let changed = if skipped || !context.is_fit() {
            Ok(None)
        } else {
            context.changed_request()
        };
        self.take_back(&context, vu);
        let outcome = match changed {
            Ok(Some(wire)) if !skipped => {
                let source = &mut *self.source.borrow_mut();
                let unix_ns = self.plan.unix_offset.saturating_add(clock::now());
                let variables = &*vu.variables();
                let request = changed::request(&wire, &self.plan, variables, source, unix_ns);
                iteration.changed = changed::definition(&wire);
                request.map(Some)
            }
            Ok(_) => Ok(None),
            Err(error) => Err(error.to_string()),
        };
        if let Some(error) = failed.filter(|_| !skipped) {
            self.record_error(&error.to_string());
        }
        if context.holds_iteration_state() {
            iteration.held = Some(context);
        } else {
            self.give_back(context);
        }
        match outcome {
            _ if skipped => {
                self.totals.borrow_mut().skipped += 1;
                Before::Skipped
            }
            Ok(Some(request)) => Before::Changed(Box::new(request)),
            Ok(None) => Before::AsPlanned,
            Err(words) => {
                // A request other than the one the script meant is not sent.
                self.record_error(&words);
                Before::Skipped
            }
        }
    }

    /// Returns whether the post-response script runs for the next response.
    pub fn tests_next(&self) -> bool {
        self.has_test && self.sampler.borrow_mut().keeps_next()
    }

    /// Takes a context for the post-response script. The caller stores the response in it.
    pub async fn context(&self, iteration: &mut Iteration) -> Option<Box<ScriptContext>> {
        match iteration.held.take() {
            Some(context) => Some(context),
            None => self.lease().await,
        }
    }

    /// Runs the post-response script. `response` is `None` if there is no response. Returns the sent bytes
    /// that the context held.
    pub async fn after(
        &self,
        mut context: Box<ScriptContext>,
        iteration: &Iteration,
        vu: &VuScripts,
        response: Option<(u16, f64)>,
        deadline: &Deadline,
    ) -> Option<SentBytes> {
        self.hand_over(&context, vu, Some(iteration));
        let begun = clock::now();
        if !self.waits.get() {
            let ran = context.run_to_completion(iteration.number, response);
            self.totals
                .borrow_mut()
                .ran(clock::now().saturating_sub(begun));
            self.take_back(&context, vu);
            self.count(&context.state().kept_tests);
            if let Err(error) = ran {
                self.record_error(&error.to_string());
            }
            let sent = context.state().sent.take();
            self.waits.set(context.waited());
            self.keep(context);
            return sent;
        }
        let ran = context.run_test(iteration.number, response);
        let failed = self.settle(&mut context, ran, begun, deadline).await;
        self.take_back(&context, vu);
        if let Some(error) = failed {
            self.record_error(&error.to_string());
        }
        let sent = context.state().sent.take();
        self.give_back(context);
        sent
    }

    /// Ends an iteration.
    pub fn end(&self, iteration: Iteration, vu: &VuScripts) {
        if let Some(context) = iteration.held {
            self.give_back(context);
        }
        vu.variables().end_iteration();
    }

    /// Returns the pending requests of scripts.
    pub fn sends(&self) -> &ScriptSends {
        &self.sends
    }

    /// Returns a free context, a new one, or the next one that is returned. Returns `None` if none can be
    /// created.
    async fn lease(&self) -> Option<Box<ScriptContext>> {
        poll_fn(|context| {
            if let Some(free) = self.free.borrow_mut().pop() {
                return Poll::Ready(Some(free));
            }
            if self.made.get() < self.most {
                return Poll::Ready(self.make());
            }
            self.waiting.borrow_mut().push_back(context.waker().clone());
            Poll::Pending
        })
        .await
    }

    fn make(&self) -> Option<Box<ScriptContext>> {
        let offset = self.plan.unix_offset;
        let unix_ns = move || offset.saturating_add(clock::now());
        let lifetime = self.lifetime.get();
        let (scripts, limits) = (&self.plan.scripts, self.plan.limits);
        match ScriptContext::with_lifetime(scripts, limits, unix_ns, lifetime, &self.guess) {
            Ok(context) => {
                self.made.set(self.made.get() + 1);
                let mut state = context.state();
                state.request_name.clone_from(&self.plan.request_name);
                state.request_id.clone_from(&self.plan.request_id);
                state
                    .environment_name
                    .clone_from(&self.plan.environment_name);
                state.iteration_count = self.plan.iteration_count;
                let target = &self.plan.request.endpoint;
                let scheme = if target.tls { "https" } else { "http" };
                state.origin = format!("{scheme}://{}", target.authority);
                state.response = ResponseParts::with_limit(BodyLimit {
                    bytes: self.plan.body_bytes,
                    setting: "scriptBodyBytes",
                });
                drop(state);
                Some(Box::new(context))
            }
            Err((_, error)) => {
                self.record_error(&error.to_string());
                None
            }
        }
    }

    /// Cleans a context and returns it to the pool. Drops it if it can no longer be used.
    fn give_back(&self, mut context: Box<ScriptContext>) {
        context.end();
        self.keep(context);
    }

    /// Returns a context whose iteration has ended to the pool, if it can serve another iteration.
    fn keep(&self, context: Box<ScriptContext>) {
        if context.is_fit() {
            self.free.borrow_mut().push(context);
        } else {
            self.made.set(self.made.get() - 1);
            self.lifetime
                .set(self.lifetime.get().next(context.patched()));
        }
        if let Some(waker) = self.waiting.borrow_mut().pop_front() {
            waker.wake();
        }
    }

    /// Sets what a script sees. After a response, this is the request with resolved values.
    fn hand_over(&self, context: &ScriptContext, vu: &VuScripts, after: Option<&Iteration>) {
        let mut state = context.state();
        let changed = after.and_then(|iteration| iteration.changed.as_ref());
        state
            .request
            .clone_from(changed.unwrap_or(&self.plan.definition_text));
        state.resolves_request = after.is_some();
        std::mem::swap(&mut state.scopes, &mut *vu.variables());
    }

    /// Takes the variables and the test results back.
    fn take_back(&self, context: &ScriptContext, vu: &VuScripts) {
        let mut state = context.state();
        std::mem::swap(&mut state.scopes, &mut *vu.variables());
        self.count(&state.tests);
        state.tests.clear();
    }

    fn count(&self, tests: &[TestResult]) {
        let totals = &mut *self.totals.borrow_mut();
        for test in tests {
            let check = totals.check(&test.name);
            match &test.outcome {
                TestOutcome::Passed => check.passed += 1,
                TestOutcome::Skipped => check.skipped += 1,
                TestOutcome::Failed(message) => {
                    check.failed += 1;
                    let at = clock::now().saturating_sub(self.epoch);
                    check.failures.add(at, || message.clone());
                }
            }
        }
    }

    fn record_error(&self, words: &str) {
        let totals = &mut *self.totals.borrow_mut();
        totals.errors += 1;
        let at = clock::now().saturating_sub(self.epoch);
        totals.thrown.add(at, || words.to_owned());
    }

    /// Runs a script to completion. Time spent waiting does not count as its run time.
    async fn settle(
        &self,
        context: &mut ScriptContext,
        ran: Result<Advance, ScriptError>,
        begun: Nanos,
        deadline: &Deadline,
    ) -> Option<ScriptError> {
        let mut next = ran;
        let mut now = clock::now();
        let mut busy = now.saturating_sub(begun);
        let patience = begun.saturating_add(MAX_WAIT);
        let mut tokens = BTreeMap::new();
        let mut first_error = None;
        let failed = loop {
            let Some(Waits { sends, until }) = context.waits(next, &mut first_error) else {
                break first_error;
            };
            for (number, request) in sends {
                tokens.insert(self.sends.ask(request), number);
            }
            let woken = self
                .sends
                .wait(&tokens, until.unwrap_or(patience).min(patience), deadline)
                .await;
            now = clock::now();
            next = match woken {
                WakeReason::Reply(token, outcome) => {
                    let number = tokens.remove(&token).unwrap_or_default();
                    context.sent(number, &outcome)
                }
                WakeReason::Timer if now < patience => context.fire(),
                WakeReason::Timer => {
                    break Some(ScriptError::new(
                        "the script waited longer than 30 seconds for its timers and requests",
                    ));
                }
                WakeReason::Cancelled => {
                    self.totals.borrow_mut().unfinished += 1;
                    break None;
                }
            };
            busy += clock::now().saturating_sub(now);
        };
        tokens.keys().for_each(|token| {
            self.sends.forget(*token);
        });
        self.totals.borrow_mut().ran(busy);
        failed
    }
}

/// Stores a response in a context: its head, the first bytes of its body, and the total length of the body.
pub fn show_response(context: &ScriptContext, head: &[u8], body: &[u8], arrived: u64) {
    context.state().response.set(head, body, arrived);
}

/// Removes the response from a context.
pub fn show_no_response(context: &ScriptContext) {
    context.state().response.clear();
}
