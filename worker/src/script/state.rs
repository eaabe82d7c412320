//! The state of a script's context: the variables, the request and response that the script is about, and the
//! results of its scripts.

use std::cell::RefCell;
use std::rc::Rc;

use super::response_parts::ResponseParts;
use super::scopes::Scopes;
use crate::sent_bytes::SentBytes;

/// The result of a test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestResult {
    /// The name given to `pm.test`.
    pub name: String,
    /// How it ended.
    pub outcome: TestOutcome,
}

/// The outcome of a test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TestOutcome {
    /// All its assertions held.
    Passed,
    /// An assertion failed, with its message.
    Failed(String),
    /// The test was not run (`pm.test.skip`).
    Skipped,
}

/// A console line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// `log`, `info`, `warn`, `error` or `debug`.
    pub level: String,
    /// The text of the line.
    pub message: String,
}

/// The next request that a script asks for. The engine does not send it, it only reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NextRequest {
    /// No request.
    Nothing,
    /// The request with this name.
    Named(String),
}

/// Maximum console lines that are kept.
const MAX_LOG_LINES: usize = 1_000;
/// Maximum characters of a console line, of a test's name and of its message.
const MAX_TEXT_CHARS: usize = 10_000;
/// Maximum tests of one script that are kept.
pub const MAX_TESTS: usize = 10_000;

/// The state of a script's context. See the module documentation.
#[derive(Default)]
pub struct State {
    /// The variables.
    pub scopes: Scopes,
    /// The request, as the JSON that `pm.request` is created from.
    pub request: String,
    /// Whether variables in it are resolved before a script sees it.
    pub resolves_request: bool,
    /// The bytes that were sent, if the request is to be read from them.
    pub sent: Option<SentBytes>,
    /// Scheme and authority of the target, for [`Self::sent`].
    pub origin: String,
    /// The response, once there is one.
    pub response: ResponseParts,
    /// Whether its headers may have changed, because the script received the header list.
    pub exposed_headers: bool,
    /// Whether the script replaced the response.
    pub replaced: bool,
    /// Number of the event whose script runs, from 1.
    pub event: u64,
    /// Cookies for the request's URL, as JSON. Without a jar, the cookies of the response.
    pub cookies: Option<String>,
    /// Name of the request.
    pub request_name: String,
    /// Id of the request.
    pub request_id: String,
    /// Name of the environment.
    pub environment_name: String,
    /// Index of the iteration, from 0.
    pub iteration: u64,
    /// Number of iterations.
    pub iteration_count: u64,
    /// Whether console lines are recorded.
    pub keeps_logs: bool,
    /// Test results that the caller takes, except those of [`super::ScriptContext::run_to_completion`].
    pub tests: Vec<TestResult>,
    /// Test results of the last [`super::ScriptContext::run_to_completion`]. They must stay here, because the next
    /// run changes only those that differ.
    pub kept_tests: Vec<TestResult>,
    /// Whether results are written to `kept_tests` instead of `tests`.
    pub keeps_tests: bool,
    /// Maximum bytes that may be held, of which QuickJS gets the remainder.
    pub memory: usize,
    /// Heap limit of QuickJS in bytes.
    pub heap: usize,
    /// Bytes recorded in this event: test results and requests to send.
    pub recorded_bytes: usize,
    /// Recorded console lines.
    pub logs: Vec<LogLine>,
    /// Requests of `pm.sendRequest` that are not sent yet: number and JSON.
    pub sends: Vec<(u32, String)>,
    /// Whether the request must not be sent.
    pub skip: bool,
    /// Whether a script changed something that lasts until the end of the iteration.
    pub holds: bool,
    /// Whether a script read something that belongs to its event, or did something that must be undone:
    /// `pm/main.js` must end the event.
    pub touched: bool,
    /// Whether a script that ran to completion left a timer.
    pub waited: bool,
    /// Whether the context must not serve another iteration.
    pub unfit: bool,
    /// The next request that a script asked for.
    pub next: Option<NextRequest>,
    /// The cookie jar, if there is one.
    pub jar: Option<Box<dyn CookieStore>>,
}

/// The cookies that scripts may read and change.
pub trait CookieStore {
    /// Performs `all`, `set`, `unset` or `clear` for a URL, and returns the result as JSON.
    ///
    /// # Errors
    /// Returns a message that says what is wrong.
    fn ask(&mut self, operation: &str, url: &str, argument: &str) -> Result<String, String>;
}

/// The state that the functions share with their context.
pub type Shared = Rc<RefCell<State>>;

impl State {
    /// Begins the next event, which belongs to this iteration.
    pub fn enter(&mut self, iteration: u64) {
        self.iteration = iteration;
        self.event += 1;
        self.exposed_headers = false;
        self.replaced = false;
        self.recorded_bytes = 0;
    }

    /// Records the result of a test.
    pub fn add_test(&mut self, mut name: String, mut outcome: TestOutcome) {
        cut(&mut name);
        if let TestOutcome::Failed(message) = &mut outcome {
            cut(message);
        }
        let tests = if self.keeps_tests {
            &mut self.kept_tests
        } else {
            &mut self.tests
        };
        if tests.len() < MAX_TESTS {
            tests.push(TestResult { name, outcome });
        }
    }

    /// Records a console line, or its beginning if it is too long.
    pub fn add_log(&mut self, level: String, mut message: String) {
        if self.logs.len() >= MAX_LOG_LINES {
            return;
        }
        cut(&mut message);
        self.logs.push(LogLine { level, message });
    }
}

/// Truncates a text that is too long, and frees the rest of its memory.
fn cut(text: &mut String) {
    if let Some((end, _)) = text.char_indices().nth(MAX_TEXT_CHARS) {
        text.truncate(end);
        text.push('…');
        text.shrink_to_fit();
    }
}
