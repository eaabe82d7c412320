//! How an nginx speaks TLS, and what it tells of every request that came over it.
//!
//! Only configuration and the log's format; `nginx` starts the process. The
//! directives are those of ngx_http_ssl_module
//! (<https://nginx.org/en/docs/http/ngx_http_ssl_module.html>).

use std::net::TcpListener;

use serde::Deserialize;

use crate::certs::{Identity, Pem};
use crate::nginx::Site;

/// See the module. Start from [`Tls::new`] and change what matters:
/// `Tls { session_tickets: false, ..Tls::new(&certs.good) }`.
#[derive(Clone, Copy, Debug)]
pub struct Tls<'a> {
    /// What the server shows.
    pub identity: &'a Identity,
    /// The CA whose client certificates it demands. A request without one, or with
    /// one of another CA, is answered with status 400 over a completed handshake.
    pub client_ca: Option<&'a Pem>,
    /// Protocols as OpenSSL names them.
    pub protocols: &'a str,
    /// Cipher suites up to TLS 1.2, an OpenSSL cipher list; those of TLS 1.3 are fixed.
    pub ciphers: &'a str,
    /// Whether sessions may be resumed from tickets that the client keeps.
    pub session_tickets: bool,
    /// Whether sessions may be resumed from a cache that the server keeps.
    pub session_cache: bool,
    /// Requests after which a connection is closed.
    pub requests_per_connection: u32,
}

impl<'a> Tls<'a> {
    /// TLS 1.2 and 1.3, resumption by ticket and by cache, no client certificate,
    /// 1,000 requests per connection.
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

    /// TLS 1.2 with nothing but a CBC suite: a client that offers only authenticated
    /// encryption (RFC 5246, 6.2.3.3), as rustls does, gets a fatal
    /// `handshake_failure` alert (40). A client of TLS 1.3 only gets
    /// `protocol_version` (70).
    #[must_use]
    pub fn without_common_cipher(identity: &'a Identity) -> Self {
        Self {
            protocols: "TLSv1.2",
            ciphers: "ECDHE-ECDSA-AES128-SHA",
            ..Self::new(identity)
        }
    }

    /// Without resumption: every handshake is a full one.
    #[must_use]
    pub fn without_resumption(identity: &'a Identity) -> Self {
        Self {
            session_tickets: false,
            session_cache: false,
            ..Self::new(identity)
        }
    }
}

/// What nginx tells of one request over TLS.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
pub struct TlsRequest {
    /// The status it answered.
    pub status: u16,
    /// `TLSv1.2` or `TLSv1.3`; empty for a request that came without TLS.
    pub protocol: String,
    /// Whether the connection's session was a resumed one.
    pub resumed: bool,
    /// The name the client asked for (SNI), empty when it named none.
    pub server_name: String,
    /// The protocol agreed by ALPN, empty when the client offered none.
    pub alpn: String,
    /// `NONE`, `SUCCESS` or `FAILED:reason`; empty when no client certificate is demanded.
    pub client_verify: String,
    /// The connection's number.
    pub connection: u64,
    /// The request's number on its connection, from 1.
    pub connection_request: u64,
}

impl TlsRequest {
    pub(crate) fn parse(line: &str) -> Self {
        serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line:?}"))
    }
}

/// One line of JSON per request, as [`TlsRequest::parse`] reads it.
const LOG_FORMAT: &str = r#"
  map $ssl_session_reused $resumed { r true; default false; }
  log_format line escape=json '{"status":$status,"protocol":"$ssl_protocol",'
    '"resumed":$resumed,"server_name":"$ssl_server_name","alpn":"$ssl_alpn_protocol",'
    '"client_verify":"$ssl_client_verify","connection":$connection,'
    '"connection_request":$connection_requests}';"#;

/// The site that `tls` describes, on a port of the loopback.
pub(crate) fn site(tls: &Tls, port: u16) -> Site {
    let parts = [listen(port), handshake(tls), sessions(tls), clients(tls)];
    Site {
        http: LOG_FORMAT,
        server: parts.join(" "),
        // Handshakes that fail are told on this level.
        log_level: "info",
    }
}

fn listen(port: u16) -> String {
    // `localhost` may be either address, and some machines have no IPv6.
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
