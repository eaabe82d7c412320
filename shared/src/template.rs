//! Text with `{{name}}` variables, compiled once and rendered per request.
//!
//! The rules are Postman's: the innermost braces are substituted first, a value may contain further
//! variables, and unknown names stay as typed. Constant variables are substituted at compile time; only
//! dynamic ones (`{{$guid}}`) are left to rendering. This module does not know the sources of values and does
//! not escape for JSON or URLs.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::dynamic::{Dynamic, DynamicSource};

/// Maximum number of substitution rounds, as in Postman. It terminates variables that refer to themselves.
const MAX_ROUNDS: usize = 20;

/// Text size in bytes above which no more variables are substituted. Without it, values that refer to several
/// others would grow as `n^20`.
const MAX_EXPANDED: usize = 16 * 1024 * 1024;

const OPEN: &str = "{{";
const CLOSE: &str = "}}";

/// The variables that a text may refer to.
pub trait Variables {
    /// Returns the value of a variable as text. Returns `None` if the variable does not exist or is disabled.
    fn get(&self, name: &str) -> Option<String>;
}

/// A compiled text.
#[derive(Clone, Debug)]
pub struct Template {
    /// Has no two adjacent text parts and no empty one.
    parts: Vec<Part>,
}

#[derive(Clone, Debug)]
enum Part {
    Text(String),
    Dynamic(Dynamic),
    /// A variable whose value is known only at rendering: its name as written between the braces.
    Variable(String),
}

/// Which variables of a text are substituted at rendering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deferred {
    /// None: text that looks like a variable stays text.
    Nothing,
    /// Dynamic variables. All others stay text.
    Dynamic,
    /// All.
    All,
}

/// Appends a value to a buffer, escaped so that it cannot break out of its position.
pub type Write = fn(&[u8], &mut Vec<u8>);

/// The inputs of rendering.
pub struct Render<'a> {
    /// Source of dynamic values.
    pub source: &'a mut DynamicSource,
    /// The time of the request, in nanoseconds since 1970 UTC.
    pub unix_ns: u64,
    /// The values of the variables that [`Template::open`] left.
    pub variables: &'a dyn Variables,
    /// Buffer for rendering.
    pub scratch: &'a mut Vec<u8>,
    /// Writes a dynamic value.
    pub write: Write,
    /// Writes a variable's value.
    pub write_variable: Write,
    /// Writes the name of an unknown variable, between its braces.
    pub write_name: Write,
}

/// No variables: constant ones have already been substituted.
pub struct NoVariables;

impl Variables for NoVariables {
    fn get(&self, _: &str) -> Option<String> {
        None
    }
}

impl Template {
    /// Substitutes constant variables and keeps dynamic variables as parts. A name is looked up as written,
    /// then without surrounding whitespace, then among the dynamic variables: a user variable shadows a
    /// dynamic one with the same name.
    ///
    /// Every name without a value is added to `unresolved`, without surrounding whitespace, and stays as
    /// typed in the text. This includes variables left after 20 rounds or beyond 16 MiB of text, and names
    /// that contain a dynamic variable (`{{host_{{$randomInt}}}}`): the variable these refer to is known only
    /// at rendering.
    #[must_use]
    pub fn compile(
        text: &str,
        variables: &dyn Variables,
        unresolved: &mut BTreeSet<String>,
    ) -> Self {
        let mut round = Round::new(text, variables);
        for _ in 1..MAX_ROUNDS {
            if !round.more {
                break;
            }
            round = Round::new(&round.text, variables);
        }
        Self::split(&round.text, unresolved)
    }

    /// Creates a template without variables.
    #[must_use]
    pub fn text(text: &str) -> Self {
        let mut parts = Vec::new();
        push_text(&mut parts, text);
        Self { parts }
    }

    /// Compiles a text. Keeps the variables that are left to rendering as parts.
    #[must_use]
    pub fn with(text: &str, left: Deferred) -> Self {
        match left {
            Deferred::Nothing => Self::text(text),
            Deferred::Dynamic => Self::of_dynamic(text),
            Deferred::All => Self::open(text),
        }
    }

    /// Returns the template with the text between the variables replaced.
    #[must_use]
    pub fn with_text(mut self, replace: &dyn Fn(&str) -> String) -> Self {
        for part in &mut self.parts {
            if let Part::Text(text) = part {
                *text = replace(text);
            }
        }
        self
    }

