//! Splits a script into tokens, without comments and with string contents kept apart. It serves guesses about
//! a script ([`super::guess`]), so it accepts any text and decides by the previous token whether a slash
//! begins a regular expression.

use std::iter::Peekable;
use std::str::CharIndices;

/// A token of JavaScript.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScriptToken<'a> {
    /// A name or a keyword.
    Name(&'a str),
    /// The contents of a string, or of a template literal between its substitutions.
    Text(&'a str),
    /// A number or a regular expression.
    Value,
    /// An operator or a bracket. Substitutions of template literals are enclosed in `(` and `)`.
    Punctuator(&'a str),
}

/// Operators of more than one character, the longest first.
const SIGNS: [&str; 30] = [
    ">>>=", "...", "===", "!==", "**=", "<<=", ">>=", ">>>", "&&=", "||=", "??=", "=>", "==", "!=",
    "<=", ">=", "&&", "||", "??", "?.", "++", "--", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=",
];

/// Keywords after which a slash begins a regular expression.
const BEFORE_PATTERNS: [&str; 14] = [
    "return",
    "typeof",
    "case",
    "in",
    "of",
    "delete",
    "void",
    "instanceof",
    "new",
    "else",
    "do",
    "throw",
    "await",
    "yield",
];

/// Returns whether a character may be part of a name.
fn is_of_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_' || letter == '$'
}

/// Returns the tokens of a text.
pub fn tokens(text: &str) -> Vec<ScriptToken<'_>> {
    let mut scanner = Scanner {
        text,
        at: 0,
        found: Vec::with_capacity(text.len() / 4),
        braces: Vec::new(),
    };
    while scanner.step() {}
    scanner.found
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    found: Vec<ScriptToken<'a>>,
    /// Open braces, and whether each opened a substitution of a template literal.
    braces: Vec<bool>,
}

impl<'a> Scanner<'a> {
    /// Takes the next token. Returns false at the end.
    fn step(&mut self) -> bool {
        let rest = &self.text[self.at..];
        let Some(letter) = rest.chars().next() else {
            return false;
        };
        if letter.is_whitespace() {
            self.at += letter.len_utf8();
        } else if rest.starts_with("//") {
            self.at += rest
                .find(['\n', '\r', '\u{2028}', '\u{2029}'])
                .unwrap_or(rest.len());
        } else if rest.starts_with("/*") {
            self.at += rest.find("*/").map_or(rest.len(), |end| end + 2);
        } else if letter.is_ascii_digit() {
            self.at += rest
                .find(|next| !is_of_name(next) && next != '.')
                .unwrap_or(rest.len());
            self.found.push(ScriptToken::Value);
        } else if is_of_name(letter) {
            let end = rest.find(|next| !is_of_name(next)).unwrap_or(rest.len());
            self.take(end, ScriptToken::Name);
        } else {
            self.step_sign(rest, letter);
        }
        true
    }

