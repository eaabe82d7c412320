//! Decoding of response bodies: content codings and character encodings.
//!
//! Pure functions over bytes, for design mode and for scripts under load.

pub mod charset;
pub mod coding;
