//! The control plane: REST and SSE, the run manager, the store, reports, and
//! the command line.
//!
//! Import direction: `api` → `design` → `run` → `store` → `contract`; `cli` and `server` put the parts
//! together. Load is put on targets by `vayu_worker`, never from here.

pub mod access;
pub mod api;
pub mod cli;
pub mod config;
pub mod contract;
pub mod data_dir;
pub mod design;
pub mod generator;
pub mod littles_law;
pub mod logging;
pub mod machine;
pub mod private_key;
pub mod readiness;
pub mod redact;
pub mod report;
pub mod run;
pub mod server;
pub mod store;
pub mod summary;
pub mod timing;
pub mod verdict;
pub mod wall_clock;

#[cfg(test)]
mod testing;
