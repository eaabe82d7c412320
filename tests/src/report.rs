//! Numbers of a report by their path, the checks that every report passes, and
//! how a conformance test shows what it saw.

use std::io::{Write, stdout};

use serde_json::Value;

/// Prints a line even when the test passes: a conformance test shows its numbers.
///
/// # Panics
/// When standard output is gone.
pub fn tell(line: &str) {
    writeln!(stdout(), "  {line}").expect("somebody runs the test");
}

/// The number at `path`, like `latency/p99`.
///
/// # Panics
/// When there is none; the whole report is told then.
#[must_use]
pub fn number(report: &Value, path: &str) -> f64 {
    let found = report.pointer(&format!("/{path}")).and_then(Value::as_f64);
    found.unwrap_or_else(|| panic!("no number at {path} in {report:#}"))
}

/// The whole number at `path`.
///
/// # Panics
/// When there is none; the whole report is told then.
#[must_use]
pub fn count(report: &Value, path: &str) -> u64 {
    let found = report.pointer(&format!("/{path}")).and_then(Value::as_u64);
    found.unwrap_or_else(|| panic!("no whole number at {path} in {report:#}"))
}

/// The verdict's status.
#[must_use]
pub fn verdict(report: &Value) -> &str {
    report["verdict"]["status"].as_str().unwrap_or("missing")
}

/// offered = issued + dropped, issued = answered + errors + cancelled + skipped.
///
/// # Panics
/// When the books do not balance.
pub fn assert_balanced(report: &Value) {
    let books = &report["accounting"];
    let errors = books["errors"].as_object().expect("classes").values();
    let errors: u64 = errors.filter_map(Value::as_u64).sum();
    let (offered, issued) = (count(books, "offered"), count(books, "issued"));
    assert_eq!(offered, issued + count(books, "dropped"), "{books}");
    let outcomes =
        count(books, "answered") + errors + count(books, "cancelled") + count(books, "skipped");
    assert_eq!(issued, outcomes, "{books}");
}
