//! Values of a report by path, checks that every report passes, and output of conformance tests.

use std::io::{Write, stdout};

use serde_json::Value;

/// Prints a line even if the test passes: a conformance test shows its measurements.
///
/// # Panics
/// Panics if standard output is closed.
pub fn print_line(line: &str) {
    writeln!(stdout(), "  {line}").expect("somebody runs the test");
}

/// Returns the number at `path`, for example `latency/p99`.
///
/// # Panics
/// Panics with the whole report if there is no number.
#[must_use]
pub fn number(report: &Value, path: &str) -> f64 {
    let found = report.pointer(&format!("/{path}")).and_then(Value::as_f64);
    found.unwrap_or_else(|| panic!("no number at {path} in {report:#}"))
}

/// Returns the integer at `path`.
///
/// # Panics
/// Panics with the whole report if there is no integer.
#[must_use]
pub fn count(report: &Value, path: &str) -> u64 {
    let found = report.pointer(&format!("/{path}")).and_then(Value::as_u64);
    found.unwrap_or_else(|| panic!("no whole number at {path} in {report:#}"))
}

/// Returns the status of the verdict.
#[must_use]
pub fn verdict(report: &Value) -> &str {
    report["verdict"]["status"].as_str().unwrap_or("missing")
}

/// Checks the accounting: offered = issued + dropped, issued = answered + errors + cancelled + skipped.
///
/// # Panics
/// Panics if the accounting does not balance.
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
