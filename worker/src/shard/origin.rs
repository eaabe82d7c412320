//! One origin of a run on one shard: where its connections go, and how TLS is spoken there.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use crate::command::Start;
use crate::net::{Failure, Fence, Names, TlsClient};

/// See the module.
pub struct Origin {
    host: String,
    fence: Arc<Fence>,
    /// Where connections go.
    pub names: Names,
    /// How TLS is spoken, where it is.
    pub tls: Option<TlsClient>,
}

impl Origin {
    /// All origins of a run on `shard`, in the order of its plan.
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

    /// Whether the engine makes connections to this address of it, from that one.
    ///
    /// # Errors
    /// See [`Fence::judge`].
    pub fn may_connect(&self, to: SocketAddr, from: Option<IpAddr>) -> Result<(), Failure> {
        self.fence.judge(&self.host, to, from)
    }
}
