//! State of the machine under the generator: cores, sockets, ports, quotas, clocks, and other tasks on the
//! shards' cores.
//!
//! Facts are read from `/proc` and `/sys` off the shards, before and after a run. What cannot be read is
//! unknown and never an error. [`preflight()`] turns facts and a plan into warnings. This module does not
//! evaluate runs.

pub mod cgroup;
pub mod clock;
pub mod cores;
pub mod facts;
pub mod interrupts;
pub mod listener;
pub mod local_ports;
pub mod preflight;
pub mod sockets;
pub mod threads;

mod tcp_table;
mod work_budget;

pub use cgroup::Throttling;
pub use cores::{CoreTimes, CoreUse};
pub use facts::MachineFacts;
pub use listener::{Listener, Process, TargetPlace, Thread};
pub use local_ports::LocalPorts;
pub use preflight::{NewConnections, PreflightPlan, preflight};
pub use sockets::{Descriptors, TargetSockets};
pub use threads::ThreadTimes;
