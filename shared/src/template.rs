//! Texts with `{{name}}` variables, compiled once and rendered per request.
//!
//! The rules are Postman's: the innermost braces are replaced first, a value
//! may hold further variables, and what is unknown stays as it was typed.
//! Constant variables are substituted when the text is compiled; only the
//! dynamic ones (`{{$guid}}`) are left to rendering. This module does not know
//! where values come from, and it escapes nothing for JSON or URLs.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::dynamic::{Dynamic, DynamicSource};

/// How often a text is gone through for variables. Postman stops there too;
/// it is what ends a variable that refers to itself.
const MAX_ROUNDS: usize = 20;

/// Bytes of text beyond which no more variables are substituted: values that
/// refer to others several times each grow without it as `n^20`.
const MAX_EXPANDED: usize = 16 * 1024 * 1024;

const OPEN: &str = "{{";
const CLOSE: &str = "}}";

/// The variables a text may name.
pub trait Variables {
    /// A variable's value as text. `None` when there is no such variable or it
    /// is disabled.
    fn get(&self, name: &str) -> Option<String>;
}

/// A compiled text.
#[derive(Clone, Debug)]
pub struct Template {
    /// No two texts in a row, and no empty one.
    parts: Vec<Part>,
}

#[derive(Clone, Debug)]
enum Part {
    Text(String),
    Dynamic(Dynamic),
    /// A variable whose value is known at rendering only: its name as it stands
    /// between the braces.
    Variable(String),
}

/// Which variables of a text are given their values when it is rendered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// None: what looks like one is text.
    Nothing,
    /// The dynamic ones; all others are text.
    Dynamic,
    /// All.
    All,
}

/// How a value is written behind what is there, so that it stays in its place.
pub type Write = fn(&[u8], &mut Vec<u8>);

/// What a template is rendered with.
pub struct Render<'a> {
    /// Where dynamic values come from.
    pub source: &'a mut DynamicSource,
    /// The time of the request, in nanoseconds since 1970 UTC.
    pub unix_ns: u64,
    /// The values of the variables that [`Template::open`] left.
    pub variables: &'a dyn Variables,
    /// Memory to work in.
    pub scratch: &'a mut Vec<u8>,
    /// Writes a dynamic value.
    pub write: Write,
    /// Writes a variable's value.
    pub write_variable: Write,
    /// Writes the name of a variable that nobody knows, between its braces.
    pub write_name: Write,
}

/// No variables: those that are constant were replaced before.
pub struct NoVariables;

impl Variables for NoVariables {
    fn get(&self, _: &str) -> Option<String> {
        None
    }
}

impl Template {
    /// Substitutes all that is constant and keeps the dynamic variables as
    /// parts. A name is looked up as written, then without the white space
    /// around it, then among the dynamic variables: a user's variable hides a
    /// dynamic one of its name.
    ///
    /// Every name that remains without a value is added to `unresolved`,
    /// without white space around it, and stays as typed in the text. That
    /// includes variables left over after 20 rounds or beyond 16 MiB of text,
    /// and names that hold a dynamic variable (`{{host_{{$randomInt}}}}`):
    /// which variable those mean is only known at rendering.
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

    /// A text without variables.
    #[must_use]
    pub fn text(text: &str) -> Self {
        let mut parts = Vec::new();
        push_text(&mut parts, text);
        Self { parts }
    }

    /// Keeps the variables that are left to rendering as parts.
    #[must_use]
    pub fn with(text: &str, left: Left) -> Self {
        match left {
            Left::Nothing => Self::text(text),
            Left::Dynamic => Self::of_dynamic(text),
            Left::All => Self::open(text),
        }
    }

    /// The same with the text between the variables replaced.
    #[must_use]
    pub fn with_text(mut self, replace: &dyn Fn(&str) -> String) -> Self {
        for part in &mut self.parts {
            if let Part::Text(text) = part {
                *text = replace(text);
            }
        }
        self
    }

