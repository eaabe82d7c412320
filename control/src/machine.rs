//! What the machine under the generator is like: cores, sockets, ports, quotas,
//! clocks, and who else is on the shards' cores.
//!
//! Facts are read from `/proc` and `/sys` off the shards, before and after a
//! run; what cannot be read is unknown and never an error. Nothing
//! here judges what they mean.

pub mod cgroup;
pub mod clock;
pub mod cores;
pub mod listener;
pub mod local_ports;
pub mod sockets;

mod effort;
mod tcp_table;

pub use cgroup::Throttling;
pub use cores::{CoreTimes, CoreUse};
pub use listener::{Listener, TargetPlace};
pub use local_ports::LocalPorts;
pub use sockets::{Descriptors, TargetSockets};
