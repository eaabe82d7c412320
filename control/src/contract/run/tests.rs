//! Tables of accepted and refused bodies.

use serde_json::json;
use vayu_shared::units::{MILLISECOND, SECOND};

use super::*;

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

/// Returns the field that causes the refusal.
fn refused(extra: Value) -> String {
    let body = body(extra);
    run_spec(&body, &Defaults::default())
        .expect_err(&body.to_string())
        .field
}

#[test]
fn the_four_modes_are_understood_with_one_end_or_two() {
    let constant = |vus| VuSchedule::constant(vus, Some(30 * SECOND));
    let rate = ArrivalRate::per_second(50.0).expect("legal");
    let table = [
        (
            json!({"mode": "constant", "duration": "30s", "targetRps": 50}),
            Load::Rate {
                rate,
                pattern: ArrivalPattern::Even,
                quantum: 0,
                duration: Some(30 * SECOND),
                requests: None,
            },
        ),
        (
            json!({"mode": "constant", "duration": "30s", "targetRps": 50, "iterations": 7}),
            Load::Rate {
                rate,
                pattern: ArrivalPattern::Even,
                quantum: 0,
                duration: Some(30 * SECOND),
                requests: Some(7),
            },
        ),
        (
            json!({"mode": "constant", "targetRps": 50, "iterations": 7}),
            Load::Rate {
                rate,
                pattern: ArrivalPattern::Even,
                quantum: 0,
                duration: None,
                requests: Some(7),
            },
        ),
        (
            json!({"mode": "constant", "duration": "30s", "concurrency": 9, "iterations": 7}),
            Load::Iterations {
                iterations: 7,
                vus: 9,
                duration: Some(30 * SECOND),
            },
        ),
        (
            json!({"mode": "iterations", "duration": 30, "concurrency": 9, "iterations": 7}),
            Load::Iterations {
                iterations: 7,
                vus: 9,
                duration: Some(30 * SECOND),
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
                duration: None,
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
fn arrivals_are_even_unless_asked_otherwise() {
    let poisson = |seed| ArrivalPattern::Poisson { seed };
    let table = [
        (json!({}), ArrivalPattern::Even),
        (json!({"arrivals": "even"}), ArrivalPattern::Even),
        (
            json!({"arrivals": null, "seed": null}),
            ArrivalPattern::Even,
        ),
        (json!({"arrivals": "poisson"}), poisson(0)),
        (json!({"arrivals": "poisson", "seed": 42}), poisson(42)),
        (
            json!({"arrivals": "poisson", "seed": 9_007_199_254_740_991u64}),
            poisson((1 << 53) - 1),
        ),
    ];
    for (mut extra, expected) in table {
        extra["mode"] = json!("constant");
        extra["duration"] = json!("1s");
        extra["targetRps"] = json!(5);
        let spec = accepted(extra.clone());
        let Load::Rate { pattern, .. } = spec.load else {
            panic!("{extra} became {:?}", spec.load);
        };
        assert_eq!(pattern, expected, "{extra}");
        assert!(spec.warnings.is_empty(), "{extra}: {:?}", spec.warnings);
    }
}

#[test]
fn a_quantum_is_milliseconds_or_a_span() {
    let run = |pacing: &Value| json!({"mode": "constant", "duration": "1s", "targetRps": 5, "pacing": pacing});
    for (pacing, expected) in [
        (json!(null), 0),
        (json!({}), 0),
        (json!({"quantum": 0}), 0),
        (json!({"quantum": 1}), MILLISECOND),
        (json!({"quantum": 0.25}), MILLISECOND / 4),
        (json!({"quantum": "20ms"}), 20 * MILLISECOND),
        (json!({"quantum": "1s"}), SECOND),
    ] {
        let spec = accepted(run(&pacing));
        let Load::Rate { quantum, .. } = spec.load else {
            panic!("{pacing} became {:?}", spec.load);
        };
        assert_eq!(quantum, expected, "{pacing}");
        assert!(spec.warnings.is_empty(), "{pacing}: {:?}", spec.warnings);
    }
    for pacing in [
        json!({"quantum": -1}),
        json!({"quantum": 0.001}),
        json!({"quantum": 1001}),
        json!({"quantum": "2s"}),
        json!({"quantum": true}),
    ] {
        assert_eq!(refused(run(&pacing)), "pacing.quantum", "{pacing}");
    }
    assert_eq!(refused(run(&json!("1ms"))), "pacing");
    let idle = json!({"mode": "iterations", "iterations": 1, "concurrency": 1,
                      "pacing": {"quantum": 1, "qantum": 2}});
    let warnings = accepted(idle).warnings;
    assert_eq!(warnings.len(), 2, "{warnings:?}");
}

#[test]
fn a_seed_without_random_arrivals_is_pointed_out() {
    let spec = accepted(json!({"mode": "constant", "duration": "1s", "targetRps": 5, "seed": 1}));
    assert_eq!(
        spec.warnings,
        ["`seed` is not used: only `arrivals` \"poisson\" are random"]
    );
}

#[test]
fn random_arrivals_that_cannot_be_made_are_refused() {
    let rate = |extra: Value| {
        let mut body = json!({"mode": "constant", "duration": "1s", "targetRps": 5});
        body.as_object_mut()
            .expect("an object")
            .extend(extra.as_object().expect("an object").clone());
        body
    };
    let table = [
        (
            rate(json!({"arrivals": "uniform"})),
            "`arrivals` is \"uniform\"",
        ),
        (rate(json!({"arrivals": 1})), "`arrivals` is 1"),
        (
            rate(json!({"arrivals": "poisson", "seed": -1})),
            "`seed` is -1",
        ),
        (
            rate(json!({"arrivals": "poisson", "seed": 0.5})),
            "`seed` is 0.5",
        ),
        (
            rate(json!({"arrivals": "poisson", "seed": 1e300})),
            "`seed` is 1",
        ),
        (rate(json!({"seed": "7"})), "`seed` is \"7\""),
        (
            json!({"mode": "constant", "duration": "1s", "concurrency": 5, "arrivals": "poisson"}),
            "needs an arrival rate",
        ),
        (
            json!({"mode": "iterations", "iterations": 5, "concurrency": 5, "arrivals": "poisson"}),
            "needs an arrival rate",
        ),
        (
            json!({"mode": "ramp_up", "duration": "1s", "rampUpDuration": "1s", "concurrency": 5,
                   "arrivals": "poisson"}),
            "needs an arrival rate",
        ),
    ];
    for (extra, says) in table {
        let error = run_spec(&body(extra.clone()), &Defaults::default()).expect_err("refused");
        assert!(error.to_string().contains(says), "{extra}: {error}");
    }
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

#[test]
fn fields_without_a_use_are_pointed_out() {
    let table = [
        (
            json!({"mode": "iterations", "iterations": 3, "concurrency": 1, "targetRps": 1}),
            "targetRps",
        ),
        (
            json!({"mode": "constant", "duration": "1s", "targetRps": 1, "concurrency": 5}),
            "concurrency",
        ),
        (
            json!({"mode": "constant", "duration": "1s", "concurrency": 5, "rampUpDuration": "1s"}),
            "rampUpDuration",
        ),
        (
            json!({"mode": "ramp_up", "duration": "2s", "rampUpDuration": "1s", "concurrency": 5, "iterations": 1}),
            "iterations",
        ),
        (
            json!({"mode": "ramp_up", "duration": "2s", "rampUpDuration": "1s", "concurrency": 5, "targetRps": 1}),
            "targetRps",
        ),
    ];
    for (extra, field) in table {
        let warnings = accepted(extra.clone()).warnings;
        assert_eq!(warnings.len(), 1, "{extra}: {warnings:?}");
        assert!(
            warnings[0].starts_with(&format!("`{field}` is not used")),
            "{warnings:?}"
        );
    }
}