    /// This text and another one behind it.
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

    /// The text with its number between two `mark`s in the place of each variable. The text has
    /// no `mark`.
    pub(crate) fn marked(&self, mark: &str) -> String {
        let parts = self.parts.iter().enumerate();
        let parts = parts.map(|(index, part)| match part {
            Part::Text(text) => text.clone(),
            Part::Dynamic(_) | Part::Variable(_) => format!("{mark}{index}{mark}"),
        });
        parts.collect()
    }

    /// The template of what was made of [`Self::marked`].
    pub(crate) fn restored(&self, text: &str, mark: &str) -> Self {
        let mut parts = Vec::new();
        for (index, piece) in text.split(mark).enumerate() {
            // Every second piece is a number.
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

    /// Keeps the dynamic variables as parts; all others are text.
    #[must_use]
    pub fn of_dynamic(text: &str) -> Self {
        Self::compile(text, &NoVariables, &mut BTreeSet::new())
    }

    /// Keeps every variable as a part, for who renders it with values that change.
    /// Of names within names, the inner one is a variable and the outer one is text.
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

    /// The whole text when it has no dynamic part. An empty text is `""`.
    #[must_use]
    pub fn constant(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Appends the text to `out`, with fresh values for its dynamic variables.
    /// `unix_ns` is the time of the request, in nanoseconds since 1970 UTC.
    /// Allocates nothing but what `out` needs to grow. Of a template that has
    /// variables left, their names are written.
    pub fn render(&self, source: &mut DynamicSource, unix_ns: u64, out: &mut Vec<u8>) {
        for part in &self.parts {
            match part {
                Part::Text(text) => out.extend_from_slice(text.as_bytes()),
                Part::Dynamic(what) => source.write(*what, unix_ns, out),
                Part::Variable(name) => write_typed(name, out),
            }
        }
    }

    /// Appends the text with values written as `render` says. A variable that nobody
    /// knows stays as typed; a value may hold further variables.
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

    /// As [`Self::render`], into a string of its own.
    #[must_use]
    pub fn render_text(&self, source: &mut DynamicSource, unix_ns: u64) -> String {
        let mut out = Vec::new();
        self.render(source, unix_ns, &mut out);
        // All parts are UTF-8, so the fallback is never taken.
        String::from_utf8(out)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
    }

    /// The text with its dynamic variables as they are typed, for whoever
    /// renders it later.
    #[must_use]
    pub fn typed(&self) -> String {
        let parts = self.parts.iter().map(|part| match part {
            Part::Text(text) => text.clone(),
            Part::Dynamic(what) => format!("{OPEN}{}{CLOSE}", what.name()),
            Part::Variable(name) => format!("{OPEN}{name}{CLOSE}"),
        });
        parts.collect()
    }

    /// Makes parts of a text in which nothing constant is left to substitute.
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
    /// Whether another round may find something to substitute.
    more: bool,
}

impl Round {
    /// Replaces each innermost `{{name}}` of `text` that has a value. The
    /// values themselves are left to the next round.
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

/// Where the next `{{name}}` lies, at `from` or behind it. The name is not
/// empty and has no brace in it, which makes the pair an innermost one.
fn next_token(text: &str, from: usize) -> Option<Range<usize>> {
    let mut search = from;
    loop {
        let close = search + text[search..].find(CLOSE)?;
        let head = &text[from..close];
        let name = head.rfind(['{', '}']).map_or(0, |brace| brace + 1);
        if name < head.len() && head[..name].ends_with(OPEN) {
            return Some(from + name - OPEN.len()..close + CLOSE.len());
        }
        // By one only: of `}}}`, the last two may be the pair.
        search = close + 1;
    }
}

/// What stands between the braces of a token.
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

/// Lists the names in braces that are left. `masked` is `text` with the
/// dynamic variables blotted out, byte for byte, so that a name around one of
/// them is found as well.
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
