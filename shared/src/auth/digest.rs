//! HTTP Digest access authentication, RFC 7616: the answer to a challenge.
//!
//! The challenge is read from `WWW-Authenticate`, the answer is the value of
//! `Authorization`. `auth` is preferred, `auth-int` is used when it is all that
//! is offered, and without `qop` the older form of RFC 2069 is. Names and
//! passwords are hashed as UTF-8. Counting nonces, making client nonces and
//! reading `Authentication-Info` are left to the caller.

mod challenge;
#[cfg(test)]
mod tests;

use md5::Md5;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256, Sha512_256};

use super::hex::hex;

/// What a server asks for: one Digest challenge this module can answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    realm: String,
    nonce: String,
    opaque: Option<String>,
    qop: Option<Qop>,
    algorithm: Algorithm,
    /// The algorithm as the server spelt it; the answer repeats it.
    algorithm_name: Option<String>,
    stale: bool,
    userhash: bool,
    utf8: bool,
}

/// The parts of a request that its digest covers.
#[derive(Clone, Copy)]
pub struct DigestRequest<'a> {
    /// The method as sent, such as `GET`.
    pub method: &'a str,
    /// The request target as sent: path and query, or the whole URI to a proxy.
    pub uri: &'a str,
    /// The body, before any transfer coding. Only `auth-int` reads it.
    pub body: &'a [u8],
    /// The user's name.
    pub user: &'a str,
    /// The user's password.
    pub password: &'a str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Qop {
    Auth,
    AuthInt,
}

impl Qop {
    fn name(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::AuthInt => "auth-int",
        }
    }
}

/// The hash functions, the weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Hash {
    Md5,
    Sha256,
    Sha512_256,
}

impl Hash {
    /// H of the parts with colons between them.
    fn of(self, parts: &[&[u8]]) -> String {
        let text = parts.join(&b':');
        match self {
            Self::Md5 => hex(&Md5::digest(&text)),
            Self::Sha256 => hex(&Sha256::digest(&text)),
            Self::Sha512_256 => hex(&Sha512_256::digest(&text)),
        }
    }

    fn of_text(self, parts: &[&str]) -> String {
        let parts: Vec<&[u8]> = parts.iter().map(|part| part.as_bytes()).collect();
        self.of(&parts)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Algorithm {
    hash: Hash,
    /// The `-sess` form: nonce and client nonce enter the hash of the password.
    session: bool,
}

impl Challenge {
    /// Whether only the nonce was too old: the same password is worth another
    /// try. Otherwise a second challenge means that it is wrong.
    #[must_use]
    pub fn stale(&self) -> bool {
        self.stale
    }

    /// The value of the `Authorization` header.
    ///
    /// `cnonce` is the client nonce, best 16 random bytes or more as text.
    /// `nonce_count` says how many requests have used the server's nonce, this
    /// one included; it starts at 1. Both are left out where RFC 2069 is spoken.
    #[must_use]
    pub fn authorization(
        &self,
        request: &DigestRequest<'_>,
        cnonce: &str,
        nonce_count: u32,
    ) -> String {
        let count = format!("{nonce_count:08x}");
        let response = self.response(request, cnonce, &count);
        let mut fields = vec![
            self.username(request.user),
            format!("realm={}", quoted(&self.realm)),
            format!("uri={}", quoted(request.uri)),
        ];
        let name = self.algorithm_name.iter();
        fields.extend(name.map(|name| format!("algorithm={name}")));
        fields.push(format!("nonce={}", quoted(&self.nonce)));
        if self.qop.is_some() {
            fields.push(format!("nc={count}"));
        }
        // A session's hash needs the client nonce even where no qop is spoken.
        if self.qop.is_some() || self.algorithm.session {
            fields.push(format!("cnonce={}", quoted(cnonce)));
        }
        let qop = self.qop.iter();
        fields.extend(qop.map(|qop| format!("qop={}", qop.name())));
        fields.push(format!("response=\"{response}\""));
        let opaque = self.opaque.iter();
        fields.extend(opaque.map(|opaque| format!("opaque={}", quoted(opaque))));
        if self.userhash {
            fields.push("userhash=true".to_owned());
        }
        format!("Digest {}", fields.join(", "))
    }

    /// The request digest, RFC 7616 section 3.4.1.
    fn response(&self, request: &DigestRequest<'_>, cnonce: &str, count: &str) -> String {
        let Algorithm { hash, session } = self.algorithm;
        let mut secret = hash.of_text(&[request.user, &self.realm, request.password]);
        if session {
            secret = hash.of_text(&[&secret, &self.nonce, cnonce]);
        }
        let target = match self.qop {
            Some(Qop::AuthInt) => {
                let body = hash.of(&[request.body]);
                hash.of_text(&[request.method, request.uri, &body])
            }
            Some(Qop::Auth) | None => hash.of_text(&[request.method, request.uri]),
        };
        match self.qop {
            Some(qop) => {
                let parts = [&secret, &self.nonce, count, cnonce, qop.name(), &target];
                hash.of_text(&parts)
            }
            None => hash.of_text(&[&secret, &self.nonce, &target]),
        }
    }

    /// The field that names the user: hashed, extended or plain.
    fn username(&self, user: &str) -> String {
        if self.userhash {
            let hashed = self.algorithm.hash.of_text(&[user, &self.realm]);
            return format!("username=\"{hashed}\"");
        }
        // Servers that do not announce UTF-8 seldom know the extended form, but
        // a control character has no other place in a header.
        let foreign = self.utf8 && !user.is_ascii();
        if foreign || user.chars().any(char::is_control) {
            let encoded = utf8_percent_encode(user, EXTENDED);
            return format!("username*=UTF-8''{encoded}");
        }
        format!("username={}", quoted(user))
    }
}

/// All but the `attr-char` of RFC 5987.
const EXTENDED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// A quoted string, RFC 9110 section 5.6.4.
fn quoted(text: &str) -> String {
    let mut result = String::with_capacity(text.len() + 2);
    result.push('"');
    for letter in text.chars() {
        if matches!(letter, '"' | '\\') {
            result.push('\\');
        }
        result.push(letter);
    }
    result.push('"');
    result
}
