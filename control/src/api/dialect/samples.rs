//! The `results` that the Manager App reads from a report: the first stored requests of the run, each with
//! the request and the response; and the settings in the report as the app sent them.
//!
//! Results are a few samples. The numbers of the report do not come from them.

use serde_json::{Map, Value, json};

use super::exchange::PHASES;
use super::load_run;
use crate::redact::redacted;
use crate::store::{ResultFilter, ResultRow, Store, StoreError};

/// Maximum number of requests in a report. Each contains at most 8 KiB of a response.
const MAX_SAMPLES: u32 = 100;

/// Adds `results` to the report of a run, and restores its settings as the app sent them.
///
/// # Errors
/// Returns database errors only.
pub fn add(report: &mut Value, store: &Store) -> Result<(), StoreError> {
    let id = report.pointer("/metadata/runId").and_then(Value::as_str);
    let Some(run) = id.map(|id| store.run(id)).transpose()?.flatten() else {
        return Ok(());
    };
    if let Some(Value::Object(configuration)) = report.pointer_mut("/metadata/configuration") {
        configuration.extend(load_run::sent(&redacted(&run.config_snapshot)));
    }
    let filter = ResultFilter {
        limit: MAX_SAMPLES,
        offset: 0,
        outcome: None,
    };
    let rows = store.results(&run.id, filter)?;
    let request = sent(&redacted(&run.config_snapshot));
    let results: Vec<Value> = rows.iter().map(|row| sample(row, &request)).collect();
    report["results"] = results.into();
    Ok(())
}

/// Returns the request that a run sends.
fn sent(config_snapshot: &str) -> Value {
    let settings: Value = serde_json::from_str(config_snapshot).unwrap_or_default();
    let request = settings.get("request").unwrap_or(&settings);
    let body = match &request["body"] {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        value => value.to_string(),
    };
    let headers = request.get("headers").filter(|value| value.is_object());
    json!({
        "method": request["method"],
        "url": request["url"],
        "headers": headers.cloned().unwrap_or_else(|| json!({})),
        "body": body,
    })
}

fn sample(row: &ResultRow, request: &Value) -> Value {
    let mut sample = json!({
        "timestamp": row.timestamp,
        "statusCode": row.status_code,
        "latencyMs": row.latency_ms,
        "trace": trace(row.trace.as_deref(), request),
    });
    for (name, text) in [("error", &row.error), ("errorDetail", &row.error_detail)] {
        if let Some(text) = text {
            sample[name] = text.as_str().into();
        }
    }
    sample
}

/// Returns the stored trace of a request, with the request sent and the app's names of the phases.
fn trace(stored: Option<&str>, request: &Value) -> Map<String, Value> {
    let stored = stored.and_then(|text| serde_json::from_str(&redacted(text)).ok());
    let mut trace: Map<String, Value> = stored.unwrap_or_default();
    let timing = trace.shift_remove("timing").unwrap_or_default();
    trace.entry("request").or_insert_with(|| request.clone());
    for (short, name) in PHASES {
        if let Some(span) = timing.get(name) {
            trace.insert(format!("{short}Ms"), span.clone());
        }
    }
    trace
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(trace: Option<Value>) -> ResultRow {
        ResultRow {
            id: 1,
            timestamp: 1_704_200_000_000,
            status_code: 200,
            latency_ms: 1.5,
            error: None,
            error_detail: None,
            trace: trace.map(|trace| trace.to_string()),
        }
    }

    #[test]
    fn a_sample_says_what_was_sent_and_what_came_back() {
        let request = sent(
            r#"{"request":{"method":"POST","url":"u","headers":{"A":"b"},"body":{"c":1}},"mode":"x"}"#,
        );
        let response = json!({"headers": {"server": "s"}, "body": "hi", "bodyBytes": 2});
        let stored = json!({"response": response, "timing": {"total_ms": 1.5, "dns_ms": 0.0}});
        let expected = json!({
            "timestamp": 1_704_200_000_000_i64, "statusCode": 200, "latencyMs": 1.5,
            "trace": {
                "response": response,
                "request": {"method": "POST", "url": "u", "headers": {"A": "b"}, "body": "{\"c\":1}"},
                "totalMs": 1.5, "dnsMs": 0.0,
            },
        });
        assert_eq!(sample(&row(Some(stored)), &request), expected);
    }

    #[test]
    fn a_failure_has_a_reason_and_no_response() {
        let failure = ResultRow {
            status_code: 0,
            error: Some("connection_failed".into()),
            error_detail: Some("connect_refused: …".into()),
            ..row(None)
        };
        let request = sent(r#"{"method":"GET","url":"u"}"#);
        let shown = sample(&failure, &request);
        assert_eq!(shown["error"], "connection_failed");
        assert_eq!(shown["errorDetail"], "connect_refused: …");
        assert_eq!(
            shown["trace"],
            json!({"request": {"method": "GET", "url": "u", "headers": {}, "body": ""}})
        );
    }

    #[test]
    fn a_stored_request_comes_before_that_of_the_run() {
        let stored = json!({"request": {"method": "PUT"}});
        let shown = sample(&row(Some(stored.clone())), &sent("not JSON"));
        assert_eq!(shown["trace"], stored);
    }
}
