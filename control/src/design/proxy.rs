//! Selects the proxy for a URL, if any: the request's own, or those of the process environment (`HTTP_PROXY`,
//! `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`, in upper or lower case).
//!
//! Only HTTP proxies are supported, without TLS to the proxy. An http URL is requested in absolute form, an
//! https URL through a tunnel (RFC 9110, 9.3.6).

use std::sync::Arc;

use base64::Engine as _;
use vayu_shared::http::Endpoint;
use vayu_shared::request::http1::PreparedRequest;

/// Proxy settings.
#[derive(Clone, Debug, Default)]
pub struct Proxy {
    http: Option<ProxyServer>,
    https: Option<ProxyServer>,
    /// Hosts that are reached without a proxy.
    direct: Vec<String>,
}

/// A proxy server.
#[derive(Clone, PartialEq, Eq)]
pub struct ProxyServer {
    /// Host.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Value of `Proxy-Authorization`, if the URL contains a user.
    pub authorization: Option<String>,
}

/// Credentials must not reach a log through debug output.
impl std::fmt::Debug for ProxyServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

impl Proxy {
    /// Uses one proxy for every URL.
    ///
    /// # Errors
    /// Returns a message about its URL.
    pub fn one(url: &str) -> Result<Self, String> {
        let server = ProxyServer::parse(url)?;
        Ok(Self {
            http: Some(server.clone()),
            https: Some(server),
            direct: Vec::new(),
        })
    }

    /// Reads the proxy variables of the process environment through `variable`. Logs and ignores values that
    /// cannot be parsed.
    pub fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        let either = |name: &str| {
            let value = variable(name).or_else(|| variable(&name.to_lowercase()));
            value.filter(|value| !value.is_empty())
        };
        let server = |name: &str| {
            let value = either(name).or_else(|| either("ALL_PROXY"))?;
            ProxyServer::parse(&value)
                .inspect_err(|problem| tracing::warn!("{name} {problem}"))
                .ok()
        };
        let direct = either("NO_PROXY").unwrap_or_default();
        Self {
            http: server("HTTP_PROXY"),
            https: server("HTTPS_PROXY"),
            direct: direct
                .split(',')
                .map(|host| host.trim().trim_start_matches('.').to_lowercase())
                .filter(|host| !host.is_empty())
                .collect(),
        }
    }

    /// Returns the proxy for a URL, if any.
    pub fn of(&self, url: &url::Url) -> Option<&ProxyServer> {
        let host = url.host_str().unwrap_or_default();
        let is_direct = self.direct.iter().any(|known| {
            known == "*"
                || known == host
                || host
                    .strip_suffix(known)
                    .is_some_and(|rest| rest.ends_with('.'))
        });
        match url.scheme() {
            _ if is_direct => None,
            "https" => self.https.as_ref(),
            _ => self.http.as_ref(),
        }
    }
}

impl ProxyServer {
    fn parse(text: &str) -> Result<Self, String> {
        let whole = if text.contains("://") {
            text.to_owned()
        } else {
            format!("http://{text}")
        };
        let url = url::Url::parse(&whole)
            .map_err(|error| format!("is not a valid proxy URL: {error}"))?;
        if url.scheme() != "http" {
            return Err(format!(
                "has scheme \"{}\"; only http:// proxies are supported",
                url.scheme()
            ));
        }
        let host = url.host_str().ok_or("has no host")?;
        let decoded = |text: &str| {
            percent_encoding::percent_decode_str(text)
                .decode_utf8_lossy()
                .into_owned()
        };
        let authorization = (!url.username().is_empty()).then(|| {
            let user = decoded(url.username());
            let password = decoded(url.password().unwrap_or_default());
            let pair = format!("{user}:{password}");
            format!(
                "Basic {}",
                base64::engine::general_purpose::STANDARD.encode(pair)
            )
        });
        Ok(Self {
            host: host.trim_matches(['[', ']']).to_owned(),
            port: url.port_or_known_default().unwrap_or(80),
            authorization,
        })
    }

    /// Returns the request that opens a tunnel to `target`.
    pub fn tunnel(&self, target: &Endpoint) -> PreparedRequest {
        let host = if target.host.contains(':') {
            format!("[{}]", target.host)
        } else {
            target.host.clone()
        };
        let authority = format!("{host}:{}", target.port);
        let mut text = format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n");
        if let Some(authorization) = &self.authorization {
            text.push_str(&format!("Proxy-Authorization: {authorization}\r\n"));
        }
        text.push_str("\r\n");
        PreparedRequest {
            bytes: Arc::from(text.into_bytes()),
            // A response to CONNECT that opens a tunnel has no body (RFC 9110, 9.3.6).
            is_head: true,
            is_idempotent: true,
            closes: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> url::Url {
        url::Url::parse(text).expect("a URL")
    }

    #[test]
    fn the_environment_says_which_proxy_and_which_hosts_have_none() {
        let proxy = Proxy::of_environment(|name| match name {
            "http_proxy" => Some("proxy.lab:3128".into()),
            "HTTPS_PROXY" => Some("http://u:p%40ss@10.0.0.1".into()),
            "NO_PROXY" => Some("localhost, .lab.example,10.0.0.9".into()),
            _ => None,
        });
        let of = |text: &str| {
            let server = proxy.of(&url(text));
            server.map(|server| (server.host.clone(), server.port))
        };
        let plain = Some(("proxy.lab".to_owned(), 3128));
        assert_eq!(of("http://example.com/"), plain);
        assert_eq!(
            of("https://example.com/"),
            Some(("10.0.0.1".to_owned(), 80))
        );
        for direct in [
            "http://localhost/",
            "https://a.lab.example/",
            "http://lab.example/",
            "http://10.0.0.9:81/",
        ] {
            assert_eq!(of(direct), None, "{direct}");
        }
        assert_eq!(of("http://notlab.example/"), plain);
        let tunnel = proxy
            .of(&url("https://a/"))
            .expect("one")
            .tunnel(&Endpoint::parse("https://[::1]:8443/").expect("legal"));
        assert_eq!(
            String::from_utf8_lossy(&tunnel.bytes),
            "CONNECT [::1]:8443 HTTP/1.1\r\nHost: [::1]:8443\r\nProxy-Authorization: Basic dTpwQHNz\r\n\r\n"
        );
    }

    #[test]
    fn other_proxies_are_refused() {
        for text in ["socks5://a:1", "https://a", "http://", "http://[x"] {
            assert!(Proxy::one(text).is_err(), "{text}");
        }
    }
}
