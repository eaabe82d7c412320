//! Request and outcome of a single exchange.
//!
//! A single request of the API, or one hop of it, is executed on a shard with the same connections and the
//! same exchange as load. It has its own connection, its response is kept up to a limit, and nothing is
//! recorded. Redirects, cookies and other client features are not handled here.

use std::net::SocketAddr;
use std::sync::Arc;

use vayu_shared::connection::HeadLimits;
use vayu_shared::outcome::ErrorClass;
use vayu_shared::phases::PhaseTimings;
use vayu_shared::request::http1::PreparedRequest;
use vayu_shared::units::Nanos;

use crate::tls_setup::TlsSetup;

/// A single exchange to execute.
#[derive(Clone)]
pub struct SingleExchange {
    /// Host name of the target or proxy to connect to, or its address as text.
    pub host: String,
    /// Addresses to connect to, tried in order until one accepts.
    pub addresses: Vec<SocketAddr>,
    /// The `CONNECT` request that opens a tunnel through a proxy; `None` without a proxy tunnel.
    pub tunnel: Option<PreparedRequest>,
    /// TLS setup; `None` for plain HTTP.
    pub tls: Option<Arc<TlsSetup>>,
    /// The request to send.
    pub request: PreparedRequest,
    /// Timeout of the connect including the tunnel, and of the TLS handshake, each.
    pub connect_timeout: Nanos,
    /// Deadline of the whole exchange, on the monotonic clock.
    pub deadline: Nanos,
    /// Limits on the response head.
    pub head_limits: HeadLimits,
    /// Maximum response body bytes that are kept. The rest is cut off.
    pub body_limit: u64,
}

/// Outcome of a single exchange.
#[derive(Clone, Debug)]
pub struct SingleOutcome {
    /// Duration of each phase except the DNS lookup.
    pub phases: PhaseTimings,
    /// Remote address of the last connection attempt, even if it failed or was denied.
    pub remote: Option<SocketAddr>,
    /// TLS session, once there is one.
    pub tls: Option<TlsFacts>,
    /// The response, or why there is none.
    pub result: Result<SingleResponse, SingleFailure>,
}

/// Parameters of a TLS session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFacts {
    /// Protocol version, for example `TLSv1_3`.
    pub version: String,
    /// Cipher suite, for example `TLS13_AES_128_GCM_SHA256`.
    pub cipher: String,
    /// Protocol negotiated by ALPN, if any.
    pub alpn: Option<String>,
    /// The peer's certificate, as DER.
    pub certificate: Option<Vec<u8>>,
}

/// A response as received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SingleResponse {
    /// Status line and header fields, including the empty line.
    pub head: Vec<u8>,
    /// The body without chunk framing, up to the limit.
    pub body: Vec<u8>,
    /// Whether the body exceeded the limit.
    pub truncated: bool,
    /// Bytes read from the connection, including framing and head.
    pub received: u64,
}

/// Why there is no response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SingleFailure {
    /// Class of the failed step.
    pub class: ErrorClass,
    /// Message of the system or of the engine.
    pub message: String,
    /// Head of the proxy's response if it did not open a tunnel.
    pub refusal: Option<Vec<u8>>,
}
