//! The load engine: one CPU-pinned shard per core, each with its own io_uring runtime. Shards share nothing.
//!
//! Layers, each importing only those after it: `engine` → `shard` → `exchange` → `net` → `runtime`. There is
//! no database, no REST and no second runtime here. `vayu_shared` defines what a run is and how it is split
//! between shards.

pub mod engine;
pub mod placement;

mod clock;
mod command;
mod descriptors;
mod exchange;
mod net;
mod runtime;
mod scheduling;
pub mod script;
mod seat;
mod sent_bytes;
mod shard;
pub mod single;
mod tls_setup;
mod waker_cell;

#[doc(hidden)]
pub mod bench_api;

pub use clock::now as monotonic_now;
pub use engine::{ActiveRun, Engine, EngineConfig};
pub use exchange::head::syntax as response_syntax;
pub use net::{Failure, Fence};
pub use runtime::{Driver, io_uring_available};
pub use rustls::RootCertStore;
pub use tls_setup::TlsSetup;
