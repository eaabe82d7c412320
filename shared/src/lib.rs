//! The shared types of Vayu: the specification of a run, its split over shards, what is measured, and how
//! measurements merge.
//!
//! Everything here is plain data and arithmetic. There is no I/O, no thread, no async and no clock in this
//! crate, so every rule can be tested as a table of inputs and outputs.

pub mod arrivals;
pub mod auth;
pub mod body;
pub mod calendar;
pub mod connection;
pub mod content;
pub mod counters;
pub mod dynamic;
pub mod examples;
pub mod field_error;
pub mod http;
pub mod json;
pub mod latency;
pub mod limits;
pub mod message;
pub mod outcome;
pub mod phases;
pub mod plan;
pub mod request;
pub mod sample;
pub mod sampling;
pub mod script_totals;
pub mod shard_plan;
pub mod snapshot;
pub mod spec;
pub mod step_delta;
pub mod target_rule;
pub mod template;
pub mod units;
pub mod vu_schedule;
