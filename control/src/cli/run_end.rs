//! The end of `vayu-cli run`: the report, and the exit code.

use serde_json::Value;
use vayu_shared::spec::RunSpec;

use super::run_args::Format;
use super::{Ending, print};
use crate::report::report_page;

/// Prints a report in this format.
///
/// # Errors
/// Returns an error if it cannot be written.
pub fn print_report(report: &Value, format: Format, spec: &RunSpec) -> anyhow::Result<()> {
    match format {
        Format::Text => print(&report_page(
            report,
            spec.request.method.as_str(),
            &spec.request.url,
        )),
        Format::Json => print(&format!("{report:#}\n")),
    }
}

/// Returns how a run with this report ends the command. With `strict`, a suspect run counts as invalid.
pub fn ending(report: &Value, strict: bool) -> Ending {
    if !report["stopped"].is_null() {
        return Ending::Stopped;
    }
    match report["verdict"]["status"].as_str() {
        Some("invalid") => return Ending::Invalid,
        Some("suspect") if strict => return Ending::Invalid,
        _ => {}
    }
    match report["summary"]["successfulRequests"].as_u64() {
        Some(0) | None => Ending::NothingSucceeded,
        Some(_) => Ending::Done,
    }
}
