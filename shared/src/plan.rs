//! A run ready to be executed: addresses instead of names, bytes instead of fields.
//!
//! The plan is built once, off the shards, and shared by them as immutable data.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use crate::connection::HeadLimits;
use crate::request::http1::{Encoder, PreparedRequest};
use crate::request::signing::Signing;
use crate::spec::{Bounds, Capture, Load};
use crate::units::Nanos;

/// Scheme, host and port that requests go to.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// Its name, or its address as text.
    pub host: String,
    /// Its addresses; connections take them in turn.
    pub addresses: Vec<SocketAddr>,
    /// Why there is no address, when there is none.
    pub resolve_failure: Option<String>,
    /// How long the look-up of the addresses took, when there was one.
    pub resolve_time: Option<Nanos>,
}

/// One request of an iteration.
#[derive(Clone, Debug)]
pub struct Step {
    /// Where it goes, as a place among the plan's origins.
    pub origin: usize,
    /// What is sent.
    pub request: PreparedRequest,
    /// What writes the request, where it is another one every time.
    pub encoder: Option<Arc<Encoder>>,
    /// What the request is signed with, where every one is signed on its own.
    pub signing: Option<Signing>,
}

/// A run, ready to be split over shards.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Where requests go; steps name them by their place here.
    pub origins: Vec<Origin>,
    /// What an iteration sends, one after the other; at least one.
    pub steps: Vec<Step>,
    /// How often.
    pub load: Load,
    /// What is kept.
    pub capture: Capture,
    /// Where it stops.
    pub bounds: Bounds,
    /// Whether a connection serves more than one request.
    pub keep_alive: bool,
    /// Whether a request is sent once more when its kept connection turned out to be closed.
    pub retry_stale: bool,
    /// Bounds on the heads of responses.
    pub response_head: HeadLimits,
    /// A connection is closed after so many requests.
    pub max_requests_per_connection: Option<u64>,
    /// Connections leave from these addresses in turn; from any when empty.
    pub local_addresses: Vec<IpAddr>,
    /// Whether every connection asks for the target's addresses anew.
    pub resolves_per_connection: bool,
    /// What random values are drawn from; each shard adds its own number, so that
    /// no two draw the same.
    pub seed: u64,
    /// The time of day, in nanoseconds since the Unix epoch, at the beginning of
    /// the monotonic clock.
    pub unix_offset: Nanos,
    /// How often a shard hands over its delta.
    pub stats_interval: Nanos,
}

impl Plan {
    /// The addresses of all origins.
    #[must_use]
    pub fn addresses(&self) -> Vec<SocketAddr> {
        let origins = self.origins.iter();
        origins
            .flat_map(|origin| &origin.addresses)
            .copied()
            .collect()
    }
}
