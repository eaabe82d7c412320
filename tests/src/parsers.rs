//! Invariants of each parser for any input. The fuzz targets (`tests/fuzz`) search for inputs that violate
//! them; the suites check the corpora and mutations of them.
//!
//! A check returns if the invariant holds and panics otherwise. It is stateless, so the input alone
//! reproduces a finding.

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

/// Name of a fuzz target and its corpus, and its check.
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

/// Returns the corpus directory of a parser.
#[must_use]
pub fn corpus(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(name)
}
