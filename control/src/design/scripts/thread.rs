//! The thread on which the scripts of one request run. It receives jobs and sends events.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;
use vayu_shared::units::Nanos;
use vayu_worker::monotonic_now;
use vayu_worker::script::{
    Advance, CookieStore, ResponseParts, Scopes, ScriptContext, ScriptError, ScriptLimits, Scripts,
    Waits,
};

use super::Ran;
use super::wire::ChangedRequest;
use crate::design::cookies::StoredCookie;
use crate::design::jars::{SharedJar, in_jar};
use crate::wall_clock::now_ns;

/// Stack size in bytes, sufficient for recursive scripts and the script engine beneath them.
pub const STACK_BYTES: usize = 8 * 1024 * 1024;

/// Data that is the same for all scripts of a request.
pub struct ThreadSetting {
    /// Name of the linked request, if any.
    pub request_name: String,
    /// Id of the linked request, or of the run.
    pub request_id: String,
    /// Name of the environment.
    pub environment_name: String,
    /// The cookies.
    pub jar: Option<Arc<SharedJar>>,
}

/// A message to the thread.
pub enum ScriptJob {
    /// Runs the pre-request script.
    Pre {
        /// The variables.
        scopes: Scopes,
        /// The request, the source of `pm.request`.
        request: String,
        /// Deadline until which the script may wait, on the monotonic clock.
        deadline: Nanos,
    },
    /// Runs the post-request script.
    Test {
        /// The variables.
        scopes: Scopes,
        /// The request as sent.
        request: String,
        /// Status, response, and response time in milliseconds. `None` without a response.
        response: Option<(u16, ResponseParts, f64)>,
        /// The cookies for the URL of the request, as JSON.
        cookies: String,
        /// Deadline until which the script may wait, on the monotonic clock.
        deadline: Nanos,
    },
    /// The outcome of a request sent by a script.
    Sent(u32, String),
}

impl ScriptJob {
    /// Returns the deadline until which the script may wait, on the monotonic clock.
    pub fn deadline(&self) -> Nanos {
        match self {
            Self::Pre { deadline, .. } | Self::Test { deadline, .. } => *deadline,
            Self::Sent(..) => 0,
        }
    }
}

/// An event from the thread.
pub enum ScriptEvent {
    /// A script sends a request: number and request.
    Send(u32, String),
    /// A script has ended.
    Ran(Box<Ran>),
}

/// Runs scripts until the sender of jobs is dropped.
pub fn serve(
    scripts: &Scripts,
    limits: ScriptLimits,
    setting: ThreadSetting,
    jobs: &Receiver<ScriptJob>,
    news: &UnboundedSender<ScriptEvent>,
) {
    // An invalid script does not affect the other one.
    let (context, broken) = match context(scripts, limits) {
        Ok(made) => made,
        Err(error) => {
            tracing::error!("scripts cannot run: {error}");
            return;
        }
    };
    {
        let mut state = context.state();
        state.keeps_logs = true;
        state.iteration_count = 1;
        state.request_name = setting.request_name;
        state.request_id = setting.request_id;
        state.environment_name = setting.environment_name;
        state.jar = setting
            .jar
            .map(|jar| Box::new(Jar(jar)) as Box<dyn CookieStore>);
    }
    let mut thread = Thread {
        context,
        broken,
        jobs,
        news,
    };
    while let Ok(job) = jobs.recv() {
        let Some(ran) = thread.run(job) else { continue };
        if news.send(ScriptEvent::Ran(Box::new(ran))).is_err() {
            return;
        }
    }
}

/// Why a script cannot run, by index: pre-request, post-request.
type Broken = [Option<ScriptError>; 2];

fn context(
    scripts: &Scripts,
    limits: ScriptLimits,
) -> Result<(ScriptContext, Broken), ScriptError> {
    let mut scripts = scripts.clone();
    let mut broken = Broken::default();
    loop {
        match ScriptContext::new(&scripts, limits, now_ns) {
            Ok(context) => return Ok((context, broken)),
            Err((name, error)) => {
                let (text, place) = match name {
                    "test script" => (&mut scripts.test, &mut broken[1]),
                    _ => (&mut scripts.pre, &mut broken[0]),
                };
                if std::mem::take(text).is_empty() {
                    return Err(error);
                }
                *place = Some(error);
            }
        }
    }
}

struct Thread<'a> {
    context: ScriptContext,
    broken: Broken,
    jobs: &'a Receiver<ScriptJob>,
    news: &'a UnboundedSender<ScriptEvent>,
}

