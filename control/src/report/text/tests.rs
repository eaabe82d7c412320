//! Reports as text.

use serde_json::json;
use vayu_shared::latency::LatencyStats;

use super::*;
use crate::report::Report;
use crate::summary::{
    Accounting, EndedBy, FailureExample, RunEnd, RunSummary, StopCause, TimingMeans,
};
use crate::verdict::{Limit, LimitedBy, Reason, Verdict, VerdictStatus};

#[test]
fn a_report_reads_like_this() {
    let stats = LatencyStats {
        count: 900,
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
            skipped: 0,
            turned_away: 0,
        },
        examples: vec![FailureExample {
            class: "read_reset".to_owned(),
            message: "Connection reset by peer".to_owned(),
            ..FailureExample::default()
        }],
        verdict: Some(Verdict {
            status: VerdictStatus::Suspect,
            reasons: vec![Reason {
                code: "arrivals_dropped".to_owned(),
                severity: VerdictStatus::Suspect,
                message: "The rate was not offered.".to_owned(),
                value: 4.0,
                budget: 0.0,
            }],
            limited_by: LimitedBy {
                by: Limit::Target,
                evidence: "4 arrivals waited in vain".to_owned(),
            },
        }),
        response: stats.clone(),
        service: LatencyStats {
            count: 20_000,
            percentiles_ns: [2_000_000; 7],
            ..LatencyStats::default()
        },
        schedule_lag: stats,
        ..RunSummary::default()
    };
    let expected = "\
GET http://a/

  measurement suspect
    - The rate was not offered.
  limited by    target: 4 arrivals waited in vain

  requests      100 in 2.00 s   50.0 per second
  succeeded     99 (1.00 % failed)
  dropped       4 of 104 arrivals: no connection was free
  connections   0 opened, 0 at once, reused by 0 requests
  status        200 × 99
  errors        read_reset × 1
                read_reset: Connection reset by peer

  response time p50 200 µs     p90 400 µs     p95 500 µs     p99 1.50 ms*   max 3.10 ms    900 samples
  service time  p50 2.00 ms    p90 2.00 ms    p95 2.00 ms    p99 2.00 ms    p999 2.00 ms    max 0 µs       20000 samples
  schedule lag  p50 200 µs     p90 400 µs     p95 500 µs     p99 1.50 ms*   max 3.10 ms    900 samples
  * thin: fewer than 10 samples lie beyond it
";
    assert_eq!(
        report_page(&json!(Report::new(&summary)), "GET", "http://a/"),
        expected
    );
}

#[test]
fn phases_are_told_where_they_were_recorded() {
    let timing = TimingMeans {
        connect_ns: 41_000.0,
        first_byte_ns: 1_234_000.0,
        download_ns: 9_000.0,
        ..TimingMeans::default()
    };
    let service = LatencyStats {
        count: 1,
        ..LatencyStats::default()
    };
    let page = |timing| {
        let summary = RunSummary {
            timing,
            service: service.clone(),
            ..RunSummary::default()
        };
        report_page(&json!(Report::new(&summary)), "GET", "http://a/")
    };
    let line = "  phases (mean) DNS 0 µs   connect 41 µs   TLS 0 µs   first byte 1.23 ms   \
                download 9 µs\n";
    assert!(page(Some(timing)).contains(line));
    assert!(!page(None).contains("phases"));
}

#[test]
fn a_stopped_run_says_so_first() {
    let page = |planned_ns, planned_requests| {
        let summary = RunSummary {
            elapsed_ns: 2_651_000_000,
            stopped: Some(StopCause {
                planned_ns,
                planned_requests,
            }),
            accounting: Accounting {
                issued: 265,
                ..Accounting::default()
            },
            ..RunSummary::default()
        };
        report_page(&json!(Report::new(&summary)), "GET", "http://a/")
    };
    for (planned_ns, requests, expected) in [
        (
            Some(12_000_000_000),
            1_200,
            "stopped after 2.7 s of 12 s: 265 of 1200 planned requests sent\n",
        ),
        (
            Some(1_500_000_000),
            0,
            "stopped after 2.7 s of 1.5 s: 265 requests sent\n",
        ),
        (
            None,
            1_000,
            "stopped after 2.7 s: 265 of 1000 planned requests sent\n",
        ),
    ] {
        let page = page(planned_ns, requests);
        assert!(page.starts_with(expected), "{page}");
    }
}

#[test]
fn a_run_with_two_ends_says_which_it_reached() {
    for (by, sent, expected) in [
        (
            EndedBy::Iterations,
            16,
            "\n  ended by      iterations: 16 of 16 requests sent in 1.2 s of 2 s\n",
        ),
        (
            EndedBy::Duration,
            4,
            "\n  ended by      duration: 4 of 16 requests sent in 1.2 s of 2 s\n",
        ),
    ] {
        let summary = RunSummary {
            elapsed_ns: 1_200_000_000,
            ended: Some(RunEnd {
                by,
                iterations: 16,
                duration_ns: 2_000_000_000,
            }),
            accounting: Accounting {
                issued: sent,
                ..Accounting::default()
            },
            ..RunSummary::default()
        };
        let page = report_page(&json!(Report::new(&summary)), "GET", "http://a/");
        assert!(page.contains(expected), "{page}");
    }
}
