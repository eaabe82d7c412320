//! The report as a page of text: what a person wants to know first, first.
//!
//! It is made of the report's JSON, so that a run here and a run on a distant
//! engine read the same.

use std::fmt::Write;

use serde_json::Value;

/// Percentiles on the page; the JSON has more.
const SHOWN: [&str; 5] = ["p50", "p90", "p95", "p99", "p999"];

/// The page of a report on `method` and `url`.
#[must_use]
pub fn report_page(report: &Value, method: &str, url: &str) -> String {
    let mut page = String::new();
    // Writing to a string does not fail.
    let _ = write_page(&mut page, report, &format!("{method} {url}"));
    page
}

fn write_page(out: &mut String, report: &Value, title: &str) -> std::fmt::Result {
    let summary = &report["summary"];
    writeln!(out, "{title}\n")?;
    writeln!(
        out,
        "  requests      {} in {:.2} s   {:.1} per second",
        summary["totalRequests"],
        number(&summary["totalDurationSeconds"]),
        number(&summary["avgRps"])
    )?;
    writeln!(
        out,
        "  succeeded     {} ({:.2} % failed)",
        summary["successfulRequests"],
        number(&summary["errorRate"])
    )?;
    write_losses(out, report)?;
    writeln!(out, "  status        {}", list(&report["statusCodes"]))?;
    if number(&report["errors"]["total"]) > 0.0 {
        writeln!(
            out,
            "  errors        {}",
            list(&report["errors"]["classes"])
        )?;
    }
    writeln!(out)?;
    let is_response = report["latency"]["measures"] == "responseTime";
    let measured = if is_response {
        "response time"
    } else {
        "service time"
    };
    write_latencies(out, measured, &report["latency"])?;
    if is_response {
        write_latencies(out, "schedule lag", &report["scheduleLag"])?;
    }
    if let Some(slow) = report.get("slowRequests") {
        let threshold = span(number(&slow["thresholdMs"]));
        writeln!(out, "\n  slow          {} over {threshold}", slow["count"])?;
    }
    Ok(())
}

/// What did not go as planned, if anything.
fn write_losses(out: &mut String, report: &Value) -> std::fmt::Result {
    let (accounting, transport) = (&report["accounting"], &report["transport"]);
    if number(&accounting["dropped"]) > 0.0 {
        let (dropped, offered) = (&accounting["dropped"], &accounting["offered"]);
        writeln!(
            out,
            "  dropped       {dropped} of {offered} arrivals: no connection was free"
        )?;
    }
    if number(&accounting["cancelled"]) > 0.0 {
        let cancelled = &accounting["cancelled"];
        writeln!(
            out,
            "  cancelled     {cancelled} still in flight at the end"
        )?;
    }
    if number(&transport["samplesThinned"]) > 0.0 {
        let thinned = &transport["samplesThinned"];
        writeln!(out, "  not kept      {thinned} samples, for lack of room")?;
    }
    Ok(())
}

fn write_latencies(out: &mut String, name: &str, stats: &Value) -> std::fmt::Result {
    write!(out, "  {name:<14}")?;
    for percentile in SHOWN {
        write!(out, "{percentile} {:<11}", span(number(&stats[percentile])))?;
    }
    writeln!(out, "max {}", span(number(&stats["max"])))
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(0.0)
}

/// Milliseconds with three digits and the unit that fits them.
fn span(ms: f64) -> String {
    match ms {
        _ if ms < 1.0 => format!("{:.0} µs", ms * 1000.0),
        _ if ms < 10.0 => format!("{ms:.2} ms"),
        _ if ms < 1000.0 => format!("{ms:.1} ms"),
        _ => format!("{:.2} s", ms / 1000.0),
    }
}

fn list(counts: &Value) -> String {
    let counts = counts.as_object().filter(|counts| !counts.is_empty());
    counts.map_or("none".into(), |counts| {
        let parts: Vec<String> = counts
            .iter()
            .map(|(key, n)| format!("{key} × {n}"))
            .collect();
        parts.join("   ")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::report_json;
    use vayu_shared::latency::LatencyStats;
    use vayu_shared::summary::{Accounting, RunSummary};

    #[test]
    fn spans_have_the_unit_that_fits() {
        let table = [
            (0.0, "0 µs"),
            (0.0424, "42 µs"),
            (1.234, "1.23 ms"),
            (45.67, "45.7 ms"),
            (2000.0, "2.00 s"),
        ];
        for (ms, text) in table {
            assert_eq!(span(ms), text);
        }
    }

    #[test]
    fn a_report_reads_like_this() {
        let stats = LatencyStats {
            count: 3,
            max_ns: 3_100_000,
            percentiles_ns: [200_000, 0, 400_000, 500_000, 1_500_000, 3_000_000, 0],
            ..LatencyStats::default()
        };
        let summary = RunSummary {
            elapsed_ns: 2_000_000_000,
            open_model: true,
            statuses: [(200, 99)].into(),
            accounting: Accounting {
                offered: 104,
                issued: 100,
                dropped: 4,
                answered: 99,
                errors: [("read_reset".to_owned(), 1)].into(),
                cancelled: 0,
            },
            response: stats.clone(),
            schedule_lag: stats,
            ..RunSummary::default()
        };
        let expected = "\
GET http://a/

  requests      100 in 2.00 s   50.0 per second
  succeeded     99 (1.00 % failed)
  dropped       4 of 104 arrivals: no connection was free
  status        200 × 99
  errors        read_reset × 1

  response time p50 200 µs     p90 400 µs     p95 500 µs     p99 1.50 ms    p999 3.00 ms    max 3.10 ms
  schedule lag  p50 200 µs     p90 400 µs     p95 500 µs     p99 1.50 ms    p999 3.00 ms    max 3.10 ms
";
        assert_eq!(
            report_page(&report_json(&summary), "GET", "http://a/"),
            expected
        );
    }
}
