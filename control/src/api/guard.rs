//! Rejects foreign clients: pages of other origins, rebound DNS names, and clients without a token if tokens
//! are configured.
//!
//! An engine on loopback needs no token. It is protected by what a browser says about the origin of a page
//! (`Origin`, `Sec-Fetch-Site`) and the requested name (`Host`).

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use actix_web::dev::ServiceRequest;
use actix_web::http::Method;
use actix_web::http::header::{AUTHORIZATION, HOST, HeaderMap, HeaderName, ORIGIN};

use super::ApiError;
use crate::access::{Access, ApiClient, Denied, TokenScope};

/// Maximum number of bytes of a path in a log line.
pub const SHOWN_PATH: usize = 200;

/// The access checks of requests.
pub struct Guard {
    /// Listening address of the engine.
    pub address: SocketAddr,
    /// Accepted tokens, if any are configured.
    pub access: Arc<Access>,
    /// Whether clients use TLS.
    pub is_encrypted: bool,
    /// Origins allowed in addition to loopback origins.
    pub allowed_origins: Vec<String>,
}

impl Guard {
    /// Checks host and origin of a request.
    ///
    /// # Errors
    /// Returns a 403 for a foreign host or origin.
    pub fn admit(&self, request: &ServiceRequest) -> Result<(), ApiError> {
        let headers = request.headers();
        let host = text(headers, &HOST).unwrap_or_default();
        if !self.is_own_host(host) {
            let message = format!(
                "the host \"{host}\" is not an address of this engine; use its IP address or localhost"
            );
            return Err(ApiError::forbidden(message));
        }
        let origin = text(headers, &ORIGIN);
        if headers.get_all(ORIGIN).count() > 1 {
            return Err(ApiError::forbidden(
                "the request has more than one Origin header",
            ));
        }
        if origin.is_none() && is_sent_by_other_site(request) {
            let message = "a page of another site sent this, and does not say which (Origin); open the engine's own pages \
                           by their address, or name the site with --allow-origin and ask with CORS";
            return Err(ApiError::forbidden(message));
        }
        let is_other = |origin: &&str| !self.is_allowed(origin) && !is_own_origin(origin, host);
        if let Some(origin) = origin.filter(is_other) {
            let option = match origin {
                "null" => "--dialect manager".to_owned(),
                named => format!("--allow-origin {named}"),
            };
            let message = format!(
                "pages from \"{origin}\" may not use this engine; start it with {option} if they should"
            );
            return Err(ApiError::forbidden(message));
        }
        Ok(())
    }

    /// Authenticates and authorizes a request. Returns `None` if no tokens are configured.
    ///
    /// # Errors
    /// Returns a 401 if token and session are missing or wrong, a 403 if the scope does not suffice, and a
    /// 429 after too many wrong tokens.
    pub fn identify(&self, request: &ServiceRequest) -> Result<Option<ApiClient>, ApiError> {
        if !self.access.requires_token() {
            return Ok(None);
        }
        let from = peer(request.peer_addr());
        let found = match (bearer(request.headers()), self.session_key(request)) {
            (Some(token), _) => self.access.by_token(token, from),
            (None, Some(key)) => self.access.by_session(&key),
            (None, None) => return Err(ApiError::unauthorized()),
        };
        let client = found?;
        let needed = TokenScope::needed(request.method().as_str(), request.path());
        if client.scope < needed {
            let path = request.path();
            let path = path.get(..SHOWN_PATH).unwrap_or(path);
            tracing::warn!(client = client.name, method = %request.method(), path,
                "audit: refused, the token has scope {} and this needs {}", client.scope.name(), needed.name());
            return Err(ApiError::forbidden(format!(
                "the token \"{}\" has the scope {}, and {} {} needs {}",
                client.name,
                client.scope.name(),
                request.method(),
                request.path(),
                needed.name()
            )));
        }
        Ok(Some(client))
    }

    /// Returns the name of the session cookie. Cookies are shared by all ports of a host, so the name
    /// contains the port.
    #[must_use]
    pub fn cookie_name(&self) -> String {
        format!("vayu_session_{}", self.address.port())
    }

