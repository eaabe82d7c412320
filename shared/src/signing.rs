//! Authentication of a load run's requests that is another one for every request,
//! or becomes another one while the run goes on.
//!
//! A [`Signing`] says what there is to sign with; each shard has a [`Signer`] of
//! it, which adds the header lines to requests that are otherwise ready. No shard
//! asks another: of a challenge that all of them got, each uses nonce counts of
//! its own.

mod parts;
mod token;

use std::fmt;

use fastrand::Rng;

use crate::auth::basic::basic;
use crate::auth::digest::{Challenge, DigestRequest};
use crate::auth::sigv4::{AwsKey, SignRequest};
use crate::dynamic::DynamicSource;
use crate::request_template::plainly;
use crate::template::{Render, Template, Variables};
use crate::units::SECOND;
use parts::{Parts, has_header, put};

pub use token::RunToken;

/// What requests are signed with.
#[derive(Clone)]
pub enum Signing {
    /// A token; a later one may take its place.
    Token(RunToken),
    /// HTTP Basic with dynamic variables in it.
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
        /// What the target asked for; without it, the first answer says.
        challenge: Option<Challenge>,
    },
    /// A signature over the whole request, for AWS.
    Aws(AwsKey),
}

/// Without what is secret.
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

/// For how long a signed request may be sent again as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    /// It is good for one request.
    Once,
    /// Until this second since 1970 is over.
    Second(u64),
    /// Until there is another token.
    Token,
}

/// Signs the requests of one shard.
pub struct Signer {
    signing: Signing,
    nonces: NonceCounts,
    random: Rng,
}

impl Signer {
    /// The signer of `shard` (from zero) out of `shards`. `seed` is what client
    /// nonces are drawn from.
    #[must_use]
    pub fn new(signing: Signing, shard: usize, shards: usize, seed: u64) -> Self {
        Self {
            signing,
            nonces: NonceCounts::shared(shard, shards),
            random: Rng::with_seed(seed ^ (shard as u64).rotate_left(32)),
        }
    }

    /// Puts another token in place of the one before.
    pub fn renew(&mut self, token: RunToken) {
        self.signing = Signing::Token(token);
    }

    /// Learns from the head of a response: a challenge is what the next request
    /// answers, and a token that was refused says so. The response itself counts as
    /// what it is.
    pub fn saw(&mut self, status: u16, head: &[u8]) {
        if status != 401 {
            return;
        }
        let challenge = match &mut self.signing {
            Signing::Digest { challenge, .. } => challenge,
            Signing::Token(token) => {
                token.refuse();
                return;
            }
            _ => return,
        };
        let text = String::from_utf8_lossy(head);
        let lines = text.split("\r\n").filter_map(|line| line.split_once(':'));
        let values = lines.filter(|(name, _)| name.eq_ignore_ascii_case("www-authenticate"));
        let values: Vec<&str> = values.map(|(_, value)| value.trim()).collect();
        let found = Challenge::strongest(&values);
        if found.is_some() && found != *challenge {
            *challenge = found;
            self.nonces = NonceCounts::own();
        }
    }

    /// Adds the header lines to a request: head and body as they are sent. One that has
    /// an `Authorization` of its own, from a script, is left as it is.
    /// `source` gives dynamic variables their values at `unix_ns`, and `variables` has
    /// the others.
    pub fn sign(
        &mut self,
        request: &mut Vec<u8>,
        source: &mut DynamicSource,
        unix_ns: u64,
        variables: &dyn Variables,
    ) -> Validity {
        if has_header(request, "authorization") {
            return Validity::Once;
        }
        match &self.signing {
            Signing::Token(token) => {
                put(request, &[("Authorization", &token.authorization)]);
                Validity::Token
            }
            Signing::Basic { user, password } => {
                let mut written = |part: &Template| {
                    let mut out = Vec::new();
                    let mut render = Render {
                        source,
                        unix_ns,
                        variables,
                        scratch: &mut Vec::new(),
                        write: plainly,
                        write_variable: plainly,
                    };
                    part.render_with(&mut render, &mut out);
                    String::from_utf8_lossy(&out).into_owned()
                };
                let (user, password) = (written(user), written(password));
                put(request, &[("Authorization", &basic(&user, &password))]);
                Validity::Once
            }
            Signing::Digest {
                user,
                password,
                challenge,
            } => {
                if let Some(challenge) = challenge {
                    let parts = Parts::of(request);
                    let signed = DigestRequest {
                        method: parts.method,
                        uri: parts.target,
                        body: &parts.body,
                        user,
                        password,
                    };
                    let cnonce = format!("{:016x}", self.random.u64(..));
                    let value = challenge.authorization(&signed, &cnonce, self.nonces.next());
                    put(request, &[("Authorization", &value)]);
                }
                Validity::Once
            }
            Signing::Aws(key) => {
                let seconds = unix_ns / SECOND;
                let lines = aws_lines(key, request, seconds);
                let lines: Vec<(&str, &str)> = lines
                    .iter()
                    .map(|(name, value)| (*name, value.as_str()))
                    .collect();
                put(request, &lines);
                Validity::Second(seconds)
            }
        }
    }
}

