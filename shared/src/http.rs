//! The parts of HTTP the plan speaks of: methods, headers, and where a URL leads.
//!
//! This is vocabulary with its syntax rules. The bytes on the wire are built
//! by [`crate::plan::PreparedRequest`] and read by the worker.

use std::fmt;

/// The methods the API supports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// GET
    Get,
    /// POST
    Post,
    /// PUT
    Put,
    /// DELETE
    Delete,
    /// PATCH
    Patch,
    /// HEAD
    Head,
    /// OPTIONS
    Options,
}

impl Method {
    /// Every supported method, in the order the API lists them.
    pub const ALL: [Self; 7] = [
        Self::Get,
        Self::Post,
        Self::Put,
        Self::Delete,
        Self::Patch,
        Self::Head,
        Self::Options,
    ];

    /// The method's name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
            Self::Patch => "PATCH",
            Self::Head => "HEAD",
            Self::Options => "OPTIONS",
        }
    }

    /// Reads a method; lower case is understood.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|method| method.as_str().eq_ignore_ascii_case(text))
    }

    /// Whether sending the request twice is as good as once (RFC 9110, 9.2.2).
    #[must_use]
    pub fn is_idempotent(self) -> bool {
        !matches!(self, Self::Post | Self::Patch)
    }

    /// Whether a body has no meaning in requests of this method (RFC 9110, 9.3.1
    /// and 9.3.2).
    #[must_use]
    pub fn is_bodiless(self) -> bool {
        matches!(self, Self::Get | Self::Head)
    }

    /// Whether a request without a body still announces its length: methods
    /// that give a body a meaning do (RFC 9110, 8.6).
    #[must_use]
    pub fn announces_empty_body(self) -> bool {
        matches!(self, Self::Post | Self::Put | Self::Patch)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One header line of a request, its syntax already checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The name, as the user wrote it.
    pub name: String,
    /// The value.
    pub value: String,
}

impl Header {
    /// Checks the syntax of RFC 9110, 5.1 and 5.5, so that no header can smuggle
    /// a second one.
    ///
    /// # Errors
    /// A sentence about what is wrong with the name or the value.
    pub fn new(name: &str, value: &str) -> Result<Self, String> {
        if name.is_empty() || !name.bytes().all(is_token_byte) {
            return Err(format!(
                "{name:?} is not a header name; use letters, digits and -"
            ));
        }
        if value.bytes().any(|b| (b < 0x20 && b != b'\t') || b == 0x7f) {
            return Err("has a control character (a line break?) in its value".into());
        }
        Ok(Self {
            name: name.to_owned(),
            value: value.trim().to_owned(),
        })
    }

    /// Whether the header is called `name`, whatever the case.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Where a URL leads: the host to connect to and what to ask it for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Whether TLS is spoken (`https`).
    pub tls: bool,
    /// Host name or address, IPv6 without brackets.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// The value of the `Host` header.
    pub authority: String,
    /// Path and query of the request line.
    pub path_and_query: String,
}

impl Endpoint {
    /// Reads a URL.
    ///
    /// # Errors
    /// A sentence about what is wrong, which names the URL.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.len() > crate::limits::URL_BYTES {
            return Err(format!(
                "is {} bytes long; at most {} are accepted",
                text.len(),
                crate::limits::URL_BYTES
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

    fn from_url(text: &str, url: &url::Url) -> Result<Self, String> {
        let host = url
            .host_str()
            .ok_or_else(|| format!("is \"{text}\", which names no host"))?;
        if host.contains(['{', '}']) {
            return Err(format!(
                "is \"{text}\", whose host \"{host}\" is no name; is a variable unknown?"
            ));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("holds a user name or password; send an Authorization header".into());
        }
        let port = url.port_or_known_default().filter(|&port| port != 0);
        let port = port.ok_or_else(|| format!("is \"{text}\", which names no usable port"))?;
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
            "http://u:p@a/",
            "/x",
        ];
        for text in table {
            assert!(Endpoint::parse(text).is_err(), "{text:?} was accepted");
        }
        assert!(Endpoint::parse(&format!("http://a/{}", "x".repeat(9000))).is_err());
    }

    #[test]
    fn headers_cannot_smuggle() {
        assert!(Header::new("X-Ok", " value ").is_ok_and(|header| header.value == "value"));
        for (name, value) in [
            ("", "v"),
            ("a b", "v"),
            ("a:", "v"),
            ("a", "v\r\nb: c"),
            ("a", "\0"),
        ] {
            assert!(Header::new(name, value).is_err(), "{name:?}: {value:?}");
        }
    }

    #[test]
    fn methods_are_read_in_any_case() {
        assert_eq!(Method::parse("delete"), Some(Method::Delete));
        assert_eq!(Method::parse("TRACE"), None);
        assert_eq!(Method::parse(""), None);
    }
}
