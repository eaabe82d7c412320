//! Runs a design request from the first hop to the final response: cookies, challenge-response authentication
//! and redirects.
//!
//! Methods change as specified in RFC 9110, 15.4. Secrets are sent to the origin they were meant for and to
//! no other.

use url::Url;
use vayu_shared::connection::{ConnectionSpec, TlsSpec};
use vayu_shared::http::{Endpoint, Method};

use super::auth::Auth;
use super::design_config::Redirects;
use super::failure::DesignError;
use super::headers;
use super::hop::{Hop, HopOutcome, Route};
use super::jars::{SharedJar, in_jar};
use super::response::ResponseHead;

/// Headers that are sent to one origin only.
const SECRETS: [&str; 4] = [
    "authorization",
    "cookie",
    "proxy-authorization",
    "x-api-key",
];
/// Headers that describe a body, removed when the body is no longer sent.
const ABOUT_BODY: [&str; 8] = [
    "content-type",
    "content-length",
    "content-encoding",
    "content-language",
    "content-location",
    "transfer-encoding",
    "trailer",
    "expect",
];

/// One completed hop.
#[derive(Clone, Debug)]
pub struct ChainStep {
    /// The request that was sent.
    pub hop: Hop,
    /// The outcome of the exchange.
    pub outcome: HopOutcome,
    /// The head of the response.
    pub head: ResponseHead,
}

/// All hops of a request. The last one holds the final response.
#[derive(Debug)]
pub struct RedirectChain {
    /// The hops, in order. Never empty.
    pub steps: Vec<ChainStep>,
    /// Warnings for the user.
    pub warnings: Vec<String>,
}

/// The starting point of a chain.
pub struct ChainStart<'a> {
    /// The first hop, without cookies and authentication.
    pub hop: Hop,
    /// How to authenticate at the origin of the first hop.
    pub auth: &'a Auth,
    /// Which redirects are followed.
    pub redirects: Redirects,
}

/// Progress of a chain.
#[derive(Default)]
struct Progress {
    redirects: u64,
    /// Origin of a redirect that was not followed because it leads to another origin.
    left_at: Option<String>,
    /// Number of challenges answered at the current URL.
    answered: u32,
    /// `Authorization` value that answers the last challenge, for the next hop.
    signed: Option<String>,
}

impl RedirectChain {
    /// Returns whether the last response is a 401 to a request with this `Authorization`.
    pub fn refuses(&self, authorization: &str) -> bool {
        self.steps.last().is_some_and(|step| {
            let sent = headers::first(&step.hop.headers, "authorization");
            step.head.status == 401 && sent == Some(authorization)
        })
    }

    /// Returns this chain followed by `next`, as one chain.
    pub fn followed_by(mut self, next: Self) -> Self {
        self.steps.extend(next.steps);
        self.warnings.extend(next.warnings);
        self
    }
}

impl ChainStart<'_> {
    /// Returns the same start with different authentication.
    pub fn with<'b>(&self, auth: &'b Auth) -> ChainStart<'b> {
        ChainStart {
            hop: self.hop.clone(),
            auth,
            redirects: self.redirects,
        }
    }

    /// Follows all challenges and redirects up to the final response.
    ///
    /// # Errors
    /// Returns the error of the first hop that gets no response.
    pub async fn follow_hops(
        self,
        route: &Route<'_>,
        jar: Option<&SharedJar>,
    ) -> Result<RedirectChain, DesignError> {
        let home = self.hop.url.origin();
        let elsewhere = cross_origin(route.connection);
        let mut progress = Progress::default();
        let mut steps = Vec::new();
        let mut next = Some(self.hop.clone());
        while let Some(plain) = next {
            let is_home = plain.url.origin() == home;
            let hop = self.equipped(&plain, jar, is_home, progress.signed.take());
            let connection = if is_home {
                route.connection
            } else {
                &elsewhere
            };
            let step = take(
                hop,
                &Route {
                    connection,
                    ..*route
                },
            )
            .await
            .map_err(|error| after(error, steps.len()))?;
            if let Some(jar) = jar {
                let cookies = step.head.all("set-cookie");
                in_jar(jar, |jar| jar.store(&step.hop.url, &cookies));
            }
            next = self.next(&plain, &step.head, is_home, &mut progress);
            steps.push(step);
        }
        let mut warnings = Vec::new();
        if let Some(origin) = progress.left_at {
            warnings.push(format!(
                "the redirect to {origin} was not followed (`followRedirects` is \"sameOrigin\")"
            ));
        }
        let most = self.redirects.most;
        if most > 0 && progress.redirects > most {
            warnings.push(format!("stopped after {most} redirects (`maxRedirects`)"));
        }
        Ok(RedirectChain { steps, warnings })
    }

    /// Returns a hop with the cookies and authentication for its target added.
    fn equipped(
        &self,
        plain: &Hop,
        jar: Option<&SharedJar>,
        is_home: bool,
        signed: Option<String>,
    ) -> Hop {
        let mut hop = plain.clone();
        if let Some(jar) = jar {
            let pairs = in_jar(jar, |jar| jar.pairs(&hop.url));
            headers::add_cookies(&mut hop.headers, &pairs);
        }
        if is_home {
            self.auth.apply(&mut hop);
            let signed = signed.map(|value| ("Authorization".to_owned(), value));
            hop.headers.extend(signed);
        }
        hop
    }

    /// Returns the hop that follows a response: the same hop with the answer to a challenge, or the target of
    /// a redirect.
    fn next(
        &self,
        plain: &Hop,
        head: &ResponseHead,
        is_home: bool,
        progress: &mut Progress,
    ) -> Option<Hop> {
        if is_home {
            progress.signed = self.auth.answer_to(head, plain, progress.answered);
            if progress.signed.is_some() {
                progress.answered += 1;
                return Some(plain.clone());
            }
        }
        progress.answered = 0;
        let next = redirected(plain, head)?;
        let origin = next.url.origin();
        if self.redirects.same_origin && origin != self.hop.url.origin() {
            progress.left_at = Some(origin.ascii_serialization());
            return None;
        }
        progress.redirects += 1;
        (progress.redirects <= self.redirects.most).then_some(next)
    }
}

