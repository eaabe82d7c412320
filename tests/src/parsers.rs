//! What has to hold of each parser for any input at all. Fuzz targets (`tests/fuzz`) look for
//! inputs that break it; the suites try the corpora, and inputs made of them.
//!
//! A check returns when all is well and panics when it is not. It holds no state, so that an
//! input alone reproduces what was found.

mod authentication;
mod bodies;
mod cookies;
mod heads;
mod inputs;
mod resume;
mod texts;

use std::path::PathBuf;

pub use authentication::digest_challenge;
pub use bodies::{chunks, response_body};
pub use cookies::cookies;
pub use heads::response_head;
pub use inputs::Inputs;
pub use resume::sse_resume;
pub use texts::{duration, run_body, template};

/// A check, by the name of its fuzz target and its corpus.
pub type Parser = (&'static str, fn(&[u8]));

/// All checks.
pub const PARSERS: [Parser; 9] = [
    ("chunks", chunks),
    ("cookies", cookies),
    ("digest_challenge", digest_challenge),
    ("duration", duration),
    ("response_body", response_body),
    ("response_head", response_head),
    ("run_body", run_body),
    ("sse_resume", sse_resume),
    ("template", template),
];

/// Where the inputs of a parser are kept.
#[must_use]
pub fn corpus(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(name)
}
