//! Reports: the summary of a run as JSON and as text, and its histograms and metrics in the formats of other
//! tools.
//!
//! JSON and text are made from [`crate::summary::RunSummary`] and from data stored with the run only, so the
//! same run always gives the same report.

mod body;
pub mod hdr;
mod json;
mod metadata;
pub mod prometheus;
mod text;

pub use body::Report;
pub use metadata::ReportedRun;
pub use text::report_page;
