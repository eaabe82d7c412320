//! Reports: a run's summary as JSON for programs and as text for people.
//!
//! They are made of [`vayu_shared::summary::RunSummary`] only, so the same run
//! always gives the same report.

mod json;
mod text;

pub use json::report_json;
pub use text::report_page;
