//! Reports: a run's summary as JSON for programs and as text for people, and
//! its histograms and metrics for other tools.
//!
//! The first two are made of [`crate::summary::RunSummary`] and of what is
//! stored with the run only, so the same run always gives the same report.

mod body;
pub mod hdr;
mod json;
mod metadata;
pub mod prometheus;
mod text;

pub use body::Report;
pub use metadata::ReportedRun;
pub use text::report_page;
