//! HTTP Digest access authentication, RFC 7616: the response to a challenge.
//!
//! The challenge comes from `WWW-Authenticate`, the response is the value of `Authorization`. `auth` is
//! preferred, `auth-int` is used if it is the only offer, and without `qop` the older form of RFC 2069 is
//! used. Names and passwords are hashed as UTF-8. The caller counts nonces, generates client nonces and reads
//! `Authentication-Info`.

mod challenge;
#[cfg(test)]
mod tests;

use md5::Md5;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256, Sha512_256};

use super::hex::hex;

/// A Digest challenge of a server that this module can respond to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    realm: String,
    nonce: String,
    opaque: Option<String>,
    qop: Option<Qop>,
    algorithm: Algorithm,
    /// The algorithm as spelled by the server. The response repeats it.
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
    /// The request target as sent: path and query, or the absolute URI to a proxy.
    pub uri: &'a str,
    /// The body, before any transfer coding. Only `auth-int` reads it.
    pub body: &'a [u8],
    /// The user name.
    pub user: &'a str,
    /// The password.
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

/// The hash functions, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Hash {
    Md5,
    Sha256,
    Sha512_256,
}

impl Hash {
    /// Returns H of the parts joined by colons.
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
    /// Returns whether only the nonce was stale, so the same password is worth another try. If it is not, a
    /// second challenge means that the password is wrong.
    #[must_use]
    pub fn stale(&self) -> bool {
        self.stale
    }

    /// Returns the value of the `Authorization` header.
    ///
    /// `cnonce` is the client nonce, preferably at least 16 random bytes as text. `nonce_count` is the number
    /// of requests that have used the server's nonce, including this one; it starts at 1. Both are omitted in
    /// the RFC 2069 form.
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
        // A session hash needs the client nonce even without qop.
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

    /// Returns the request digest, RFC 7616 section 3.4.1.
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

    /// Returns the field that names the user: hashed, extended or plain.
    fn username(&self, user: &str) -> String {
        if self.userhash {
            let hashed = self.algorithm.hash.of_text(&[user, &self.realm]);
            return format!("username=\"{hashed}\"");
        }
        // Servers that do not announce UTF-8 seldom support the extended form, but a control character cannot
        // be sent in any other form.
        let foreign = self.utf8 && !user.is_ascii();
        if foreign || user.chars().any(char::is_control) {
            let encoded = utf8_percent_encode(user, EXTENDED);
            return format!("username*=UTF-8''{encoded}");
        }
        format!("username={}", quoted(user))
    }
}

/// All characters except the `attr-char` of RFC 5987.
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

/// Formats a quoted string, RFC 9110 section 5.6.4.
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
