//! The report as text, with the most important information first.
//!
//! It is made from the JSON of the report, so that a local run and a run on a remote engine look the same.

use std::fmt::Write;

use serde_json::Value;
use vayu_shared::latency::SAMPLES_BEYOND;
use vayu_shared::units::{MILLISECOND, Nanos, display_span};

/// Percentiles in the text, if the report has them; the JSON contains more.
const SHOWN: [&str; 5] = ["p50", "p90", "p95", "p99", "p999"];

/// Returns the text of a report on `method` and `url`.
#[must_use]
pub fn report_page(report: &Value, method: &str, url: &str) -> String {
    let mut page = String::new();
    // Writing to a string does not fail.
    let _ = write_page(&mut page, report, &format!("{method} {url}"));
    page
}

fn write_page(out: &mut String, report: &Value, title: &str) -> std::fmt::Result {
    let summary = &report["summary"];
    write_stop(out, &report["stopped"])?;
    writeln!(out, "{title}")?;
    if let Some(id) = report["metadata"]["runId"].as_str() {
        writeln!(out, "run {id}")?;
    }
    writeln!(out)?;
    write_verdict(out, &report["verdict"])?;
    write_end(out, &report["ended"])?;
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
    write_connections(out, &report["transport"])?;
    writeln!(out, "  status        {}", list(&report["statusCodes"]))?;
    write_errors(out, &report["errors"])?;
    write_scripts(out, report)?;
    writeln!(out)?;
    if number(&report["latency"]["count"]) == 0.0 {
        return writeln!(out, "  latency       none: nothing was answered");
    }
    write_distributions(out, report)?;
    write_phases(out, &report["timingBreakdown"])?;
    if let Some(slow) = report.get("slowRequests") {
        let threshold = span(number(&slow["thresholdMs"]));
        writeln!(out, "\n  slow          {} over {threshold}", slow["count"])?;
    }
    Ok(())
}

/// Writes every distribution with samples of interest, the documented latency first.
fn write_distributions(out: &mut String, report: &Value) -> std::fmt::Result {
    let is_response = report["latency"]["measures"] == "responseTime";
    let measured = if is_response {
        "response time"
    } else {
        "service time"
    };
    let mut is_marked = write_latencies(out, measured, &report["latency"])?;
    if is_response {
        is_marked |= write_latencies(out, "service time", &report["serviceTime"])?;
        is_marked |= write_latencies(out, "schedule lag", &report["scheduleLag"])?;
        let quantum = number(&report["generator"]["pacingQuantumMs"]);
        if quantum > 0.0 {
            let quantum = span(quantum);
            writeln!(
                out,
                "  pacing        arrivals in bursts, one every {quantum}"
            )?;
        }
    }
    for (name, section) in [("connect", "connectTime"), ("TLS handshake", "tlsTime")] {
        if number(&report[section]["count"]) > 1.0 {
            is_marked |= write_latencies(out, name, &report[section])?;
        }
    }
    if is_marked {
        writeln!(
            out,
            "  * thin: fewer than {SAMPLES_BEYOND} samples lie beyond it"
        )?;
    }
    Ok(())
}

/// Writes that a run was stopped, before everything else: its numbers are not those of the plan.
fn write_stop(out: &mut String, stopped: &Value) -> std::fmt::Result {
    let Some(after) = stopped["afterSeconds"].as_f64() else {
        return Ok(());
    };
    write!(out, "stopped after {} s", tenths(after))?;
    if let Some(planned) = stopped["plannedSeconds"].as_f64() {
        write!(out, " of {} s", tenths(planned))?;
    }
    match &stopped["planned"] {
        Value::Null => writeln!(out, ": {} requests sent\n", stopped["sent"]),
        planned => {
            let sent = &stopped["sent"];
            writeln!(out, ": {sent} of {planned} planned requests sent\n")
        }
    }
}

/// Writes which end was reached first, if a run has two.
fn write_end(out: &mut String, ended: &Value) -> std::fmt::Result {
    let Some(by) = ended["by"].as_str() else {
        return Ok(());
    };
    writeln!(
        out,
        "  ended by      {by}: {} of {} requests sent in {} s of {} s",
        ended["sent"],
        ended["iterations"],
        tenths(number(&ended["afterSeconds"])),
        tenths(number(&ended["durationSeconds"]))
    )
}

/// Rounds seconds to one fraction digit.
fn tenths(seconds: f64) -> f64 {
    (seconds * 10.0).round() / 10.0
}

/// Writes the verdict, before the numbers it is about.
fn write_verdict(out: &mut String, verdict: &Value) -> std::fmt::Result {
    match verdict["status"].as_str() {
        None => return Ok(()),
        Some("valid") => writeln!(out, "  measurement valid")?,
        Some("invalid") => {
            writeln!(out, "  measurement invalid: do not use these numbers")?;
        }
        Some(other) => writeln!(out, "  measurement {other}")?,
    }
    for reason in verdict["reasons"].as_array().into_iter().flatten() {
        let message = reason["message"].as_str().unwrap_or_default();
        writeln!(out, "    - {message}")?;
    }
    let limit = &verdict["limitedBy"];
    writeln!(
        out,
        "  limited by    {}: {}\n",
        limit["by"].as_str().unwrap_or_default(),
        limit["evidence"].as_str().unwrap_or_default()
    )
}

