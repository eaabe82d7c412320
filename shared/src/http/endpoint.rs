//! The endpoint of a URL and its request target, normalized by the URL standard or sent as typed.

use std::ops::Range;

use percent_encoding::percent_decode_str;

use crate::limits;

/// The endpoint of a URL: the host to connect to and the request target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Whether TLS is used (`https`).
    pub tls: bool,
    /// Host name or address. IPv6 without brackets.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// The value of the `Host` header.
    pub authority: String,
    /// Path and query of the request line.
    pub path_and_query: String,
}

impl Endpoint {
    /// Parses a URL by the URL standard (WHATWG): removes dot segments and percent-encodes characters that a
    /// URL cannot contain. Ignores user and password; see [`Login`](super::Login).
    ///
    /// # Errors
    /// Returns a message that names the URL if it is invalid.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.len() > limits::URL_BYTES {
            return Err(format!(
                "is {} bytes long; the maximum is {}",
                text.len(),
                limits::URL_BYTES
            ));
        }
        let url = url::Url::parse(text)
            .map_err(|error| format!("is \"{text}\", which is not a URL: {error}"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(format!(
                "is \"{text}\", whose scheme \"{}\" is not supported; use http:// or https://",
                url.scheme()
            ));
        }
        Self::from_url(text, &url)
    }

    /// Parses a URL whose path and query are sent as typed.
    ///
    /// # Errors
    /// Returns a message in the cases of [`Self::parse`], and if a request line cannot contain the typed
    /// target.
    pub fn parse_as_is(text: &str) -> Result<Self, String> {
        let mut endpoint = Self::parse(text)?;
        let typed = typed_target(text).ok_or_else(|| {
            format!("is \"{text}\", which has no path to send as typed; start it with http:// or https://")
        })?;
        if let Some(wrong) = typed.chars().find(|c| c.is_ascii_control() || *c == ' ') {
            return Err(format!(
                "is \"{text}\", whose path contains {wrong:?}, which is not allowed in a request line; \
                 percent-encode it, or remove `pathAsIs`"
            ));
        }
        endpoint.path_and_query = typed;
        Ok(endpoint)
    }

    /// Returns path and query as typed if the target sent has a different meaning, because dot segments were
    /// removed or characters replaced. Returns `None` if they differ only in percent-encoding.
    #[must_use]
    pub fn rewritten(&self, text: &str) -> Option<String> {
        let meant = |target: &str| percent_decode_str(target).collect::<Vec<u8>>();
        typed_target(text).filter(|typed| meant(typed) != meant(&self.path_and_query))
    }

    /// Returns whether the query has a parameter with this name.
    #[must_use]
    pub fn has_parameter(&self, name: &str) -> bool {
        let query = self.path_and_query.split_once('?').map(|(_, query)| query);
        let mut pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        pairs.any(|(known, _)| known == name)
    }

    fn from_url(text: &str, url: &url::Url) -> Result<Self, String> {
        let host = url.host_str().ok_or_else(|| {
            format!("is \"{text}\", which has no host; use for example http://localhost:8080/")
        })?;
        if host.contains(['{', '}']) {
            return Err(format!(
                "is \"{text}\", whose host \"{host}\" is not a valid host name; check for an undefined variable"
            ));
        }
        let port = url.port_or_known_default().filter(|&port| port != 0);
        let port =
            port.ok_or_else(|| format!("is \"{text}\", whose port is not valid; use 1 to 65535"))?;
        let authority = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        let path_and_query = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        let host = host
            .trim_start_matches('[')
            .trim_end_matches(']')
            .to_owned();
        Ok(Self {
            tls: url.scheme() == "https",
            host,
            port,
            authority,
            path_and_query,
        })
    }
}

/// Returns the range of user, password, host and port in a URL.
pub(super) fn authority_of(url: &str) -> Option<Range<usize>> {
    let scheme = url
        .find("://")
        .filter(|&at| !url[..at].contains(['/', '?', '#']))?;
    let start = scheme + "://".len();
    let end = url[start..].find(['/', '\\', '?', '#']);
    Some(start..end.map_or(url.len(), |end| start + end))
}

