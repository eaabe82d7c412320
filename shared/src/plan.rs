//! An executable run: addresses instead of names, bytes instead of fields.
//!
//! The plan is built once, outside the shards, and shared by them as immutable data.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use crate::connection::HeadLimits;
use crate::request::http1::{Encoder, PreparedRequest};
use crate::request::signing::Signing;
use crate::spec::{Bounds, Capture, Load};
use crate::units::Nanos;

/// The host and addresses that requests are sent to.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// The host name, or the address as text.
    pub host: String,
    /// The addresses, used by connections in round-robin order.
    pub addresses: Vec<SocketAddr>,
    /// Why there is no address, if there is none.
    pub resolve_failure: Option<String>,
    /// Duration of the DNS lookup, if there was one.
    pub resolve_time: Option<Nanos>,
}

/// One request of an iteration.
#[derive(Clone, Debug)]
pub struct Step {
    /// The target, as an index into the plan's origins.
    pub origin: usize,
    /// The request to send.
    pub request: PreparedRequest,
    /// Encodes the request if it differs every time.
    pub encoder: Option<Arc<Encoder>>,
    /// Signs the request if every one is signed individually.
    pub signing: Option<Signing>,
}

/// An executable run, ready to be split over shards.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Origins of the requests. Steps refer to them by index.
    pub origins: Vec<Origin>,
    /// The requests of an iteration, in order. At least one.
    pub steps: Vec<Step>,
    /// The load to generate.
    pub load: Load,
    /// What is stored.
    pub capture: Capture,
    /// Limits on time and connections.
    pub bounds: Bounds,
    /// Whether a connection serves more than one request.
    pub keep_alive: bool,
    /// Whether a request is retried once if its reused connection turns out to be closed.
    pub retry_stale: bool,
    /// Limits on response heads.
    pub response_head: HeadLimits,
    /// Maximum requests per connection, after which it is closed. `None`: unlimited.
    pub max_requests_per_connection: Option<u64>,
    /// Local addresses to connect from, in round-robin order. Empty: chosen by the system.
    pub local_addresses: Vec<IpAddr>,
    /// Whether the target's addresses are resolved for every connection.
    pub resolves_per_connection: bool,
    /// Seed of random values. Each shard adds its own number, so that no two shards draw the same values.
    pub seed: u64,
    /// Wall-clock time at the zero of the monotonic clock, in nanoseconds since the Unix epoch.
    pub unix_offset: Nanos,
    /// Interval at which a shard reports its delta.
    pub stats_interval: Nanos,
}

impl Plan {
    /// Returns the addresses of all origins.
    #[must_use]
    pub fn addresses(&self) -> Vec<SocketAddr> {
        let origins = self.origins.iter();
        origins
            .flat_map(|origin| &origin.addresses)
            .copied()
            .collect()
    }
}
