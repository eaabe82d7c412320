//! What the script host declares, in one place: every member of `host`, which the engine gives to its own JavaScript
//! (`declaration/host.rs`, for tests only), and every member that scripts can use and editors offer ([`pm`]). Nothing
//! here runs: `host` is filled by the `define_*` functions, `pm` by `js/pm/pm.js`. Tests compare both with what a
//! context has.

#[cfg(test)]
mod host;
mod pm;

pub use pm::{MEMBERS, Member, Parameter};
