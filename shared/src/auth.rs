//! Authentication that is worked out from the request itself: the schemes, as
//! functions of their inputs.
//!
//! Nothing here sends, waits or knows the time. What has to be fetched first, as
//! a token or a challenge, is fetched by others.

pub mod basic;
pub mod digest;
pub mod hex;
pub mod sigv4;
