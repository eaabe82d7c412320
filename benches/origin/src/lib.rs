//! The built-in test origin: an HTTP/1.1 server as a target for a load generator.
//!
//! It runs on glommio, deliberately a different runtime from the generator's, so that a fault in one cannot
//! hide in the other. It responds fast from prebuilt bytes, misbehaves on request (resets, stalls, broken
//! framing) and counts every received request exactly, so that a generator's own count can be checked against
//! it.
//!
//! It does not support TLS, HTTP/2, `Expect: 100-continue`, percent-decoding or access control. Bind it to a
//! loopback interface.

mod answer;
mod arrivals;
mod body;
mod connection;
mod counters;
mod dispatch;
mod fault;
mod fixed;
mod freeze;
mod head;
mod input;
mod job;
mod listen;
mod method;
mod origin;
mod queue;
mod registry;
mod reply;
mod request;
mod route;
mod route_table;
mod server;
mod state;
mod stop;
mod wait;
mod wire;

pub use counters::Counters;
pub use origin::{Origin, OriginConfig};
pub use queue::ServiceTimes;
pub use route_table::route_help;
