//! One origin of a run on one shard: its addresses and its TLS client.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use crate::command::Start;
use crate::net::{Failure, Fence, Names, TlsClient};

/// One origin of a run on one shard.
pub struct ShardOrigin {
    host: String,
    fence: Arc<Fence>,
    /// Addresses of its connections.
    pub names: Names,
    /// TLS client; `None` for plain HTTP.
    pub tls: Option<TlsClient>,
}

impl ShardOrigin {
    /// Creates all origins of a run on `shard`, in the order of its plan.
    pub fn all(shard: usize, start: &Start) -> Box<[Self]> {
        let origins = start.plan.origins.iter().enumerate();
        let origins = origins.map(|(number, origin)| Self {
            host: origin.host.clone(),
            fence: Arc::clone(&start.fence),
            names: Names::new(shard, &start.plan, number, start.lookups.clone()),
            tls: start
                .tls
                .get(number)
                .and_then(|setup| setup.as_deref())
                .map(TlsClient::new),
        });
        origins.collect()
    }

    /// Checks whether the engine may connect to the address `to` of this origin, from the local address
    /// `from`.
    ///
    /// # Errors
    /// Returns the failure of [`Fence::check`].
    pub fn may_connect(&self, to: SocketAddr, from: Option<IpAddr>) -> Result<(), Failure> {
        self.fence.check(&self.host, to, from)
    }
}
