//! The scripts of a design request: before the request and after its response.
//!
//! They run on a dedicated thread, separate from the shards, in a context created for this request. Requests
//! they send (`pm.sendRequest`) are sent from here, one after the other, and their outcome is returned to the
//! script.

mod sent;
mod thread;
mod wire;

use std::sync::mpsc::Sender;
use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::mpsc::UnboundedReceiver;
use vayu_shared::units::{MILLISECOND, Nanos};
use vayu_worker::monotonic_now;
use vayu_worker::script::{LogLine, NextRequest, Scopes, ScriptLimits, Scripts, TestResult, check};

use super::answer::{DesignAnswer, ShownLine, ShownTest};
use super::blocking::blocking;
use super::failure::DesignError;
use super::hop::Route;
use super::jars::SharedJar;
use super::{MIB, RequestExecutor};
use crate::config::Config;

pub use sent::send;
pub use thread::{ScriptEvent, ScriptJob, ThreadSetting};
pub use wire::{ChangedRequest, definition, header_list, sent_definition};

/// The field that limits the number of body bytes visible to scripts.
pub const BODY_SETTING: &str = "maxResponseBytes";

/// Output of the scripts so far.
#[derive(Debug, Default)]
pub struct ScriptOutput {
    /// Test results, in order.
    pub tests: Vec<ShownTest>,
    /// Console output.
    pub logs: Vec<ShownLine>,
    /// Error of the pre-request script.
    pub pre_error: Option<String>,
    /// Error of the post-request script.
    pub post_error: Option<String>,
    /// The next request, if a script set it.
    pub next: Option<Option<String>>,
}

/// Result of one script.
pub struct Ran {
    /// The variables after the script.
    pub scopes: Scopes,
    /// Test results.
    tests: Vec<TestResult>,
    logs: Vec<LogLine>,
    next: Option<NextRequest>,
    /// Error of the script, if it failed.
    pub error: Option<String>,
    /// Whether the request is to be skipped.
    pub skip: bool,
    /// The request after the script, if the script may have changed it.
    pub changed: Option<ChangedRequest>,
}

/// The scripts of one request in progress.
pub struct ScriptSession {
    jobs: Sender<ScriptJob>,
    news: UnboundedReceiver<ScriptEvent>,
    /// Maximum time a script may run without yielding.
    time: Nanos,
}

/// How long after its latest possible end a script is considered stuck in a native call, which cannot be
/// interrupted.
const STUCK: Duration = Duration::from_secs(5);

/// Context needed by `pm.sendRequest`.
pub struct SendContext<'a> {
    /// Sends the requests.
    pub executor: &'a RequestExecutor,
    /// Route parameters.
    pub route: &'a Route<'a>,
    /// The cookies.
    pub jar: Option<&'a SharedJar>,
}

impl ScriptSession {
    /// Starts the thread. It holds `permit` until it ends, so a stuck thread keeps its permit.
    ///
    /// # Errors
    /// Returns an error if the system cannot create the thread.
    pub fn start(
        scripts: Scripts,
        limits: ScriptLimits,
        setting: ThreadSetting,
        permit: OwnedSemaphorePermit,
    ) -> Result<Self, DesignError> {
        let (jobs, received) = std::sync::mpsc::channel();
        let (told, news) = tokio::sync::mpsc::unbounded_channel();
        let thread = std::thread::Builder::new()
            .name("vayu-script".into())
            .stack_size(thread::STACK_BYTES);
        thread
            .spawn(move || {
                thread::serve(&scripts, limits, setting, &received, &told);
                drop(permit);
            })
            .map_err(|error| {
                DesignError::Internal(format!("cannot create a thread for scripts: {error}"))
            })?;
        let time = limits.time;
        Ok(Self { jobs, news, time })
    }

    /// Runs one script to completion. The script may wait until the job's deadline, on the monotonic clock.
    ///
    /// # Errors
    /// Returns an error if the thread is gone or stuck.
    pub async fn run(
        &mut self,
        job: ScriptJob,
        sender: &SendContext<'_>,
    ) -> Result<Ran, DesignError> {
        let gone = || DesignError::Internal("the script thread failed; see the log".into());
        let waits = job.deadline().saturating_sub(monotonic_now());
        let longest = Duration::from_nanos(waits.saturating_add(self.time)) + STUCK;
        self.jobs.send(job).map_err(|_| gone())?;
        loop {
            let news = tokio::time::timeout(longest, self.news.recv()).await;
            match news.map_err(|_| stuck())?.ok_or_else(gone)? {
                ScriptEvent::Ran(ran) => return Ok(*ran),
                ScriptEvent::Send(number, request) => {
                    let outcome = send(sender, &request).await;
                    // A script that did not wait for it has ended by now.
                    let _ = self.jobs.send(ScriptJob::Sent(number, outcome));
                }
            }
        }
    }
}

impl ScriptOutput {
    /// Adds the output of a script. `script` is `pre` or `post`.
    pub fn add(&mut self, ran: &Ran, script: &'static str) {
        self.tests.extend(ran.tests.iter().map(ShownTest::of));
        self.logs.extend(ran.logs.iter().map(|line| ShownLine {
            level: line.level.clone(),
            message: line.message.clone(),
            script,
        }));
        if let Some(next) = &ran.next {
            self.next = Some(match next {
                NextRequest::Nothing => None,
                NextRequest::Named(name) => Some(name.clone()),
            });
        }
        let error = if script == "pre" {
            &mut self.pre_error
        } else {
            &mut self.post_error
        };
        error.clone_from(&ran.error);
    }

    /// Moves all output into an answer.
    pub fn show_in(self, answer: &mut DesignAnswer) {
        answer.test_results = self.tests;
        answer.console_logs = self.logs;
        answer.pre_script_error = self.pre_error;
        answer.post_script_error = self.post_error;
        answer.next_request = self.next;
    }
}

/// The thread is abandoned, together with its memory and its share of a core.
fn stuck() -> DesignError {
    let message = "it is stuck in a native call that cannot be interrupted; its thread keeps a core busy until the \
                   engine is started anew";
    tracing::error!("a script of a design request: {message}");
    DesignError::script("script", message)
}

/// Checks that the scripts are valid JavaScript.
///
/// # Errors
/// Returns an error that names the invalid script and the position.
pub async fn checked(scripts: &Scripts) -> Result<(), DesignError> {
    let scripts = scripts.clone();
    blocking(move || {
        check(&scripts).map_err(|(name, error)| DesignError::script(name, &error.to_string()))
    })
    .await
}

/// Returns the limits of a script: time in milliseconds, stack in bytes, and the configured memory.
pub fn limits(config: &Config, time_ms: u64, stack: usize) -> ScriptLimits {
    ScriptLimits {
        time: time_ms * MILLISECOND,
        memory: usize::try_from(config.script_memory_mib * MIB).unwrap_or(usize::MAX),
        stack,
    }
}

/// Returns the deadline until which a script may wait: as long from now as the request may take.
pub fn wait_deadline(timeout: Nanos) -> Nanos {
    monotonic_now().saturating_add(timeout)
}
