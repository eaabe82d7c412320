//! TLS configuration of an nginx, and its log entry for each TLS request.
//!
//! Contains only the configuration and the log format; `nginx` starts the process. The directives are those
//! of ngx_http_ssl_module (<https://nginx.org/en/docs/http/ngx_http_ssl_module.html>).

use std::net::TcpListener;

use serde::Deserialize;

use crate::certs::{Identity, Pem};
use crate::nginx::Site;

/// TLS options of a server. Start from [`Tls::new`] and change single fields: `Tls { session_tickets: false,
/// ..Tls::new(&certs.good) }`.
#[derive(Clone, Copy, Debug)]
pub struct Tls<'a> {
    /// Certificate and key of the server.
    pub identity: &'a Identity,
    /// CA of the required client certificates. A request without a certificate of this CA gets status 400
    /// over a completed handshake.
    pub client_ca: Option<&'a Pem>,
    /// Protocol versions in OpenSSL notation.
    pub protocols: &'a str,
    /// OpenSSL cipher list for TLS 1.2 and below. The TLS 1.3 cipher suites are fixed.
    pub ciphers: &'a str,
    /// Whether sessions can be resumed by session ticket.
    pub session_tickets: bool,
    /// Whether sessions can be resumed from the server's session cache.
    pub session_cache: bool,
    /// Number of requests after which a connection is closed.
    pub requests_per_connection: u32,
}

impl<'a> Tls<'a> {
    /// Returns options for TLS 1.2 and 1.3, resumption by ticket and by cache, no client certificate, 1,000
    /// requests per connection.
    #[must_use]
    pub fn new(identity: &'a Identity) -> Self {
        Self {
            identity,
            client_ca: None,
            protocols: "TLSv1.2 TLSv1.3",
            ciphers: "HIGH:!aNULL",
            session_tickets: true,
            session_cache: true,
            requests_per_connection: 1000,
        }
    }

    /// Returns options for TLS 1.2 with a single CBC suite. A client that offers only AEAD suites (RFC 5246,
    /// 6.2.3.3), as rustls does, gets a fatal `handshake_failure` alert (40). A client that supports only TLS
    /// 1.3 gets `protocol_version` (70).
    #[must_use]
    pub fn without_common_cipher(identity: &'a Identity) -> Self {
        Self {
            protocols: "TLSv1.2",
            ciphers: "ECDHE-ECDSA-AES128-SHA",
            ..Self::new(identity)
        }
    }

    /// Returns options without resumption: every handshake is a full handshake.
    #[must_use]
    pub fn without_resumption(identity: &'a Identity) -> Self {
        Self {
            session_tickets: false,
            session_cache: false,
            ..Self::new(identity)
        }
    }
}

/// The log entry of one TLS request.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
pub struct TlsRequest {
    /// Status code of the response.
    pub status: u16,
    /// `TLSv1.2` or `TLSv1.3`. Empty for a request without TLS.
    pub protocol: String,
    /// Whether the session was resumed.
    pub resumed: bool,
    /// Server name sent by the client (SNI). Empty if it sent none.
    pub server_name: String,
    /// Protocol negotiated by ALPN. Empty if the client offered none.
    pub alpn: String,
    /// `NONE`, `SUCCESS` or `FAILED:reason`. Empty if no client certificate is required.
    pub client_verify: String,
    /// Connection number.
    pub connection: u64,
    /// Request number on its connection, from 1.
    pub connection_request: u64,
}

impl TlsRequest {
    pub(crate) fn parse(line: &str) -> Self {
        serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line:?}"))
    }
}

/// One line of JSON per request, in the format that [`TlsRequest::parse`] reads.
const LOG_FORMAT: &str = r#"
  map $ssl_session_reused $resumed { r true; default false; }
  log_format line escape=json '{"status":$status,"protocol":"$ssl_protocol",'
    '"resumed":$resumed,"server_name":"$ssl_server_name","alpn":"$ssl_alpn_protocol",'
    '"client_verify":"$ssl_client_verify","connection":$connection,'
    '"connection_request":$connection_requests}';"#;

/// Returns the site for `tls` on a loopback port.
pub(crate) fn site(tls: &Tls, port: u16) -> Site {
    let parts = [listen(port), handshake(tls), sessions(tls), clients(tls)];
    Site {
        http: LOG_FORMAT,
        server: parts.join(" "),
        // nginx logs failed handshakes at this level.
        log_level: "info",
    }
}

fn listen(port: u16) -> String {
    // `localhost` may resolve to either address family, and some machines have no IPv6.
    let ipv6 = TcpListener::bind(("::1", port)).is_ok();
    let ipv6 = ipv6.then(|| format!("listen [::1]:{port} ssl backlog=4096;"));
    format!(
        "listen 127.0.0.1:{port} ssl backlog=4096; {}",
        ipv6.unwrap_or_default()
    )
}

fn handshake(tls: &Tls) -> String {
    format!(
        "ssl_certificate {}; ssl_certificate_key {}; ssl_protocols {}; ssl_ciphers {};",
        tls.identity.certificate.path.display(),
        tls.identity.key.path.display(),
        tls.protocols,
        tls.ciphers
    )
}

fn sessions(tls: &Tls) -> String {
    let tickets = if tls.session_tickets { "on" } else { "off" };
    let cache = if tls.session_cache {
        "shared:sessions:1m"
    } else {
        "off"
    };
    let requests = tls.requests_per_connection;
    format!(
        "ssl_session_tickets {tickets}; ssl_session_cache {cache}; keepalive_requests {requests};"
    )
}

fn clients(tls: &Tls) -> String {
    let demand = |ca: &Pem| {
        let path = ca.path.display();
        format!("ssl_client_certificate {path}; ssl_verify_client on;")
    };
    tls.client_ca.map(demand).unwrap_or_default()
}
