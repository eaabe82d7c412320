//! Parses `WWW-Authenticate`, RFC 9110 section 11.6.1: finds the challenges in a value and selects the Digest
//! challenge to respond to.
//!
//! A comma separates both challenges and their parameters, so a name without `=` starts the next challenge.
//! Input that violates the grammar is skipped up to the next comma, because servers send invalid values and
//! the rest may still be usable.

use std::cmp::Reverse;

use super::{Algorithm, Challenge, Hash, Qop};

impl Challenge {
    /// Returns the strongest Digest challenge among all values of `WWW-Authenticate` that this module
    /// supports: SHA-512-256, then SHA-256, then MD5, each also in its `-sess` form. The first of equals
    /// wins. A value may contain several challenges, including other schemes.
    ///
    /// Returns `None` if there is no such challenge: no Digest challenge, none with a realm and a nonce, or
    /// only ones with an unknown algorithm or `qop`.
    #[must_use]
    pub fn strongest(headers: &[&str]) -> Option<Self> {
        let raw = headers.iter().flat_map(|header| challenges(header));
        let digests = raw.filter(|raw| raw.scheme.eq_ignore_ascii_case("Digest"));
        digests
            .filter_map(|raw| raw.digest())
            .min_by_key(|challenge| Reverse(challenge.algorithm.hash))
    }
}

/// A challenge of any scheme.
struct Raw<'a> {
    scheme: &'a str,
    parameters: Vec<(&'a str, String)>,
}

impl Raw<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        let mut parameters = self.parameters.iter();
        let found = parameters.find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    fn digest(&self) -> Option<Challenge> {
        let algorithm_name = self.get("algorithm");
        let is_true = |name| {
            self.get(name)
                .is_some_and(|value| value.eq_ignore_ascii_case("true"))
        };
        Some(Challenge {
            realm: self.get("realm")?.to_owned(),
            nonce: self.get("nonce")?.to_owned(),
            opaque: self.get("opaque").map(str::to_owned),
            qop: best_qop(self.get("qop").unwrap_or_default())?,
            algorithm: algorithm(algorithm_name.unwrap_or("MD5"))?,
            algorithm_name: algorithm_name.map(str::to_owned),
            stale: is_true("stale"),
            userhash: is_true("userhash"),
            utf8: self
                .get("charset")
                .is_some_and(|charset| charset.eq_ignore_ascii_case("UTF-8")),
        })
    }
}

/// Selects the qop to use. Returns `Some(None)` if none is offered, and `None` if all offered are unknown.
fn best_qop(list: &str) -> Option<Option<Qop>> {
    let offered = || {
        list.split([',', ' ', '\t'])
            .filter(|option| !option.is_empty())
    };
    let offers = |qop: Qop| offered().any(|option| option.eq_ignore_ascii_case(qop.name()));
    if offered().next().is_none() {
        return Some(None);
    }
    let known = [Qop::Auth, Qop::AuthInt];
    known.into_iter().find(|qop| offers(*qop)).map(Some)
}

fn algorithm(name: &str) -> Option<Algorithm> {
    let name = name.to_ascii_uppercase();
    let plain = name.strip_suffix("-SESS");
    let hash = match plain.unwrap_or(&name) {
        "MD5" => Hash::Md5,
        "SHA-256" => Hash::Sha256,
        "SHA-512-256" => Hash::Sha512_256,
        _ => return None,
    };
    let session = plain.is_some();
    Some(Algorithm { hash, session })
}

/// Parses the challenges of one header value.
fn challenges(value: &str) -> Vec<Raw<'_>> {
    let mut found: Vec<Raw<'_>> = Vec::new();
    let mut cursor = Cursor { rest: value };
    loop {
        cursor.skip(|letter| letter == ',' || is_blank(letter));
        if cursor.rest.is_empty() {
            return found;
        }
        let name = cursor.take(is_token);
        cursor.skip(is_blank);
        if name.is_empty() {
            cursor.skip(|letter| letter != ',');
        } else if cursor.eat('=') {
            cursor.skip(is_blank);
            let value = cursor.value();
            if let Some(challenge) = found.last_mut() {
                challenge.parameters.push((name, value));
            }
        } else {
            // A token68 of another scheme, as in `Negotiate YII=`, is parsed as one more scheme or parameter.
            // This is harmless.
            found.push(Raw {
                scheme: name,
                parameters: Vec::new(),
            });
        }
    }
}

/// The unparsed rest of the value.
struct Cursor<'a> {
    rest: &'a str,
}

impl<'a> Cursor<'a> {
    fn take(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|letter| !wanted(letter));
        let (taken, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        taken
    }

    fn skip(&mut self, unwanted: impl Fn(char) -> bool) {
        self.take(unwanted);
    }

    fn eat(&mut self, letter: char) -> bool {
        let rest = self.rest.strip_prefix(letter);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Parses a parameter value and unquotes it. An unquoted value may contain characters such as `=`: nonces
    /// are Base64, and not every server quotes them.
    fn value(&mut self) -> String {
        if self.eat('"') {
            self.quoted()
        } else {
            self.take(|letter| letter != ',' && !is_blank(letter))
                .to_owned()
        }
    }

    /// Parses a quoted string after its opening quote. The end of the input also ends it.
    fn quoted(&mut self) -> String {
        let mut text = String::new();
        let mut letters = self.rest.chars();
        while let Some(letter) = letters.next() {
            match letter {
                '"' => break,
                '\\' => text.extend(letters.next()),
                other => text.push(other),
            }
        }
        self.rest = letters.as_str();
        text
    }
}

fn is_blank(letter: char) -> bool {
    matches!(letter, ' ' | '\t')
}

/// The `tchar` of RFC 9110.
fn is_token(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(letter)
}
