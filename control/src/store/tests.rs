//! The store as its callers see it, on real files.

mod opening;
mod pressure;
mod rows;
mod runs;
mod workspace;
