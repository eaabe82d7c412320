//! One exchange on its own: what to send and what came of it.
//!
//! A single request of the API, or one hop of it, is made on a shard with the
//! same connections and the same exchange as load is. It has a connection of
//! its own, its answer is kept up to a limit, and nothing is recorded.
//! Redirects, cookies and what else makes a client of it are not known here.

use std::net::SocketAddr;
use std::sync::Arc;

use vayu_shared::connection::HeadLimits;
use vayu_shared::outcome::ErrorClass;
use vayu_shared::phases::PhaseTimings;
use vayu_shared::request::http1::PreparedRequest;
use vayu_shared::units::Nanos;

use crate::tls_setup::TlsSetup;

/// What to do.
#[derive(Clone)]
pub struct SingleExchange {
    /// The name that is connected to, of the target or a proxy, or its address as text.
    pub host: String,
    /// Where to connect to; tried in turn until one accepts.
    pub addresses: Vec<SocketAddr>,
    /// What is sent to a proxy first, so that it opens a tunnel to the target.
    pub tunnel: Option<PreparedRequest>,
    /// How TLS is spoken, where it is.
    pub tls: Option<Arc<TlsSetup>>,
    /// What is sent.
    pub request: PreparedRequest,
    /// Longest connect, tunnel and TLS handshake, each.
    pub connect_timeout: Nanos,
    /// When everything has to be through, on the monotonic clock.
    pub deadline: Nanos,
    /// Bounds on the head of the response.
    pub head_limits: HeadLimits,
    /// Bytes of the response's body that are kept, before it is cut off.
    pub body_limit: u64,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct SingleOutcome {
    /// How long each phase took, but for the look-up.
    pub phases: PhaseTimings,
    /// Where the connection led, once there was one.
    pub remote: Option<SocketAddr>,
    /// The TLS session, once there was one.
    pub tls: Option<TlsFacts>,
    /// The answer, or why there is none.
    pub result: Result<SingleResponse, SingleFailure>,
}

/// What is known of a TLS session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFacts {
    /// The version, like `TLSv1_3`.
    pub version: String,
    /// The cipher suite, like `TLS13_AES_128_GCM_SHA256`.
    pub cipher: String,
    /// The protocol agreed on (ALPN), if any.
    pub alpn: Option<String>,
    /// The peer's certificate, as DER.
    pub certificate: Option<Vec<u8>>,
}

/// A response as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SingleResponse {
    /// Status line and headers, to the empty line.
    pub head: Vec<u8>,
    /// The body without chunk framing, up to the limit.
    pub body: Vec<u8>,
    /// Whether the body went on beyond the limit.
    pub truncated: bool,
    /// Bytes read from the connection, framing and head among them.
    pub received: u64,
}

/// Why there is no response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SingleFailure {
    /// Which step failed.
    pub class: ErrorClass,
    /// What the system or the engine said.
    pub message: String,
    /// What a proxy answered instead of opening a tunnel.
    pub refusal: Option<Vec<u8>>,
}
