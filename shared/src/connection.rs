//! How connections to the target are made and kept, as the user asked for it.
//!
//! Plain data, already legal. Certificates are DER bytes here; whether they make
//! a working TLS configuration is found out by the worker, before a run begins.

use std::net::{IpAddr, SocketAddr};

use serde::Deserialize;

use crate::limits;

/// How connections are made and how long they are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionSpec {
    /// Whether a connection serves more than one request.
    pub keep_alive: bool,
    /// A connection is closed after so many requests.
    pub max_requests: Option<u64>,
    /// Connections leave from these addresses in turn; from any when empty.
    pub local_addresses: Vec<IpAddr>,
    /// Addresses the user named for the target, which then is not looked up.
    pub resolve: Vec<IpAddr>,
    /// When the target's name is looked up.
    pub dns: DnsSpec,
    /// How TLS is spoken, where the target's URL asks for it.
    pub tls: TlsSpec,
    /// Whether a request is sent once more when its kept connection turned out to be closed.
    pub retry_stale: bool,
    /// Bounds on the heads of responses.
    pub response_head: HeadLimits,
}

/// Bounds on the head of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeadLimits {
    /// Most bytes, from the status line to the empty line.
    pub bytes: usize,
    /// Most header lines.
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

/// How names become addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DnsSpec {
    /// When.
    pub policy: DnsPolicy,
    /// Which servers are asked; the system's when empty.
    pub servers: Vec<SocketAddr>,
}

/// When names are looked up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DnsPolicy {
    /// Once, before the run.
    #[default]
    Once,
    /// Again when the time to live of the answer is over.
    Ttl,
    /// For every connection.
    Connection,
}

/// How TLS is spoken.
#[derive(Clone, PartialEq, Eq)]
pub struct TlsSpec {
    /// Whether the target's certificate is judged at all.
    pub verify: bool,
    /// Authorities to trust in place of the system's, as DER; the system's when empty.
    pub authorities: Vec<Vec<u8>>,
    /// What the engine shows when the target asks for a certificate.
    pub identity: Option<ClientIdentity>,
    /// The name to ask for (SNI) and to find in the certificate, in place of the URL's host.
    pub server_name: Option<String>,
    /// Protocols to offer (ALPN), the most wanted first; none offers nothing.
    pub alpn: Vec<String>,
    /// Whether a session of an earlier connection may shorten a handshake.
    pub resumption: bool,
}

/// A client certificate with its key.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientIdentity {
    /// The certificate and those that lead to its authority, as DER.
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

/// A key must not get into a log by way of a debug line.
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
