//! Connections to the target: opening, pooling, connection limits and time limits. Does not know HTTP.

mod connection;
mod deadline;
mod failure;
mod fence;
mod idle_state;
mod names;
mod pool;
mod tls;

pub use connection::{Connection, Receiver, Sender, Unsent};
pub use deadline::{Deadline, Expiry};
pub use failure::Failure;
pub use fence::Fence;
pub use idle_state::IdleState;
pub use names::Names;
pub use pool::{Lease, Pool};
pub use tls::{TlsClient, TlsStream};