/// Returns path and query as typed in a URL, without its fragment.
fn typed_target(url: &str) -> Option<String> {
    let target = &url[authority_of(url)?.end..];
    let target = target.split('#').next().unwrap_or_default();
    let slash = if target.starts_with(['/', '\\']) {
        ""
    } else {
        "/"
    };
    Some(format!("{slash}{target}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_read_from_urls() {
        let table = [
            ("http://example.com", "example.com", 80, "example.com", "/"),
            (
                "http://127.0.0.1:8080/a?b=c#d",
                "127.0.0.1",
                8080,
                "127.0.0.1:8080",
                "/a?b=c",
            ),
            (
                "HTTP://EXAMPLE.com:80/x y",
                "example.com",
                80,
                "example.com",
                "/x%20y",
            ),
            ("http://[::1]:9/", "::1", 9, "[::1]:9", "/"),
            (
                "https://example.com/",
                "example.com",
                443,
                "example.com",
                "/",
            ),
        ];
        for (text, host, port, authority, path) in table {
            let endpoint = Endpoint::parse(text).expect(text);
            assert_eq!(endpoint.host, host, "{text}");
            assert_eq!(endpoint.port, port, "{text}");
            assert_eq!(endpoint.authority, authority, "{text}");
            assert_eq!(endpoint.path_and_query, path, "{text}");
        }
    }

    #[test]
    fn urls_that_lead_nowhere_are_refused() {
        let table = [
            "",
            "example.com",
            "ftp://a/",
            "http://",
            "http://a:0/",
            "/x",
        ];
        for text in table {
            assert!(Endpoint::parse(text).is_err(), "{text:?} was accepted");
            assert!(
                Endpoint::parse_as_is(text).is_err(),
                "{text:?} was accepted"
            );
        }
        assert!(Endpoint::parse(&format!("http://a/{}", "x".repeat(9000))).is_err());
    }

    #[test]
    fn a_target_is_sent_by_the_standard_or_as_typed() {
        // The typed target, the target sent, and whether its meaning changes.
        for (typed, sent, is_rewritten) in [
            ("/a/../b/./c/%2e%2e/d", "/b/d", true),
            ("/a/%2E/b", "/a/b", true),
            ("/..", "/", true),
            ("/a\\b", "/a/b", true),
            ("/a//b?x=../y", "/a//b?x=../y", false),
            ("/a%2fb", "/a%2fb", false),
            ("/\"<>`{|}^ü", "/%22%3C%3E%60%7B|%7D^%C3%BC", false),
            ("/a?q='\"<>", "/a?q=%27%22%3C%3E", false),
            ("/{{$guid}}", "/%7B%7B$guid%7D%7D", false),
        ] {
            let text = format!("http://h:1{typed}#part");
            let endpoint = Endpoint::parse(&text).expect(typed);
            assert_eq!(endpoint.path_and_query, sent, "{typed}");
            let rewritten = endpoint.rewritten(&text);
            assert_eq!(rewritten, is_rewritten.then(|| typed.to_owned()));
            let as_is = Endpoint::parse_as_is(&text).expect(typed);
            assert_eq!(as_is.path_and_query, typed);
            assert_eq!(as_is.rewritten(&text), None, "{typed}");
            assert_eq!((as_is.authority, as_is.port), (endpoint.authority, 1));
        }
        let bare = Endpoint::parse_as_is("http://h?q").expect("legal");
        assert_eq!(bare.path_and_query, "/?q");
        for text in [
            "http://h/a b",
            "http://h/a\tb",
            "http://h/a\u{7f}",
            "http:h/x",
        ] {
            let problem = Endpoint::parse_as_is(text).expect_err(text);
            let is_named = ["as typed", "`pathAsIs`"]
                .iter()
                .any(|name| problem.contains(name));
            assert!(is_named, "{problem}");
        }
    }
}