/// The header lines that sign a request for AWS: head and body as they are sent, at
/// `seconds` since 1970. They take the place of those of the same names.
#[must_use]
pub fn aws_lines(key: &AwsKey, request: &[u8], seconds: u64) -> Vec<(&'static str, String)> {
    let parts = Parts::of(request);
    let (path, query) = parts.target.split_once('?').unwrap_or((parts.target, ""));
    let headers = parts.headers();
    let host = headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("host"));
    let request = SignRequest {
        method: parts.method,
        host: host.map_or("", |(_, value)| value.as_str()),
        path,
        query,
        headers: &headers,
        body: &parts.body,
    };
    key.sign(&request, seconds)
}

/// How often nonces were used. The counts of all shards are the numbers from one
/// on, each once.
struct NonceCounts {
    last: u32,
    step: u32,
}

impl NonceCounts {
    /// Those of one shard, for a nonce that all shards have.
    fn shared(shard: usize, shards: usize) -> Self {
        let step = u32::try_from(shards).unwrap_or(u32::MAX);
        let before = u32::try_from(shard).unwrap_or_default() + 1;
        Self {
            last: before.wrapping_sub(step),
            step,
        }
    }

    /// Those of a nonce that no other shard has.
    fn own() -> Self {
        Self { last: 0, step: 1 }
    }

