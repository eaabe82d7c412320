//! Authentication of a load run's requests that differs for every request, or that changes during the run.
//!
//! A [`Signing`] contains the credentials. Each shard has a [`Signer`] for it, which returns the header lines
//! to add when a request is rendered. Shards do not communicate: for a challenge that all shards received,
//! each uses its own disjoint nonce counts.

mod token;

use std::fmt;

use fastrand::Rng;

use crate::auth::basic::basic;
use crate::auth::digest::{Challenge, DigestRequest};
use crate::auth::sigv4::{AwsKey, SignRequest};
use crate::http::HeadView;
use crate::template::{Render, Template};
use crate::units::SECOND;
pub use token::RunToken;

/// The credentials that requests are signed with.
#[derive(Clone)]
pub enum Signing {
    /// A token, which may be replaced by a later one.
    Token(RunToken),
    /// HTTP Basic with dynamic variables in the credentials.
    Basic {
        /// The user.
        user: Template,
        /// The password.
        password: Template,
    },
    /// HTTP Digest.
    Digest {
        /// The user.
        user: String,
        /// The password.
        password: String,
        /// The target's challenge. `None`: it is taken from the first response.
        challenge: Option<Challenge>,
    },
    /// An AWS signature over the whole request.
    Aws(AwsKey),
}

/// Omits the secrets.
impl fmt::Debug for Signing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Token(_) => "Token",
            Self::Basic { .. } => "Basic",
            Self::Digest { .. } => "Digest",
            Self::Aws(_) => "Aws",
        })
    }
}

impl Signing {
    /// Returns the names of the headers that the signature writes.
    pub(super) fn own_headers(&self) -> &'static [&'static str] {
        match self {
            Self::Aws(key) => key.own_headers(),
            _ => &[],
        }
    }
}

/// How long a signed request may be resent unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    /// Valid for one request.
    Once,
    /// Valid until the end of this second since 1970.
    Second(u64),
    /// Valid until the token is replaced.
    Token,
}

/// Signs the requests of one shard.
pub struct Signer {
    signing: Signing,
    nonces: NonceCounts,
    random: Rng,
}

impl Signer {
    /// Creates the signer of `shard` (from zero) out of `shards`. Client nonces are drawn with `seed`.
    #[must_use]
    pub fn new(signing: Signing, shard: usize, shards: usize, seed: u64) -> Self {
        Self {
            signing,
            nonces: NonceCounts::shared(shard, shards),
            random: Rng::with_seed(seed ^ (shard as u64).rotate_left(32)),
        }
    }

    /// Replaces the token.
    pub fn renew(&mut self, token: RunToken) {
        self.signing = Signing::Token(token);
    }

    /// Processes a response head: stores a challenge for the next request and marks a rejected token. The
    /// response itself is still counted normally.
    pub fn saw(&mut self, status: u16, head: &[u8]) {
        if status != 401 {
            return;
        }
        let challenge = match &mut self.signing {
            Signing::Digest { challenge, .. } => challenge,
            Signing::Token(token) => {
                token.reject();
                return;
            }
            _ => return,
        };
        let values: Vec<_> = HeadView::new(head).values("www-authenticate").collect();
        let values: Vec<&str> = values.iter().map(AsRef::as_ref).collect();
        let found = Challenge::strongest(&values);
        if found.is_some() && found != *challenge {
            *challenge = found;
            self.nonces = NonceCounts::own();
        }
    }

    /// Returns the header lines to add to a request, and how long it may then be resent unchanged.
    pub fn sign(
        &mut self,
        request: &SignedRequest<'_>,
        render: &mut Render<'_>,
    ) -> (Validity, Vec<(&'static str, String)>) {
        let authorization = |value: String| vec![("Authorization", value)];
        match &self.signing {
            Signing::Token(token) => {
                let value = token.authorization.as_ref().to_owned();
                (Validity::Token, authorization(value))
            }
            Signing::Basic { user, password } => {
                let mut written = |part: &Template| {
                    let mut out = Vec::new();
                    part.render_with(render, &mut out);
                    String::from_utf8_lossy(&out).into_owned()
                };
                let (user, password) = (written(user), written(password));
                (Validity::Once, authorization(basic(&user, &password)))
            }
            Signing::Digest {
                challenge: None, ..
            } => (Validity::Once, Vec::new()),
            Signing::Digest {
                user,
                password,
                challenge: Some(challenge),
            } => {
                let signed = DigestRequest {
                    method: request.method,
                    uri: request.target,
                    body: request.body,
                    user,
                    password,
                };
                let cnonce = format!("{:016x}", self.random.u64(..));
                let value = challenge.authorization(&signed, &cnonce, self.nonces.next());
                (Validity::Once, authorization(value))
            }
            Signing::Aws(key) => {
                let seconds = render.unix_ns / SECOND;
                let lines = request.aws_lines(key, seconds);
                (Validity::Second(seconds), lines)
            }
        }
    }

    /// Returns the credentials it signs with.
    #[must_use]
    pub fn signing(&self) -> &Signing {
        &self.signing
    }
}

/// A request as sent, except for its signature.
pub struct SignedRequest<'a> {
    /// The method.
    pub method: &'a str,
    /// Path and query.
    pub target: &'a str,
    /// The header lines.
    pub headers: &'a dyn Fn() -> Vec<(String, String)>,
    /// The body, without framing.
    pub body: &'a [u8],
}

impl SignedRequest<'_> {
    /// Returns the header lines of an AWS signature at `seconds` since 1970. They replace headers of the same
    /// names.
    #[must_use]
    pub fn aws_lines(&self, key: &AwsKey, seconds: u64) -> Vec<(&'static str, String)> {
        let (path, query) = self.target.split_once('?').unwrap_or((self.target, ""));
        let headers = (self.headers)();
        let host = headers
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("host"));
        let request = SignRequest {
            method: self.method,
            host: host.map_or("", |(_, value)| value.as_str()),
            path,
            query,
            headers: &headers,
            body: self.body,
        };
        key.sign(&request, seconds)
    }
}

/// Nonce counts. Together, the counts of all shards are the numbers from one on, each used once.
struct NonceCounts {
    last: u32,
    step: u32,
}

impl NonceCounts {
    /// Returns the counts of one shard for a nonce that all shards have.
    fn shared(shard: usize, shards: usize) -> Self {
        let step = u32::try_from(shards).unwrap_or(u32::MAX);
        let before = u32::try_from(shard).unwrap_or_default() + 1;
        Self {
            last: before.wrapping_sub(step),
            step,
        }
    }

    /// Returns the counts for a nonce that only this shard has.
    fn own() -> Self {
        Self { last: 0, step: 1 }
    }

    fn next(&mut self) -> u32 {
        self.last = self.last.wrapping_add(self.step);
        self.last
    }
}

#[cfg(test)]
mod tests;
