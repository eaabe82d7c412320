//! The scripts of a design request: before it and after its response.
//!
//! They run on a thread of their own, away from the shards, in a context that is
//! made for the one request. What they send (`pm.sendRequest`) is sent from here,
//! one request after the other, and its outcome is told to them.

mod sent;
mod thread;
mod wire;

use std::sync::mpsc::Sender;
use std::time::Duration;

use serde::Serialize;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::mpsc::UnboundedReceiver;
use utoipa::ToSchema;
use vayu_shared::units::{MILLISECOND, Nanos};
use vayu_worker::monotonic_now;
use vayu_worker::script::{
    LogLine, Next, Outcome, Scopes, ScriptLimits, Scripts, TestResult, check,
};

use super::answer::DesignAnswer;
use super::blocking::blocking;
use super::failure::DesignError;
use super::hop::Road;
use super::jars::SharedJar;
use super::{Designer, MIB};
use crate::config::Config;

pub use sent::send;
pub use thread::{Job, News, Setting};
pub use wire::{ChangedRequest, definition, header_list, sent_definition};

/// The field that limits how much of a body scripts see.
pub const BODY_SETTING: &str = "maxResponseBytes";

/// How a test ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ShownTest {
    /// The name given to `pm.test`.
    pub name: String,
    /// Whether everything in it held. One that was skipped passed.
    pub passed: bool,
    /// What did not hold.
    pub error: Option<String>,
    /// Whether it was skipped (`pm.test.skip`).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub skipped: bool,
}

/// A line that a script wrote to the console.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ShownLine {
    /// `log`, `info`, `warn`, `error` or `debug`.
    pub level: String,
    /// The line.
    pub message: String,
    /// `pre` for the script before the request, `post` for the one after it.
    pub script: &'static str,
}

/// What scripts told so far.
#[derive(Debug, Default)]
pub struct Told {
    /// How their tests ended, in order.
    pub tests: Vec<ShownTest>,
    /// What they wrote to the console.
    pub logs: Vec<ShownLine>,
    /// Why the one before the request failed.
    pub pre_error: Option<String>,
    /// Why the one after it failed.
    pub post_error: Option<String>,
    /// Which request is to follow, if one said so.
    pub next: Option<Option<String>>,
}

/// What came of one script.
pub struct Ran {
    /// The variables as it left them.
    pub scopes: Scopes,
    /// How its tests ended.
    tests: Vec<TestResult>,
    logs: Vec<LogLine>,
    next: Option<Next>,
    /// Why it failed.
    pub error: Option<String>,
    /// Whether the request is not to be sent.
    pub skip: bool,
    /// The request as it left it, when it may have changed it.
    pub changed: Option<ChangedRequest>,
}

/// The scripts of one request, while it goes on.
pub struct ScriptSession {
    jobs: Sender<Job>,
    news: UnboundedReceiver<News>,
    /// Longest time of a script without a pause.
    time: Nanos,
}

/// How much later than it has to a script may come to its end before it is taken as stuck in a native
/// call, which nothing can end.
const STUCK: Duration = Duration::from_secs(5);

/// What `pm.sendRequest` needs.
pub struct Sending<'a> {
    /// Who sends.
    pub designer: &'a Designer,
    /// How it gets there.
    pub road: &'a Road<'a>,
    /// The cookies.
    pub jar: Option<&'a SharedJar>,
}

impl ScriptSession {
    /// Starts the thread, which holds `permit` until it ends: one that is stuck keeps it.
    ///
    /// # Errors
    /// When the system grants none.
    pub fn start(
        scripts: Scripts,
        limits: ScriptLimits,
        setting: Setting,
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
            .map_err(|error| DesignError::Internal(format!("no thread for scripts: {error}")))?;
        let time = limits.time;
        Ok(Self { jobs, news, time })
    }

    /// Has one script run to its end; it may take until `deadline`, on the monotonic
    /// clock, for what it waits for.
    ///
    /// # Errors
    /// When the thread is gone, or stuck.
    pub async fn run(&mut self, job: Job, sender: &Sending<'_>) -> Result<Ran, DesignError> {
        let gone = || DesignError::Internal("the scripts' thread failed; the log says more".into());
        let waits = job.deadline().saturating_sub(monotonic_now());
        let longest = Duration::from_nanos(waits.saturating_add(self.time)) + STUCK;
        self.jobs.send(job).map_err(|_| gone())?;
        loop {
            let news = tokio::time::timeout(longest, self.news.recv()).await;
            match news.map_err(|_| stuck())?.ok_or_else(gone)? {
                News::Ran(ran) => return Ok(*ran),
                News::Send(number, request) => {
                    let outcome = send(sender, &request).await;
                    // A script that did not wait for it is through by now.
                    let _ = self.jobs.send(Job::Sent(number, outcome));
                }
            }
        }
    }
}

impl Told {
    /// Adds what a script told; `script` is `pre` or `post`.
    pub fn add(&mut self, ran: &Ran, script: &'static str) {
        self.tests.extend(ran.tests.iter().map(ShownTest::of));
        self.logs.extend(ran.logs.iter().map(|line| ShownLine {
            level: line.level.clone(),
            message: line.message.clone(),
            script,
        }));
        if let Some(next) = &ran.next {
            self.next = Some(match next {
                Next::Nothing => None,
                Next::Named(name) => Some(name.clone()),
            });
        }
        let error = if script == "pre" {
            &mut self.pre_error
        } else {
            &mut self.post_error
        };
        error.clone_from(&ran.error);
    }

    /// Puts all of it into an answer.
    pub fn show_in(self, answer: &mut DesignAnswer) {
        answer.test_results = self.tests;
        answer.console_logs = self.logs;
        answer.pre_script_error = self.pre_error;
        answer.post_script_error = self.post_error;
        answer.next_request = self.next;
    }
}

impl ShownTest {
    fn of(result: &TestResult) -> Self {
        let (error, skipped) = match &result.outcome {
            Outcome::Passed => (None, false),
            Outcome::Failed(error) => (Some(error.clone()), false),
            Outcome::Skipped => (None, true),
        };
        Self {
            name: result.name.clone(),
            passed: error.is_none(),
            error,
            skipped,
        }
    }
}

/// The script's thread is left alone, and with it its memory and a part of a core.
fn stuck() -> DesignError {
    let message = "it does not return from one native call, which nothing can end; its thread keeps a core busy until the \
                   engine is started anew";
    tracing::error!("a script of a design request: {message}");
    DesignError::script("script", message)
}

/// Whether scripts are JavaScript.
///
/// # Errors
/// The one that is not, and where.
pub async fn checked(scripts: &Scripts) -> Result<(), DesignError> {
    let scripts = scripts.clone();
    blocking(move || {
        check(&scripts).map_err(|(name, error)| DesignError::script(name, &error.to_string()))
    })
    .await
}

/// What a script may take: so many milliseconds, so many bytes of stack, and the
/// memory the settings say.
pub fn limits(config: &Config, time_ms: u64, stack: usize) -> ScriptLimits {
    ScriptLimits {
        time: time_ms * MILLISECOND,
        memory: usize::try_from(config.script_memory_mib * MIB).unwrap_or(usize::MAX),
        stack,
    }
}

/// How long a script may wait, from now on: as long as the request may take.
pub fn patience(timeout: Nanos) -> Nanos {
    monotonic_now().saturating_add(timeout)
}
