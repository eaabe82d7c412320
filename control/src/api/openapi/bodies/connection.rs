//! The shape of `connection`: how connections are opened, kept and secured.

// What the derive writes is qualified more than it has to be here.
#![allow(unused_qualifications)]

use std::collections::BTreeMap;

use serde::Deserialize;

use super::values::OneOrMany;

/// How connections are opened, kept and secured.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Connection {
    /// Whether a connection serves more than one request. Default: true.
    keep_alive: Option<bool>,
    /// Number of requests after which a connection is replaced. Default: no limit.
    #[schema(minimum = 1, maximum = 1_000_000_000_000_u64)]
    max_requests: Option<u64>,
    /// The same as `maxConnections` of the run.
    #[schema(minimum = 1, maximum = 100_000)]
    max_connections: Option<u64>,
    /// Local addresses to connect from, in turn. At most 1024.
    local_addresses: Option<Vec<String>>,
    /// Addresses of a `host:port`, in place of a look-up.
    resolve: Option<BTreeMap<String, OneOrMany>>,
    /// How names are looked up.
    dns: Option<Dns>,
    /// Whether the target's certificate is verified. Default: true.
    verify_ssl: Option<bool>,
    /// TLS options.
    tls: Option<Tls>,
    /// Whether a request is sent once more when the target had closed its kept connection.
    /// Default: true.
    retry_stale: Option<bool>,
    /// Maximum size of a response head in bytes. Default: 262144.
    #[schema(minimum = 2048, maximum = 16_777_216)]
    max_header_bytes: Option<u64>,
    /// Maximum number of header lines of a response. Default: 5000.
    #[schema(minimum = 1, maximum = 100_000)]
    max_header_lines: Option<u64>,
}

/// How names are looked up.
#[derive(Deserialize, utoipa::ToSchema)]
pub struct Dns {
    /// When names are looked up. Default: `once`.
    policy: Option<DnsPolicy>,
    /// Name servers like `127.0.0.1:53`. Default: the system's name servers.
    servers: Option<Vec<String>>,
}

/// When names are looked up.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DnsPolicy {
    /// Once, before the run.
    Once,
    /// Again when the time to live of the answer is over.
    Ttl,
    /// For every connection.
    Connection,
}

/// TLS options.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tls {
    /// Certificate authorities to trust, PEM. Default: those of the system.
    ca: Option<String>,
    /// Client certificate, PEM; needs `key`.
    certificate: Option<String>,
    /// Private key of `certificate`, PEM. Never stored.
    key: Option<String>,
    /// Server name to ask for and to verify. Default: the host of the URL.
    server_name: Option<String>,
    /// Protocols to offer (ALPN). Default: `http/1.1`.
    alpn: Option<Vec<String>>,
    /// Whether TLS sessions of earlier connections are resumed. Default: true.
    resumption: Option<bool>,
}
