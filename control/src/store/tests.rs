//! Tests of the store through its public interface, on real files.

mod opening;
mod pressure;
mod rows;
mod runs;
mod workspace;
