//! How connections to the target are established and reused, as configured by the user.
//!
//! Plain, validated data. Certificates are DER bytes; the worker checks before a run whether they form a
//! valid TLS configuration.

use std::net::{IpAddr, SocketAddr};

use serde::Deserialize;

use crate::limits;

/// Configuration of connections to the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionSpec {
    /// Whether a connection serves more than one request.
    pub keep_alive: bool,
    /// Maximum requests per connection, after which it is closed. `None`: unlimited.
    pub max_requests: Option<u64>,
    /// Local addresses to connect from, in round-robin order. Empty: chosen by the system.
    pub local_addresses: Vec<IpAddr>,
    /// Addresses of the target set by the user. If not empty, the target's name is not resolved.
    pub resolve: Vec<IpAddr>,
    /// DNS resolution of the target's name.
    pub dns: DnsSpec,
    /// TLS configuration, used if the target's URL is `https`.
    pub tls: TlsSpec,
    /// Whether a request is retried once if its reused connection turns out to be closed.
    pub retry_stale: bool,
    /// Limits on response heads.
    pub response_head: HeadLimits,
}

/// Limits on the head of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeadLimits {
    /// Maximum size in bytes, from the status line to the empty line.
    pub bytes: usize,
    /// Maximum number of header lines.
    pub lines: usize,
}

impl Default for HeadLimits {
    fn default() -> Self {
        Self {
            bytes: limits::RESPONSE_HEAD_BYTES,
            lines: limits::RESPONSE_HEADER_LINES,
        }
    }
}

impl Default for ConnectionSpec {
    fn default() -> Self {
        Self {
            keep_alive: true,
            max_requests: None,
            local_addresses: Vec::new(),
            resolve: Vec::new(),
            dns: DnsSpec::default(),
            tls: TlsSpec::default(),
            retry_stale: true,
            response_head: HeadLimits::default(),
        }
    }
}

/// Configuration of DNS resolution.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DnsSpec {
    /// When names are resolved.
    pub policy: DnsPolicy,
    /// DNS servers to query. Empty: the system's.
    pub servers: Vec<SocketAddr>,
}

/// When names are resolved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DnsPolicy {
    /// Once, before the run.
    #[default]
    Once,
    /// Again when the TTL of the DNS answer expires.
    Ttl,
    /// For every connection.
    Connection,
}

/// TLS configuration of connections to the target.
#[derive(Clone, PartialEq, Eq)]
pub struct TlsSpec {
    /// Whether the target's certificate is verified.
    pub verify: bool,
    /// Certificate authorities to trust instead of the system's, as DER. Empty: the system's.
    pub authorities: Vec<Vec<u8>>,
    /// The client certificate presented if the target requests one.
    pub identity: Option<ClientIdentity>,
    /// The server name for SNI and certificate verification. `None`: the URL's host.
    pub server_name: Option<String>,
    /// Protocols to offer in ALPN, in order of preference. Empty: no ALPN extension.
    pub alpn: Vec<String>,
    /// Whether TLS sessions of earlier connections are resumed.
    pub resumption: bool,
}

/// A client certificate with its key.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientIdentity {
    /// The certificate and its chain to the certificate authority, as DER.
    pub chain: Vec<Vec<u8>>,
    /// The private key, as PEM text.
    pub key_pem: String,
}

impl Default for TlsSpec {
    fn default() -> Self {
        Self {
            verify: true,
            authorities: Vec::new(),
            identity: None,
            server_name: None,
            alpn: vec!["http/1.1".to_owned()],
            resumption: true,
        }
    }
}

/// Omits the key, so that debug output cannot leak it into a log.
impl std::fmt::Debug for TlsSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TlsSpec")
            .field("verify", &self.verify)
            .field("authorities", &self.authorities.len())
            .field("identity", &self.identity.is_some())
            .field("server_name", &self.server_name)
            .field("alpn", &self.alpn)
            .field("resumption", &self.resumption)
            .finish()
    }
}
