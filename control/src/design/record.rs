//! Stores a design request as a run of one request, so that lists, reports and results treat it like a load
//! run.

use serde_json::json;
use vayu_shared::latency::{LatencyHistogram, LatencyStats};
use vayu_shared::phases::PhaseTimings;
use vayu_shared::units::Nanos;

use super::answer::DesignAnswer;
use super::failure::Failed;
use crate::private_key;
use crate::store::{
    FinishedRun, MeasuredColumns, NewResult, NewRun, RunStatus, RunType, Store, StoreError,
};
use crate::summary::{Accounting, RunSummary, TimingMeans};
use crate::timing::Timing;
use crate::wall_clock::WallClockStart;

/// An executed design request.
#[derive(Clone, Debug)]
pub struct Record {
    /// Id of the run.
    pub id: String,
    /// Id of the saved request it is linked to.
    pub request_id: Option<String>,
    /// Id of the environment it is linked to.
    pub environment_id: Option<String>,
    /// The request as given, as JSON text without private keys.
    pub config_snapshot: String,
    /// Start time.
    pub begun: WallClockStart,
}

impl Record {
    /// Stores the outcome. Blocks.
    ///
    /// # Errors
    /// Returns an error if the store fails.
    pub fn store(
        self,
        store: &Store,
        made: Result<&DesignAnswer, &Failed>,
    ) -> Result<(), StoreError> {
        let end_time = self.begun.now_ms();
        let (status, reason) = match made {
            Ok(_) => (RunStatus::Completed, None),
            Err(failed) => (RunStatus::Failed, Some(failed.message.clone())),
        };
        let run = NewRun {
            id: self.id.clone(),
            request_id: self.request_id,
            environment_id: self.environment_id,
            kind: RunType::Design,
            status,
            config_snapshot: self.config_snapshot,
            start_time: self.begun.at_ms,
        };
        let finished = FinishedRun {
            id: self.id,
            status,
            end_time,
            reason,
            measured: Some(MeasuredColumns {
                summary: summary(made),
                histograms: Vec::new(),
            }),
        };
        store.record_design(run, result(made, end_time), finished)
    }
}

fn phases(made: Result<&DesignAnswer, &Failed>) -> PhaseTimings {
    match made {
        Ok(answer) => answer.timing,
        Err(failed) => failed.phases,
    }
}

fn result(made: Result<&DesignAnswer, &Failed>, timestamp: i64) -> NewResult {
    let timing = Timing::from(phases(made));
    let mut trace = match made {
        Ok(answer) => json!({
            "request": {
                "method": answer.request.method, "url": answer.request.url,
                "headers": answer.request_headers, "body": answer.request.body,
            },
            "response": {
                "headers": answer.headers, "body": beginning(&answer.body_raw),
                "bodyBytes": answer.body_size, "statusText": answer.status_text,
            },
            "timing": timing,
            "testResults": answer.test_results, "consoleLogs": answer.console_logs,
            "changedVariables": answer.changed_variables,
        }),
        Err(_) => json!({"timing": timing}),
    };
    private_key::remove_from(&mut trace);
    NewResult {
        timestamp,
        status_code: made.map_or(0, |answer| i32::from(answer.status)),
        latency_ms: timing.total_ms,
        error: made.err().map(|failed| failed.class.wire_type()),
        error_detail: made
            .err()
            .map(|failed| format!("{}: {}", failed.class.name(), failed.message)),
        trace: Some(trace.to_string()),
    }
}

/// Maximum number of body bytes that are stored.
const STORED_BYTES: usize = 1024 * 1024;

/// Returns the part of a body that is stored.
fn beginning(body: &str) -> &str {
    let end = body.len().min(STORED_BYTES);
    let end = (0..=end).rev().find(|&end| body.is_char_boundary(end));
    &body[..end.unwrap_or(0)]
}

/// Returns the summary of a run of one request.
fn summary(made: Result<&DesignAnswer, &Failed>) -> RunSummary {
    let phases = phases(made);
    let mut summary = RunSummary {
        elapsed_ns: phases.total(),
        accounting: Accounting {
            offered: 1,
            issued: 1,
            ..Accounting::default()
        },
        timing: Some(TimingMeans {
            dns_ns: phases.dns as f64,
            connect_ns: phases.connect as f64,
            tls_ns: phases.tls as f64,
            first_byte_ns: phases.first_byte as f64,
            download_ns: phases.download as f64,
        }),
        ..RunSummary::default()
    };
    match made {
        Ok(answer) => {
            summary.accounting.answered = 1;
            summary.statuses = [(answer.status, 1)].into();
            summary.connects = 1 + answer.redirects.len() as u64;
            summary.response = one(phases.total());
            summary.service = one(phases.first_byte + phases.download);
            summary.connect = one(phases.connect);
            if answer.tls.is_some() {
                summary.tls = one(phases.tls);
            }
        }
        Err(failed) => {
            summary.accounting.errors = [(failed.class.name().to_owned(), 1)].into();
            summary.errors_with_details = 1;
        }
    }
    summary
}

fn one(span: Nanos) -> LatencyStats {
    let mut histogram = LatencyHistogram::default();
    histogram.record(span);
    histogram.stats()
}