    /// Returns this template followed by `next`.
    #[must_use]
    pub fn then(mut self, next: Self) -> Self {
        for part in next.parts {
            match (self.parts.last_mut(), part) {
                (Some(Part::Text(last)), Part::Text(text)) => last.push_str(&text),
                (_, part) => self.parts.push(part),
            }
        }
        self
    }

    /// Returns the text with each variable replaced by its index between two `mark`s. The text must not
    /// contain `mark`.
    pub(crate) fn marked(&self, mark: &str) -> String {
        let parts = self.parts.iter().enumerate();
        let parts = parts.map(|(index, part)| match part {
            Part::Text(text) => text.clone(),
            Part::Dynamic(_) | Part::Variable(_) => format!("{mark}{index}{mark}"),
        });
        parts.collect()
    }

    /// Restores the template from transformed output of [`Self::marked`].
    pub(crate) fn restored(&self, text: &str, mark: &str) -> Self {
        let mut parts = Vec::new();
        for (index, piece) in text.split(mark).enumerate() {
            // Every second piece is an index.
            match piece
                .parse()
                .ok()
                .and_then(|place: usize| self.parts.get(place))
            {
                Some(part) if index % 2 == 1 => parts.push(part.clone()),
                _ => push_text(&mut parts, piece),
            }
        }
        Self { parts }
    }

    /// Compiles a text. Keeps dynamic variables as parts; all others stay text.
    #[must_use]
    pub fn of_dynamic(text: &str) -> Self {
        Self::compile(text, &NoVariables, &mut BTreeSet::new())
    }

    /// Compiles a text. Keeps every variable as a part, for rendering with changing values. In nested names,
    /// the inner one is a variable and the outer one is text.
    #[must_use]
    pub fn open(text: &str) -> Self {
        let mut parts = Vec::new();
        let mut from = 0;
        let mut copied = 0;
        while let Some(token) = next_token(text, from) {
            from = token.end;
            let name = name_in(text, &token);
            push_text(&mut parts, &text[copied..token.start]);
            parts.push(match find_dynamic(name) {
                Some(what) => Part::Dynamic(what),
                None => Part::Variable(name.to_owned()),
            });
            copied = token.end;
        }
        push_text(&mut parts, &text[copied..]);
        Self { parts }
    }

