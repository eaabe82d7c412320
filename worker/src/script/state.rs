//! What a script's context has in hand: the variables, the request and response it
//! is about, and what its scripts told.

use std::borrow::Cow;
use std::iter;

use memchr::memchr;
use serde_json::Value;

use super::scopes::Scopes;

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

/// A response as scripts read it. What they do not ask for is not read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResponseParts {
    /// Status line and header lines, to the empty line.
    head: Vec<u8>,
    /// Its body without framing and content coding.
    pub body: Vec<u8>,
}

impl ResponseParts {
    /// Another response in place of this one.
    pub fn set(&mut self, head: &[u8], body: &[u8]) {
        self.head.clear();
        self.head.extend_from_slice(head);
        self.body.clear();
        self.body.extend_from_slice(body);
    }

    /// A response whose head has been read before.
    #[must_use]
    pub fn of(status: u16, reason: &str, headers: &[(String, String)], body: Vec<u8>) -> Self {
        let mut head = format!("HTTP/1.1 {status} {reason}\r\n");
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        Self {
            head: head.into_bytes(),
            body,
        }
    }

    /// Bytes of the head.
    #[must_use]
    pub fn head_bytes(&self) -> usize {
        self.head.len()
    }

    /// The reason phrase.
    #[must_use]
    pub fn reason(&self) -> String {
        let line = self.lines().next().unwrap_or_default();
        let text = String::from_utf8_lossy(&line);
        let from_status = text
            .split_once(' ')
            .map_or("", |(_, rest)| rest.trim_start());
        let reason = from_status.split_once(' ').map_or("", |(_, rest)| rest);
        reason.trim_start().to_owned()
    }

    /// The last header of a name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<Cow<'_, str>> {
        let lines = self.lines().skip(1);
        let line = lines.filter(|line| value(line, name).is_some()).last()?;
        let text = match line {
            Cow::Borrowed(line) => String::from_utf8_lossy(value(line, name)?),
            Cow::Owned(line) => String::from_utf8_lossy(value(&line, name)?)
                .into_owned()
                .into(),
        };
        Some(text)
    }

    /// The cookies it sets, as JSON: a list of the lines.
    #[must_use]
    pub fn cookies(&self) -> String {
        let headers = self.headers().into_iter();
        let lines = headers.filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
        lines
            .map(|(_, line)| Value::from(line))
            .collect::<Value>()
            .to_string()
    }

    /// The header lines, in order.
    #[must_use]
    pub fn headers(&self) -> Vec<(String, String)> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes.trim_ascii()).into_owned();
        let fields = self.lines().skip(1).filter_map(|line| {
            let colon = line.iter().position(|&byte| byte == b':')?;
            Some((text(&line[..colon]), text(&line[colon + 1..])))
        });
        fields.collect()
    }

    /// The lines of the head, which end with a line feed that may have a return before it.
    /// One that is folded over several becomes one (RFC 9112, 5.2).
    fn lines(&self) -> impl Iterator<Item = Cow<'_, [u8]>> {
        let mut rest = self.head.as_slice();
        iter::from_fn(move || {
            let mut line = Cow::Borrowed(next_line(&mut rest)?);
            while rest.starts_with(b" ") || rest.starts_with(b"\t") {
                let more = next_line(&mut rest)?.trim_ascii();
                line.to_mut().push(b' ');
                line.to_mut().extend_from_slice(more);
            }
            Some(line)
        })
    }
}

/// Takes the first line off `rest`.
fn next_line<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (line, after) = match memchr(b'\n', rest) {
        Some(end) => (&rest[..end], &rest[end + 1..]),
        None if rest.is_empty() => return None,
        None => (*rest, &rest[rest.len()..]),
    };
    *rest = after;
    Some(line.strip_suffix(b"\r").unwrap_or(line))
}

/// The value of a header line, if it is of this name.
fn value<'a>(line: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let (found, rest) = line.split_at_checked(name.len())?;
    let value = rest.trim_ascii_start().strip_prefix(b":")?;
    found
        .eq_ignore_ascii_case(name.as_bytes())
        .then(|| value.trim_ascii())
}

/// Most lines of the console that are kept, and most characters of one.
const LOG_LINES: usize = 1_000;
const LOG_CHARS: usize = 10_000;
/// Most tests of one script that are kept.
const TESTS: usize = 10_000;

/// See the module.
#[derive(Default)]
pub struct State {
    /// The variables.
    pub scopes: Scopes,
    /// The request, as the JSON that `pm.request` is made of.
    pub request: String,
    /// Whether variables in it are replaced before a script sees it.
    pub resolves_request: bool,
    /// The response, once there is one.
    pub response: ResponseParts,
    /// Whether its headers may be others by now: the script got the list of them.
    pub gave_headers: bool,
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
    /// What the console was told.
    pub logs: Vec<LogLine>,
    /// Requests of `pm.sendRequest` that were not yet made: number and JSON.
    pub sends: Vec<(u32, String)>,
    /// Whether the request is not to be sent.
    pub skip: bool,
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
    /// Keeps a test's end.
    pub fn add_test(&mut self, name: String, outcome: Outcome) {
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
        if let Some((end, _)) = message.char_indices().nth(LOG_CHARS) {
            message.truncate(end);
            message.push('…');
        }
        self.logs.push(LogLine { level, message });
    }
}