/// Returns the connection settings for origins other than the first. The addresses, server name and client
/// identity given for the first origin do not apply to others, and its secrets stay with it.
fn cross_origin(home: &ConnectionSpec) -> ConnectionSpec {
    ConnectionSpec {
        resolve: Vec::new(),
        tls: TlsSpec {
            identity: None,
            server_name: None,
            ..home.tls.clone()
        },
        ..home.clone()
    }
}

/// Adjusts the error of a hop that follows others: a redirect target was not chosen by the user.
fn after(error: DesignError, hops: usize) -> DesignError {
    match error {
        DesignError::Failed(mut failed) => {
            failed.is_own_target &= hops == 0;
            DesignError::Failed(failed)
        }
        other => other,
    }
}

async fn take(hop: Hop, route: &Route<'_>) -> Result<ChainStep, DesignError> {
    let outcome = hop.go(route).await?;
    let response = outcome.outcome.result.as_ref();
    let head = response.map(|response| ResponseHead::read(&response.head));
    let head = head.unwrap_or_default();
    Ok(ChainStep { hop, outcome, head })
}

/// Returns the hop that a redirect response leads to, if its location is usable.
fn redirected(hop: &Hop, head: &ResponseHead) -> Option<Hop> {
    if !matches!(head.status, 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let location = head
        .first("location")
        .filter(|location| !location.is_empty())?;
    let mut url = hop.url.join(location).ok()?;
    // Only valid targets are followed; otherwise the redirect itself is the final response.
    Endpoint::parse(without_user(&mut url).as_str()).ok()?;
    if url.fragment().is_none() {
        url.set_fragment(hop.url.fragment());
    }
    let mut next = Hop {
        url,
        typed_target: None,
        ..hop.clone()
    };
    let becomes_get = match head.status {
        303 => !matches!(hop.method, Method::Get | Method::Head),
        301 | 302 => hop.method == Method::Post,
        _ => false,
    };
    if becomes_get {
        next.method = Method::Get;
        next.body = Vec::new();
        next.drop_headers(&ABOUT_BODY);
    }
    if next.url.origin() != hop.url.origin() {
        next.drop_headers(&SECRETS);
        next.drop_headers(&["host"]);
    }
    Some(next)
}

/// Removes user info from a `Location`; it is not sent on.
fn without_user(url: &mut Url) -> &Url {
    // This fails only for URLs without a host, which have no user info.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hop(method: Method, url: &str) -> Hop {
        let headers = [
            ("Authorization", "secret"),
            ("Content-Type", "text/plain"),
            ("X-Keep", "1"),
            ("Host", "named"),
        ];
        Hop {
            method,
            url: Url::parse(url).expect("a URL"),
            typed_target: None,
            headers: headers
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            body: b"body".to_vec(),
        }
    }

    fn head(status: u16, location: &str) -> ResponseHead {
        let text = format!("HTTP/1.1 {status} X\r\nLocation: {location}\r\n\r\n");
        ResponseHead::read(text.as_bytes())
    }

    #[test]
    fn methods_change_as_the_rules_have_it() {
        use Method::{Delete, Get, Head, Post, Put};
        for (status, method, expected) in [
            (301, Post, Get),
            (301, Put, Put),
            (302, Post, Get),
            (302, Delete, Delete),
            (303, Post, Get),
            (303, Put, Get),
            (303, Head, Head),
            (307, Post, Post),
            (308, Post, Post),
        ] {
            let next = redirected(&hop(method, "http://a/x"), &head(status, "/y"));
            let next = next.expect("a redirect");
            assert_eq!(next.method, expected, "{status} {method}");
            assert_eq!(
                next.body.is_empty(),
                expected != method,
                "{status} {method}"
            );
            assert_eq!(
                next.has("content-type"),
                expected == method,
                "{status} {method}"
            );
            assert!(next.has("authorization") && next.has("x-keep"));
        }
    }

    #[test]
    fn secrets_stay_with_their_origin() {
        for (location, kept) in [
            ("/y", true),
            ("http://a:80/y", true),
            ("http://a:81/y", false),
            ("https://a/y", false),
            ("//b/y", false),
        ] {
            let next = redirected(&hop(Method::Get, "http://a/x"), &head(302, location));
            let next = next.expect("a redirect");
            assert_eq!(next.has("authorization"), kept, "{location}");
            assert_eq!(next.has("host"), kept, "{location}");
            assert!(next.has("x-keep"), "{location}");
        }
    }

    #[test]
    fn what_leads_nowhere_is_the_answer() {
        let from = hop(Method::Get, "http://a/x");
        for (status, location) in [
            (304, "/y"),
            (200, "/y"),
            (302, "ftp://a/"),
            (302, "http://"),
            (302, "mailto:a@b"),
        ] {
            assert!(
                redirected(&from, &head(status, location)).is_none(),
                "{status} {location}"
            );
        }
        let next = redirected(
            &hop(Method::Get, "http://a/x#part"),
            &head(302, "//u:p@b/y"),
        );
        assert_eq!(next.expect("a redirect").url.as_str(), "http://b/y#part");
    }
}