    /// Returns the whole text if it has no variable parts. Returns `""` for an empty text.
    #[must_use]
    pub fn constant(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Appends the text to `out`, with fresh values for its dynamic variables. `unix_ns` is the time of the
    /// request, in nanoseconds since 1970 UTC. Allocates only to grow `out`. Other variables are written as
    /// typed.
    pub fn render(&self, source: &mut DynamicSource, unix_ns: u64, out: &mut Vec<u8>) {
        for part in &self.parts {
            match part {
                Part::Text(text) => out.extend_from_slice(text.as_bytes()),
                Part::Dynamic(what) => source.write(*what, unix_ns, out),
                Part::Variable(name) => write_typed(name, out),
            }
        }
    }

    /// Appends the text with values escaped as specified by `render`. An unknown variable stays as typed; a
    /// value may contain further variables.
    pub fn render_with(&self, render: &mut Render<'_>, out: &mut Vec<u8>) {
        for part in &self.parts {
            match part {
                Part::Text(text) => out.extend_from_slice(text.as_bytes()),
                Part::Dynamic(what) => {
                    render.scratch.clear();
                    render.source.write(*what, render.unix_ns, render.scratch);
                    (render.write)(render.scratch, out);
                }
                Part::Variable(name) => match look_up(name, render.variables) {
                    None => {
                        out.extend_from_slice(OPEN.as_bytes());
                        (render.write_name)(name.as_bytes(), out);
                        out.extend_from_slice(CLOSE.as_bytes());
                    }
                    Some(value) if value.contains(OPEN) => {
                        let inner = Self::compile(&value, render.variables, &mut BTreeSet::new());
                        let text = inner.render_text(render.source, render.unix_ns);
                        (render.write_variable)(text.as_bytes(), out);
                    }
                    Some(value) => (render.write_variable)(value.as_bytes(), out),
                },
            }
        }
    }

    /// Renders like [`Self::render`] and returns a string.
    #[must_use]
    pub fn render_text(&self, source: &mut DynamicSource, unix_ns: u64) -> String {
        let mut out = Vec::new();
        self.render(source, unix_ns, &mut out);
        // All parts are UTF-8, so the fallback is never taken.
        String::from_utf8(out)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
    }

    /// Returns the text with its variables as typed, to be rendered later.
    #[must_use]
    pub fn typed(&self) -> String {
        let parts = self.parts.iter().map(|part| match part {
            Part::Text(text) => text.clone(),
            Part::Dynamic(what) => format!("{OPEN}{}{CLOSE}", what.name()),
            Part::Variable(name) => format!("{OPEN}{name}{CLOSE}"),
        });
        parts.collect()
    }

    /// Splits a text without remaining constant variables into parts.
    fn split(text: &str, unresolved: &mut BTreeSet<String>) -> Self {
        let mut parts = Vec::new();
        let mut masked = String::new();
        let mut copied = 0;
        let mut from = 0;
        while let Some(token) = next_token(text, from) {
            from = token.end;
            if let Some(what) = find_dynamic(name_in(text, &token)) {
                push_text(&mut parts, &text[copied..token.start]);
                parts.push(Part::Dynamic(what));
                masked.push_str(&text[copied..token.start]);
                masked.extend(std::iter::repeat_n('.', token.len()));
                copied = token.end;
            }
        }
        push_text(&mut parts, &text[copied..]);
        masked.push_str(&text[copied..]);
        list_names(text, &masked, unresolved);
        Self { parts }
    }
}

/// A text after one round of substitution.
struct Round {
    text: String,
    /// Whether another round may find a variable to substitute.
    more: bool,
}

impl Round {
    /// Substitutes each innermost `{{name}}` of `text` that has a value. Variables in the values are left to
    /// the next round.
    fn new(text: &str, variables: &dyn Variables) -> Self {
        let mut out = String::with_capacity(text.len());
        let mut more = false;
        let mut copied = 0;
        let mut from = 0;
        while let Some(token) = next_token(text, from) {
            from = token.end;
            let Some(value) = look_up(name_in(text, &token), variables) else {
                continue;
            };
            out.push_str(&text[copied..token.start]);
            copied = token.start;
            if out.len() + value.len() > MAX_EXPANDED {
                more = false;
                break;
            }
            out.push_str(&value);
            copied = token.end;
            more = true;
        }
        out.push_str(&text[copied..]);
        Self { text: out, more }
    }
}

/// Finds the next `{{name}}` at or after `from`. The name is not empty and contains no brace, so the pair is
/// an innermost one.
fn next_token(text: &str, from: usize) -> Option<Range<usize>> {
    let mut search = from;
    loop {
        let close = search + text[search..].find(CLOSE)?;
        let head = &text[from..close];
        let name = head.rfind(['{', '}']).map_or(0, |brace| brace + 1);
        if name < head.len() && head[..name].ends_with(OPEN) {
            return Some(from + name - OPEN.len()..close + CLOSE.len());
        }
        // Advance by one only: in `}}}`, the last two may be the pair.
        search = close + 1;
    }
}

/// Returns the text between the braces of a token.
fn name_in<'a>(text: &'a str, token: &Range<usize>) -> &'a str {
    &text[token.start + OPEN.len()..token.end - CLOSE.len()]
}

fn look_up(name: &str, variables: &dyn Variables) -> Option<String> {
    variables.get(name).or_else(|| {
        let trimmed = name.trim();
        (trimmed != name).then(|| variables.get(trimmed)).flatten()
    })
}

fn find_dynamic(name: &str) -> Option<Dynamic> {
    Dynamic::find(name.trim())
}

fn write_typed(name: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(OPEN.as_bytes());
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(CLOSE.as_bytes());
}

fn push_text(parts: &mut Vec<Part>, text: &str) {
    if !text.is_empty() {
        parts.push(Part::Text(text.to_owned()));
    }
}

/// Collects the names that remain in braces. `masked` is `text` with the dynamic variables masked byte by
/// byte, so that a name around one of them is found as well.
fn list_names(text: &str, masked: &str, unresolved: &mut BTreeSet<String>) {
    let mut from = 0;
    while let Some(token) = next_token(masked, from) {
        from = token.end;
        let name = name_in(text, &token).trim();
        if !name.is_empty() && !unresolved.contains(name) {
            unresolved.insert(name.to_owned());
        }
    }
}

#[cfg(test)]
mod tests;
