//! What a script's context has in hand: the variables, the request and response it
//! is about, and what its scripts told.

use super::response_parts::ResponseParts;
use super::scopes::Scopes;
use crate::sent_bytes::SentBytes;

/// How a test ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestResult {
    /// The name given to `pm.test`.
    pub name: String,
    /// How it ended.
    pub outcome: Outcome,
}

/// How a test can end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Everything in it held.
    Passed,
    /// Something did not, in the words of the assertion.
    Failed(String),
    /// It was not run (`pm.test.skip`).
    Skipped,
}

/// A line of the console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// `log`, `info`, `warn`, `error` or `debug`.
    pub level: String,
    /// The line.
    pub message: String,
}

/// Which request a script wants to follow. There is none to follow here; it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// None.
    Nothing,
    /// The one of this name.
    Named(String),
}

/// Most lines of the console that are kept.
const LOG_LINES: usize = 1_000;
/// Most characters of a line, of a test's name and of its message.
const TEXT_CHARS: usize = 10_000;
/// Most tests of one script that are kept.
pub const TESTS: usize = 10_000;

/// See the module.
#[derive(Default)]
pub struct State {
    /// The variables.
    pub scopes: Scopes,
    /// The request, as the JSON that `pm.request` is made of.
    pub request: String,
    /// Whether variables in it are replaced before a script sees it.
    pub resolves_request: bool,
    /// The bytes that were sent, where the request is to be read from them.
    pub sent: Option<SentBytes>,
    /// Scheme and authority of the target, for [`Self::sent`].
    pub origin: String,
    /// The response, once there is one.
    pub response: ResponseParts,
    /// Whether its headers may be others by now: the script got the list of them.
    pub gave_headers: bool,
    /// Whether the script put another in its place.
    pub replaced: bool,
    /// The number of the event whose script runs, from 1.
    pub event: u64,
    /// Cookies that go with the request's URL, as JSON; where there is no jar, those
    /// of the response.
    pub cookies: Option<String>,
    /// Name and id of the request.
    pub request_name: String,
    /// See there.
    pub request_id: String,
    /// The name of the environment.
    pub environment_name: String,
    /// Which iteration it is, from zero.
    pub iteration: u64,
    /// How many iterations there are.
    pub iteration_count: u64,
    /// Whether the console is listened to.
    pub keeps_logs: bool,
    /// How the tests ended: to be taken, but for those of [`super::ScriptContext::run_whole`].
    pub tests: Vec<TestResult>,
    /// How the tests of the last [`super::ScriptContext::run_whole`] ended: to be left here, as
    /// the next one changes only what is different then.
    pub kept_tests: Vec<TestResult>,
    /// Which of both lists is written to.
    pub keeps_tests: bool,
    /// Bytes that may be held, of which QuickJS has what is left.
    pub memory: usize,
    /// Bytes that QuickJS may have.
    pub heap: usize,
    /// Bytes that were told in this event: to the console, of tests, to be sent.
    pub told: usize,
    /// What the console was told.
    pub logs: Vec<LogLine>,
    /// Requests of `pm.sendRequest` that were not yet made: number and JSON.
    pub sends: Vec<(u32, String)>,
    /// Whether the request is not to be sent.
    pub skip: bool,
    /// Whether a script changed what lasts until the end of the iteration.
    pub holds: bool,
    /// Whether a script asked for what belongs to its event, or did what has to be undone: `pm/main.js` has to end it.
    pub touched: bool,
    /// Whether a script that was run whole left a timer.
    pub waited: bool,
    /// Whether the context must not serve another iteration.
    pub unfit: bool,
    /// Which request is to follow.
    pub next: Option<Next>,
    /// What the cookie jar is asked for; without it there is none.
    pub jar: Option<Box<dyn CookieStore>>,
}

/// The cookies that scripts may look at and change.
pub trait CookieStore {
    /// Does one of `all`, `set`, `unset` and `clear` for a URL, and gives what it
    /// found as JSON.
    ///
    /// # Errors
    /// What is wrong, in words.
    fn ask(&mut self, operation: &str, url: &str, argument: &str) -> Result<String, String>;
}

impl State {
    /// Begins the next event, of this iteration.
    pub fn enter(&mut self, iteration: u64) {
        self.iteration = iteration;
        self.event += 1;
        self.gave_headers = false;
        self.replaced = false;
        self.told = 0;
    }

    /// Keeps a test's end.
    pub fn add_test(&mut self, mut name: String, mut outcome: Outcome) {
        cut(&mut name);
        if let Outcome::Failed(message) = &mut outcome {
            cut(message);
        }
        let tests = if self.keeps_tests {
            &mut self.kept_tests
        } else {
            &mut self.tests
        };
        if tests.len() < TESTS {
            tests.push(TestResult { name, outcome });
        }
    }

    /// Keeps a line of the console, or its beginning.
    pub fn add_log(&mut self, level: String, mut message: String) {
        if self.logs.len() >= LOG_LINES {
            return;
        }
        cut(&mut message);
        self.logs.push(LogLine { level, message });
    }
}

/// Keeps the beginning of a text that is too long, and no more memory than that takes.
fn cut(text: &mut String) {
    if let Some((end, _)) = text.char_indices().nth(TEXT_CHARS) {
        text.truncate(end);
        text.push('…');
        text.shrink_to_fit();
    }
}