    fn next(&mut self) -> u32 {
        self.last = self.last.wrapping_add(self.step);
        self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::NoVariables;

    const GET: &[u8] = b"GET /dir/index.html HTTP/1.1\r\nHost: h\r\n\r\n";
    const CHALLENGE: &str = "Digest realm=\"r\", nonce=\"n1\", qop=\"auth\"";

    fn signed(signer: &mut Signer, request: &[u8], unix_ns: u64) -> (String, Validity) {
        let mut bytes = request.to_vec();
        let validity = signer.sign(
            &mut bytes,
            &mut DynamicSource::new(1),
            unix_ns,
            &NoVariables,
        );
        (String::from_utf8(bytes).expect("text"), validity)
    }

    fn digest(challenge: Option<&str>, shard: usize) -> Signer {
        let challenge = challenge.and_then(|text| Challenge::strongest(&[text]));
        let signing = Signing::Digest {
            user: "u".to_owned(),
            password: "p".to_owned(),
            challenge,
        };
        Signer::new(signing, shard, 3, 7)
    }

    #[test]
    fn a_token_goes_behind_the_other_headers_and_can_be_renewed() {
        let mut signer = Signer::new(Signing::Token(RunToken::new("Bearer a")), 0, 1, 7);
        let (sent, validity) = signed(&mut signer, b"GET / HTTP/1.1\r\nA: b\r\n\r\nbody", 0);
        assert_eq!(
            sent,
            "GET / HTTP/1.1\r\nA: b\r\nAuthorization: Bearer a\r\n\r\nbody"
        );
        assert_eq!(validity, Validity::Token);
        signer.renew(RunToken::new("Bearer b"));
        let (sent, _) = signed(&mut signer, GET, 0);
        assert!(sent.contains("Authorization: Bearer b\r\n"), "{sent}");
    }

    #[test]
    fn only_the_token_in_use_is_refused() {
        let (first, second) = (RunToken::new("Bearer a"), RunToken::new("Bearer b"));
        let mut signer = Signer::new(Signing::Token(first.clone()), 0, 1, 7);
        signer.saw(403, b"");
        assert!(!first.is_refused());
        signer.saw(401, b"");
        assert!(first.is_refused());
        signer.renew(second.clone());
        assert!(!second.is_refused());
        signer.saw(401, b"");
        assert!(second.is_refused());
    }

    #[test]
    fn dynamic_credentials_are_encoded_when_they_are_known() {
        let signing = Signing::Basic {
            user: Template::of_dynamic("u{{$timestamp}}"),
            password: Template::of_dynamic("p"),
        };
        let mut signer = Signer::new(signing, 0, 1, 7);
        let (sent, validity) = signed(&mut signer, GET, 5 * SECOND);
        assert!(sent.contains(&basic("u5", "p")), "{sent}");
        assert_eq!(validity, Validity::Once);
    }

    #[test]
    fn shards_share_the_counts_of_a_nonce() {
        let counts = |shard| {
            let mut signer = digest(Some(CHALLENGE), shard);
            let counts = (0..3).map(|_| {
                let (sent, _) = signed(&mut signer, GET, 0);
                let count = sent.split("nc=").nth(1).map(|rest| rest[..8].to_owned());
                count.expect("a count")
            });
            counts.collect::<Vec<_>>()
        };
        assert_eq!(counts(0), ["00000001", "00000004", "00000007"]);
        assert_eq!(counts(2), ["00000003", "00000006", "00000009"]);
    }

    #[test]
    fn a_challenge_is_answered_from_then_on() {
        let mut signer = digest(None, 1);
        assert!(!signed(&mut signer, GET, 0).0.contains("Authorization"));
        let head = format!("HTTP/1.1 401 No\r\nwww-authenticate: {CHALLENGE}\r\n\r\n");
        signer.saw(200, head.as_bytes());
        assert!(!signed(&mut signer, GET, 0).0.contains("Authorization"));
        signer.saw(401, head.as_bytes());
        let (sent, _) = signed(&mut signer, GET, 0);
        assert!(
            sent.contains("nonce=\"n1\"") && sent.contains("nc=00000001"),
            "{sent}"
        );
        assert!(sent.contains("uri=\"/dir/index.html\""), "{sent}");
        // The same challenge once more is no new nonce.
        signer.saw(401, head.as_bytes());
        assert!(signed(&mut signer, GET, 0).0.contains("nc=00000002"));
        signer.saw(401, head.replace("n1", "n2").as_bytes());
        let (sent, _) = signed(&mut signer, GET, 0);
        assert!(
            sent.contains("nonce=\"n2\"") && sent.contains("nc=00000001"),
            "{sent}"
        );
    }

    #[test]
    fn what_has_an_authorization_is_left_alone() {
        let own = b"GET / HTTP/1.1\r\nHost: h\r\nauthorization: mine\r\n\r\n";
        for signing in [
            Signing::Token(RunToken::new("Bearer a")),
            Signing::Aws(aws_key(Some("t"))),
        ] {
            let (sent, validity) = signed(&mut Signer::new(signing, 0, 1, 7), own, 0);
            assert_eq!(sent.as_bytes(), own);
            assert_eq!(validity, Validity::Once);
        }
    }

    #[test]
    fn aws_headers_of_the_user_are_sent_once_and_the_host_is_signed() {
        let lines = |request: &str| {
            let mut signer = Signer::new(Signing::Aws(aws_key(Some("t"))), 0, 1, 7);
            let (sent, _) = signed(&mut signer, request.as_bytes(), 1_440_938_160 * SECOND);
            let count = |name: &str| {
                sent.to_ascii_lowercase()
                    .matches(&format!("\r\n{name}: "))
                    .count()
            };
            assert_eq!(
                (count("x-amz-security-token"), count("x-amz-date")),
                (1, 1),
                "{sent}"
            );
            let authorization = sent.split("\r\nAuthorization: ").nth(1).expect("signed");
            authorization
                .split("\r\n")
                .next()
                .expect("a line")
                .to_owned()
        };
        let plain = lines("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n");
        let own = lines(
            "GET / HTTP/1.1\r\nhOST: a.example\r\nx-amz-security-token: t\r\nX-AMZ-DATE: never\r\n\r\n",
        );
        assert_eq!(plain, own);
        assert_ne!(plain, lines("GET / HTTP/1.1\r\nHost: b.example\r\n\r\n"));
    }

    #[test]
    fn aws_signs_what_is_in_the_chunks() {
        let payload = |request: &[u8]| {
            let lines = aws_lines(&aws_key(None), request, 1_440_938_160);
            let signature = lines.iter().find(|(name, _)| *name == "Authorization");
            signature
                .expect("signed")
                .1
                .split("Signature=")
                .nth(1)
                .map(str::to_owned)
        };
        let chunked = payload(
            b"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\na\xff\n\r\n0\r\n\r\n",
        );
        assert_eq!(
            chunked,
            payload(b"PUT / HTTP/1.1\r\nHost: h\r\n\r\na\xff\n")
        );
        assert_ne!(
            chunked,
            payload(b"PUT / HTTP/1.1\r\nHost: h\r\n\r\na\xfe\n")
        );
    }

    fn aws_key(session_token: Option<&str>) -> AwsKey {
        AwsKey {
            access_key: "AKIDEXAMPLE".to_owned(),
            secret_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_owned(),
            session_token: session_token.map(str::to_owned),
            region: "us-east-1".to_owned(),
            service: "service".to_owned(),
        }
    }

    #[test]
    fn aws_signs_what_is_sent() {
        let mut signer = Signer::new(Signing::Aws(aws_key(None)), 0, 1, 7);
        let request = b"GET / HTTP/1.1\r\nHost: example.amazonaws.com\r\n\r\n";
        let (sent, validity) = signed(&mut signer, request, 1_440_938_160 * SECOND);
        // The signature of the suite's `get-vanilla`.
        let signature = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";
        assert!(sent.contains(signature), "{sent}");
        assert_eq!(validity, Validity::Second(1_440_938_160));
    }
}