/// Writes failures by class, each with the message of the first.
fn write_errors(out: &mut String, errors: &Value) -> std::fmt::Result {
    if number(&errors["total"]) == 0.0 {
        return Ok(());
    }
    writeln!(out, "  errors        {}", list(&errors["classes"]))?;
    for (class, examples) in errors["examples"].as_object().into_iter().flatten() {
        if let Some(message) = examples[0]["message"].as_str() {
            writeln!(out, "                {class}: {message}")?;
        }
    }
    Ok(())
}

/// Writes script times, and checks with the message of the first failure.
fn write_scripts(out: &mut String, report: &Value) -> std::fmt::Result {
    let scripts = &report["scripts"];
    if scripts.is_null() {
        return Ok(());
    }
    writeln!(
        out,
        "  scripts       {} calls, p50 {:.3} ms, p99 {:.3} ms, {:.1} % of the shards' time",
        scripts["calls"],
        number(&scripts["p50"]),
        number(&scripts["p99"]),
        number(&scripts["cpuSharePercent"])
    )?;
    if number(&scripts["errors"]) > 0.0 {
        let first = scripts["firstErrors"][0].as_str().unwrap_or_default();
        writeln!(out, "                {} failed: {first}", scripts["errors"])?;
    }
    if number(&scripts["unfinished"]) > 0.0 {
        let unfinished = &scripts["unfinished"];
        writeln!(
            out,
            "                {unfinished} unfinished at the end of the run"
        )?;
    }
    for check in report["checks"].as_array().into_iter().flatten() {
        let name = check["name"].as_str().unwrap_or_default();
        let (passed, failed) = (&check["passed"], &check["failed"]);
        writeln!(
            out,
            "  check         {name}: {passed} passed, {failed} failed"
        )?;
        if let Some(words) = check["firstFailures"][0].as_str() {
            writeln!(out, "                {words}")?;
        }
    }
    Ok(())
}

/// Writes losses: dropped and cancelled arrivals, and samples that were not kept.
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

/// Writes how connections were used, and which of them the target closed.
fn write_connections(out: &mut String, transport: &Value) -> std::fmt::Result {
    writeln!(
        out,
        "  connections   {} opened, {} at once, reused by {} requests",
        transport["connections"], transport["connectionsPeak"], transport["reused"]
    )?;
    let replaced = [
        (
            "staleRetries",
            "requests sent again: the target had closed their connection",
        ),
        (
            "idleDiscarded",
            "idle connections closed by the target or dirty, replaced",
        ),
        (
            "unsolicitedBytes",
            "bytes received that no request asked for",
        ),
    ];
    for (name, text) in replaced {
        if number(&transport[name]) > 0.0 {
            writeln!(out, "                {} {text}", transport[name])?;
        }
    }
    Ok(())
}

/// Writes one distribution. Returns whether one of its percentiles is marked as thin.
fn write_latencies(out: &mut String, name: &str, stats: &Value) -> Result<bool, std::fmt::Error> {
    let mut is_marked = false;
    write!(out, "  {name:<14}")?;
    for percentile in SHOWN {
        if let Some(value) = stats[percentile].as_f64() {
            let is_thin = is_thin(stats, percentile);
            let mark = if is_thin { "*" } else { "" };
            is_marked |= is_thin;
            write!(out, "{percentile} {:<11}", format!("{}{mark}", span(value)))?;
        }
    }
    let (max, count) = (span(number(&stats["max"])), &stats["count"]);
    writeln!(out, "max {max:<11}{count} samples")?;
    Ok(is_marked)
}

/// Returns whether a percentile may be due to chance, because few samples lie beyond it.
fn is_thin(stats: &Value, percentile: &str) -> bool {
    let beyond = stats["samplesBeyond"][percentile].as_u64();
    beyond.is_some_and(|beyond| beyond < SAMPLES_BEYOND)
}

/// Writes mean phases, if the run recorded them.
fn write_phases(out: &mut String, timing: &Value) -> std::fmt::Result {
    if timing.is_null() {
        return Ok(());
    }
    write!(out, "  phases (mean) ")?;
    for (name, field) in [
        ("DNS", "avgDnsMs"),
        ("connect", "avgConnectMs"),
        ("TLS", "avgTlsMs"),
        ("first byte", "avgFirstByteMs"),
        ("download", "avgDownloadMs"),
    ] {
        write!(out, "{name} {}   ", span(number(&timing[field])))?;
    }
    out.truncate(out.trim_end().len());
    writeln!(out)
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(0.0)
}

/// Formats a latency in milliseconds.
fn span(ms: f64) -> String {
    display_span((ms * MILLISECOND as f64).round() as Nanos)
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
mod tests;
