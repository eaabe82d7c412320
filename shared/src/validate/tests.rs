//! Tables of bodies that are accepted and refused.

use serde_json::json;

use super::*;
use crate::units::SECOND;

fn body(extra: Value) -> Value {
    let mut body = json!({"request": {"method": "GET", "url": "http://127.0.0.1:1/"}});
    let object = body.as_object_mut().expect("an object");
    object.extend(extra.as_object().expect("an object").clone());
    body
}

fn accepted(extra: Value) -> RunSpec {
    let body = body(extra);
    run_spec(&body, &Defaults::default()).unwrap_or_else(|error| panic!("{body}: {error}"))
}

#[test]
fn the_four_modes_are_understood() {
    let constant = |vus| VuSchedule::constant(vus, Some(30 * SECOND));
    let rate = ArrivalRate::per_second(50.0).expect("legal");
    let table = [
        (
            json!({"mode": "constant", "duration": "30s", "targetRps": 50}),
            Load::Rate {
                rate,
                duration: 30 * SECOND,
            },
        ),
        (
            json!({"mode": "constant", "duration": "30s", "concurrency": 9}),
            Load::Concurrency(constant(9)),
        ),
        (
            json!({"mode": "iterations", "iterations": 1000, "concurrency": 10}),
            Load::Iterations {
                iterations: 1000,
                vus: 10,
            },
        ),
        (
            json!({"mode": "ramp_up", "duration": "60s", "rampUpDuration": "30s", "concurrency": 100}),
            Load::Concurrency(VuSchedule {
                start: 1,
                target: 100,
                ramp: 30 * SECOND,
                duration: Some(60 * SECOND),
            }),
        ),
    ];
    for (extra, load) in table {
        assert_eq!(accepted(extra.clone()).load, load, "{extra}");
    }
}

#[test]
fn defaults_are_those_of_the_reference() {
    let spec = accepted(json!({"mode": "iterations", "iterations": 1, "concurrency": 1}));
    assert_eq!(spec.capture, Capture::default());
    assert_eq!(spec.capture.success_sample_percent, 100.0);
    assert!(!spec.capture.reports_slow && !spec.capture.timing_breakdown);
    assert_eq!(spec.bounds.request_timeout, 30 * SECOND);
    assert!(spec.warnings.is_empty());
}

#[test]
fn a_likely_slip_is_pointed_out() {
    let spec = accepted(
        json!({"mode": "iterations", "iterations": 1, "concurrency": 1, "slowThresholdMs": 5, "x": 1}),
    );
    assert_eq!(
        spec.warnings,
        [
            "unknown field `slowThresholdMs` ignored; did you mean `slow_threshold_ms`?",
            "unknown field `x` ignored"
        ]
    );
}

#[test]
fn bodies_become_bytes_with_their_type() {
    let table = [
        (
            "POST",
            json!({"a": 1}),
            r#"{"a":1}"#,
            Some("application/json"),
        ),
        (
            "POST",
            json!("plain"),
            "plain",
            Some("text/plain; charset=utf-8"),
        ),
        ("POST", json!([1, 2]), "[1,2]", Some("application/json")),
        ("POST", json!({}), "{}", Some("application/json")),
        ("GET", json!({}), "", None),
        ("GET", json!(null), "", None),
        ("PUT", json!(""), "", None),
    ];
    for (method, value, bytes, content_type) in table {
        let spec = accepted(json!({
            "request": {"method": method, "url": "http://a/", "body": value},
            "mode": "iterations", "iterations": 1, "concurrency": 1
        }));
        assert_eq!(spec.request.body, bytes.as_bytes(), "{method} {value}");
        assert_eq!(spec.request.content_type, content_type, "{method} {value}");
    }
}