    /// Returns the session key of a request, if it comes from one of the engine's own pages or from a
    /// program.
    pub fn session_key(&self, request: &ServiceRequest) -> Option<String> {
        let headers = request.headers();
        let host = text(headers, &HOST).unwrap_or_default();
        let site = headers.get("sec-fetch-site");
        let is_own_page = text(headers, &ORIGIN).is_none_or(|origin| is_own_origin(origin, host))
            && site.is_none_or(|site| site == "same-origin" || site == "none");
        let cookie = request.cookie(&self.cookie_name())?;
        is_own_page.then(|| cookie.value().to_owned())
    }

    fn is_own_host(&self, host: &str) -> bool {
        let name = without_port(host);
        if name.eq_ignore_ascii_case("localhost") {
            return true;
        }
        match literal(name).parse::<IpAddr>() {
            // An engine that is bound to every address accepts each of them as host.
            Ok(address) => {
                let bind = self.address.ip();
                bind.is_unspecified() || address.to_canonical() == bind.to_canonical()
            }
            Err(_) => false,
        }
    }

    fn is_allowed(&self, origin: &str) -> bool {
        self.allowed_origins.iter().any(|allowed| allowed == origin) || is_loopback(origin)
    }
}

/// Returns whether a browser says that a page of another site made the request (Fetch Metadata). A link to
/// one of the engine's pages does not count: the other site can neither read nor change anything with it.
fn is_sent_by_other_site(request: &ServiceRequest) -> bool {
    let headers = request.headers();
    let says = |name: &str, value: &str| headers.get(name).is_some_and(|given| given == value);
    let is_link = request.method() == Method::GET
        && says("sec-fetch-mode", "navigate")
        && says("sec-fetch-dest", "document");
    says("sec-fetch-site", "cross-site") && !is_link
}

/// Returns whether the origin of a page is the address that the request goes to.
fn is_own_origin(origin: &str, host: &str) -> bool {
    ["http://", "https://"]
        .iter()
        .any(|scheme| origin.strip_prefix(scheme) == Some(host))
}

fn is_loopback(origin: &str) -> bool {
    let Some((scheme, host)) = origin.split_once("://") else {
        return false;
    };
    let name = without_port(host);
    let address = literal(name).parse::<IpAddr>();
    matches!(scheme, "http" | "https")
        && (name.eq_ignore_ascii_case("localhost") || address.is_ok_and(|ip| ip.is_loopback()))
}

/// Strips the brackets of an IPv6 address in a URL.
fn literal(name: &str) -> &str {
    let inner = name
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    inner.unwrap_or(name)
}

fn without_port(host: &str) -> &str {
    match host.rfind(':') {
        // A colon within brackets belongs to an IPv6 address, not to a port.
        Some(at) if !host[at..].contains(']') => &host[..at],
        _ => host,
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers
        .get(name)
        .map(|value| value.to_str().unwrap_or("unreadable"))
}

/// Returns the address of the client, by its connection.
pub fn peer(address: Option<SocketAddr>) -> IpAddr {
    address.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| {
        peer.ip().to_canonical()
    })
}

/// Returns the bearer token of a request (RFC 6750, 2.1). The scheme is case-insensitive (RFC 9110, 11.1).
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = text(headers, &AUTHORIZATION)?.trim().split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim_start())
}

impl From<Denied> for ApiError {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Unknown => Self::unauthorized(),
            Denied::TooMany(seconds) => Self::too_many_attempts(seconds),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn guard() -> Guard {
        Guard {
            address: ([127, 0, 0, 1], 9876).into(),
            access: Arc::new(Access::new(None, None).expect("no file")),
            is_encrypted: false,
            allowed_origins: vec!["https://lab.example".into()],
        }
    }

    fn admits(guard: &Guard, headers: &[(&str, &str)]) -> bool {
        let request = headers
            .iter()
            .fold(TestRequest::default(), |request, &header| {
                request.insert_header(header)
            });
        let request = request.to_srv_request();
        guard
            .admit(&request)
            .and_then(|()| guard.identify(&request))
            .is_ok()
    }

    #[test]
    fn only_the_engines_own_names_are_answered() {
        let table = [
            ("127.0.0.1:9876", true),
            ("localhost:9876", true),
            ("LOCALHOST", true),
            ("evil.example:9876", false),
            ("127.0.0.1.evil.example", false),
            ("10.0.0.1", false),
            ("[::1]:9876", false),
            ("", false),
        ];
        for (host, admitted) in table {
            assert_eq!(admits(&guard(), &[("Host", host)]), admitted, "{host:?}");
        }
    }