impl Thread<'_> {
    /// Returns the result of a job. Returns `None` for a response that the script did not wait for.
    fn run(&mut self, job: ScriptJob) -> Option<Ran> {
        let error = match job {
            ScriptJob::Sent(..) => return None,
            ScriptJob::Pre {
                scopes,
                request,
                deadline,
            } => {
                self.hand_over(scopes, request);
                let begun = self.context.run_pre(0);
                let failed = self.settle(begun, deadline);
                self.broken[0].take().or(failed)
            }
            ScriptJob::Test {
                scopes,
                request,
                response,
                cookies,
                deadline,
            } => {
                self.hand_over(scopes, request);
                let answered = response.map(|(status, parts, time)| {
                    self.context.state().response = parts;
                    (status, time)
                });
                self.context.state().cookies = Some(cookies);
                let begun = self.context.run_test(0, answered);
                let failed = self.settle(begun, deadline);
                self.broken[1].take().or(failed)
            }
        };
        Some(self.collect(error))
    }

    fn hand_over(&mut self, scopes: Scopes, request: String) {
        let mut state = self.context.state();
        state.scopes = scopes;
        state.request = request;
        state.cookies = Some("[]".to_owned());
    }

    /// Runs a script to completion, including everything it waits for.
    fn settle(
        &mut self,
        begun: Result<Advance, ScriptError>,
        deadline: Nanos,
    ) -> Option<ScriptError> {
        let mut next = begun;
        let mut first_error = None;
        loop {
            let Some(waits) = self.context.waits(next, &mut first_error) else {
                return first_error;
            };
            next = match self.wait(waits, deadline) {
                Some(next) => next,
                None => {
                    let error =
                        ScriptError::new("the script exceeded the request timeout while waiting");
                    return first_error.or(Some(error));
                }
            };
        }
    }

    /// Waits for the first event a script waits for. Returns `None` after the deadline.
    fn wait(&mut self, waits: Waits, deadline: Nanos) -> Option<Result<Advance, ScriptError>> {
        let Waits { sends, until } = waits;
        for (number, request) in sends {
            // The receiver may have been dropped; the deadline ends the wait.
            let _ = self.news.send(ScriptEvent::Send(number, request));
        }
        let now = monotonic_now();
        let left = Duration::from_nanos(deadline.saturating_sub(now));
        // Timers that are always due would run forever.
        if left.is_zero() {
            return None;
        }
        let timer = until.map(|due| Duration::from_nanos(due.saturating_sub(now)));
        match self.jobs.recv_timeout(timer.unwrap_or(left).min(left)) {
            Ok(ScriptJob::Sent(number, outcome)) => Some(self.context.sent(number, &outcome)),
            Err(RecvTimeoutError::Timeout) if timer.is_some_and(|timer| timer <= left) => {
                Some(self.context.fire())
            }
            _ => None,
        }
    }

    fn collect(&mut self, error: Option<ScriptError>) -> Ran {
        let changed = match &error {
            None => self.context.changed_request(),
            // Changes made before a failure remain in effect.
            Some(_) if self.context.is_fit() => self.context.changed_request(),
            Some(_) => Ok(None),
        };
        let mut state = self.context.state();
        let skip = std::mem::take(&mut state.skip);
        let (changed, error) = match changed {
            Ok(changed) => (changed.and_then(|json| ChangedRequest::read(&json)), error),
            Err(wrong) => (None, error.or(Some(wrong))),
        };
        Ran {
            scopes: state.scopes.clone(),
            tests: std::mem::take(&mut state.tests),
            logs: std::mem::take(&mut state.logs),
            next: state.next.take(),
            // Skipping a request throws an exception to end the script.
            error: error.filter(|_| !skip).map(|error| error.to_string()),
            skip,
            changed,
        }
    }
}

/// The cookies of the request's environment.
struct Jar(Arc<SharedJar>);

impl CookieStore for Jar {
    fn ask(&mut self, operation: &str, url: &str, argument: &str) -> Result<String, String> {
        let url = url::Url::parse(url).map_err(|error| format!("{url}: {error}"))?;
        in_jar(&self.0, |jar| match operation {
            "all" => {}
            "set" => jar.store(&url, &[argument]),
            "unset" => jar.store(&url, &[&format!("{argument}=; Max-Age=0")]),
            _ => {
                let names: Vec<String> = jar
                    .matching(&url)
                    .into_iter()
                    .map(|cookie| cookie.name)
                    .collect();
                names
                    .iter()
                    .for_each(|name| jar.store(&url, &[&format!("{name}=; Max-Age=0")]));
            }
        });
        let left: Vec<StoredCookie> = in_jar(&self.0, |jar| jar.matching(&url));
        serde_json::to_string(&left).map_err(|error| error.to_string())
    }
}
