//! What the bytes of a response body stand for: content codings and character encodings.
//!
//! Pure functions over bytes, for design mode and for scripts under load alike.

pub mod charset;
pub mod coding;
