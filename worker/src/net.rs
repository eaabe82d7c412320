//! Connections to the target: making them, keeping them, bounding their number
//! and their time. Knows nothing of HTTP.

mod buffer;
mod connection;
mod deadline;
mod pool;

pub use buffer::ReadBuffer;
pub use connection::{Connection, Failure};
pub use deadline::{Deadline, Expiry};
pub use pool::{Lease, Pool};