    fn take(&mut self, length: usize, token: fn(&'a str) -> ScriptToken<'a>) {
        self.found
            .push(token(&self.text[self.at..self.at + length]));
        self.at += length;
    }

    fn step_sign(&mut self, rest: &'a str, letter: char) {
        match letter {
            '\'' | '"' => self.string(letter),
            '`' => {
                self.at += 1;
                self.template();
            }
            '/' if self.begins_regex() && regex_length(rest).is_some() => {
                self.at += regex_length(rest).unwrap_or(1);
                self.found.push(ScriptToken::Value);
            }
            '{' => {
                self.braces.push(false);
                self.take(1, ScriptToken::Punctuator);
            }
            '}' => {
                if self.braces.pop() == Some(true) {
                    self.found.push(ScriptToken::Punctuator(")"));
                    self.at += 1;
                    self.template();
                } else {
                    self.take(1, ScriptToken::Punctuator);
                }
            }
            _ => {
                let sign = SIGNS.into_iter().find(|sign| rest.starts_with(sign));
                self.take(
                    sign.map_or(letter.len_utf8(), str::len),
                    ScriptToken::Punctuator,
                );
            }
        }
    }

    /// Takes a string from its opening quote. An unclosed string ends with its line.
    fn string(&mut self, quote: char) {
        self.at += 1;
        let end = ending(&self.text[self.at..], |letter, _| {
            letter == quote || letter == '\n'
        });
        self.take(end, ScriptToken::Text);
        self.at = (self.at + 1).min(self.text.len());
        self.skip_to_char_boundary();
    }

    /// Takes the text of a template literal, up to its end or the next substitution.
    fn template(&mut self) {
        let end = ending(&self.text[self.at..], |letter, next| {
            letter == '`' || letter == '$' && next == Some('{')
        });
        self.take(end, ScriptToken::Text);
        if self.text[self.at..].starts_with("${") {
            self.at += 2;
            self.braces.push(true);
            self.found.push(ScriptToken::Punctuator("("));
        } else {
            self.at = (self.at + 1).min(self.text.len());
            self.skip_to_char_boundary();
        }
    }

    /// Advances to the next character boundary.
    fn skip_to_char_boundary(&mut self) {
        while !self.text.is_char_boundary(self.at) {
            self.at += 1;
        }
    }

    fn begins_regex(&self) -> bool {
        match self.found.last() {
            None => true,
            Some(ScriptToken::Name(name)) => BEFORE_PATTERNS.contains(name),
            Some(ScriptToken::Punctuator(sign)) => !matches!(*sign, ")" | "]" | "++" | "--"),
            Some(ScriptToken::Text(_) | ScriptToken::Value) => false,
        }
    }
}

/// Returns the index where a text with escapes ends: the first unescaped character that is an end.
fn ending(text: &str, is_end: impl Fn(char, Option<char>) -> bool) -> usize {
    let mut letters: Peekable<CharIndices<'_>> = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        if letter == '\\' {
            letters.next();
        } else if is_end(letter, letters.peek().map(|(_, next)| *next)) {
            return at;
        }
    }
    text.len()
}

/// Returns the length of a regular expression, `None` if it does not end within its line.
fn regex_length(text: &str) -> Option<usize> {
    let (mut in_class, mut escaped) = (false, false);
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            '\n' => return None,
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => in_class = true,
            ']' => in_class = false,
            '/' if !in_class => {
                let flags = text[at + 1..].find(|next| !is_of_name(next));
                return Some(flags.map_or(text.len(), |flags| at + 1 + flags));
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tokens as text: strings in quotes, values as `#`.
    fn shown(text: &str) -> String {
        let shown = tokens(text).into_iter().map(|token| match token {
            ScriptToken::Name(name) => name.to_owned(),
            ScriptToken::Text(text) => format!("'{text}'"),
            ScriptToken::Value => "#".to_owned(),
            ScriptToken::Punctuator(sign) => sign.to_owned(),
        });
        shown.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn texts_are_split() {
        for (text, expected) in [
            ("a.b = 1 // c = 2", "a . b = #"),
            ("/* x = 1 */ a", "a"),
            ("/* x = 1", ""),
            ("'it\\'s = 1' + \"b\"", "'it\\'s = 1' + 'b'"),
            ("'open\nb", "'open' b"),
            ("'end\\", "'end\\'"),
            ("`a${b = `c${d}`}e` + 1", "'a' ( b = 'c' ( d ) '' ) 'e' + #"),
            ("`open", "'open'"),
            ("a => a?.b ?? {}", "a => a ?. b ?? { }"),
            ("x >>>= 1.5e3", "x >>>= #"),
            ("x ^= /[/=]=/g.exec(y)", "x ^= # . exec ( y )"),
            ("a / b / c", "a / b / c"),
            ("return /a=b/i", "return #"),
            ("(a) / b", "( a ) / b"),
            ("a = /b\n", "a = / b"),
            ("'é'é = 'ü", "'é' é = 'ü'"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }
}