    #[test]
    fn only_loopback_and_named_origins_are_answered() {
        let table = [
            ("http://localhost:5173", true),
            ("http://127.0.0.1:1", true),
            ("http://[::1]:1", true),
            ("https://lab.example", true),
            ("https://other.example", false),
            ("http://localhost.evil.example", false),
            ("http://127.0.0.1]", false),
            ("null", false),
            ("file://localhost", false),
        ];
        for (origin, admitted) in table {
            let headers = [("Host", "localhost"), ("Origin", origin)];
            assert_eq!(admits(&guard(), &headers), admitted, "{origin:?}");
        }
    }

    #[test]
    fn the_engines_own_pages_are_answered_wherever_it_listens() {
        let guard = Guard {
            address: ([10, 0, 0, 5], 9876).into(),
            ..guard()
        };
        for (origin, admitted) in [
            ("http://10.0.0.5:9876", true),
            ("https://10.0.0.5:9876", true),
            ("http://10.0.0.5", false),
            ("http://10.0.0.6:9876", false),
            ("ftp://10.0.0.5:9876", false),
        ] {
            let headers = [("Host", "10.0.0.5:9876"), ("Origin", origin)];
            assert_eq!(admits(&guard, &headers), admitted, "{origin}");
        }
    }

    #[test]
    fn what_pages_of_other_sites_send_without_their_origin_is_refused() {
        // Method, Sec-Fetch-Site, -Mode and -Dest, Origin.
        let table = [
            ("POST", ["same-origin", "", "", ""], true),
            ("POST", ["none", "", "", ""], true),
            ("POST", ["cross-site", "", "", ""], false),
            (
                "POST",
                ["cross-site", "cors", "empty", "https://lab.example"],
                true,
            ),
            ("GET", ["cross-site", "no-cors", "image", ""], false),
            ("GET", ["cross-site", "navigate", "document", ""], true),
            ("GET", ["cross-site", "navigate", "iframe", ""], false),
            ("POST", ["cross-site", "navigate", "document", ""], false),
        ];
        let names = [
            "Sec-Fetch-Site",
            "Sec-Fetch-Mode",
            "Sec-Fetch-Dest",
            "Origin",
        ];
        for (method, values, admitted) in table {
            let method = method.parse().expect("a method");
            let mut request = TestRequest::default().method(method);
            request = request.insert_header(("Host", "localhost"));
            for header in names
                .into_iter()
                .zip(values)
                .filter(|(_, value)| !value.is_empty())
            {
                request = request.insert_header(header);
            }
            let judged = guard().admit(&request.to_srv_request());
            assert_eq!(judged.is_ok(), admitted, "{values:?}");
        }
    }

    #[test]
    fn the_token_is_asked_for_where_there_is_one() {
        let guard = Guard {
            access: Arc::new(Access::new(Some("s3cret"), None).expect("no file")),
            ..guard()
        };
        for (value, admitted) in [
            ("Bearer s3cret", true),
            ("bearer  s3cret", true),
            ("BEARER s3cret ", true),
            ("Bearers3cret", false),
            ("Basic s3cret", false),
            ("Bearer s3cre", false),
            ("s3cret", false),
        ] {
            let headers = [("Host", "localhost"), ("Authorization", value)];
            assert_eq!(admits(&guard, &headers), admitted, "{value:?}");
        }
        assert!(!admits(&guard, &[("Host", "localhost")]));
    }

    #[test]
    fn a_session_is_taken_from_the_engines_own_pages_only() {
        let guard = Guard {
            access: Arc::new(Access::new(Some("s3cret"), None).expect("no file")),
            ..guard()
        };
        let client = guard.access.by_token("s3cret", [127, 0, 0, 1].into());
        let client = client.expect("the token is right");
        let key = guard.access.begin_session(client);
        let cookie = format!("a=b; vayu_session_9876={}", key.text());
        for (headers, admitted) in [
            (vec![], true),
            (vec![("Sec-Fetch-Site", "same-origin")], true),
            (vec![("Sec-Fetch-Site", "same-site")], false),
            (vec![("Origin", "http://localhost:9876")], true),
            (vec![("Origin", "http://localhost:5173")], false),
            (vec![("Origin", "https://lab.example")], false),
        ] {
            let mut all = vec![("Host", "localhost:9876"), ("Cookie", &cookie)];
            all.extend(&headers);
            assert_eq!(admits(&guard, &all), admitted, "{headers:?}");
        }
    }
}
