//! `GET /metrics` as a scraper reads it: parsed by the rules of the format, with its values compared to the
//! report.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;
use vayu_tests::{Engine, Origin, count, get, get_text, number};

/// Samples by name and labels, as written.
type Samples = BTreeMap<String, f64>;

/// Parses an exposition.
///
/// # Panics
/// Panics if it violates a rule of the format.
fn parse(text: &str) -> Samples {
    assert!(text.ends_with('\n'), "the last line ends, too");
    let (mut samples, mut kinds) = (Samples::new(), BTreeMap::new());
    let mut helped = "";
    for line in text.lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            helped = help.split(' ').next().expect("a name");
        } else if let Some(kind) = line.strip_prefix("# TYPE ") {
            let (name, kind) = kind.split_once(' ').expect("a name and a type");
            assert_eq!(name, helped, "HELP goes before TYPE");
            assert!(kinds.insert(name, kind).is_none(), "{name} has one TYPE");
        } else {
            let (name, value) = line.rsplit_once(' ').expect("a name and a value");
            assert_belongs(
                name,
                kinds.get(helped).copied().unwrap_or("untyped"),
                helped,
            );
            let value = value
                .parse()
                .unwrap_or_else(|_| panic!("{line} has no number"));
            assert!(
                samples.insert(name.to_owned(), value).is_none(),
                "{line} is there twice"
            );
        }
    }
    samples
}

fn assert_belongs(sample: &str, kind: &str, family: &str) {
    let (name, labels) = sample.split_once('{').unwrap_or((sample, "}"));
    let suffix = name
        .strip_prefix(family)
        .unwrap_or_else(|| panic!("{sample} is not of {family}"));
    let legal = suffix.is_empty() || kind == "summary" && matches!(suffix, "_sum" | "_count");
    assert!(legal, "{sample} is not of {family}");
    assert_eq!(
        kind == "counter",
        family.ends_with("_total"),
        "{family} is a {kind}"
    );
    let labels = labels.strip_suffix('}').expect("labels end");
    for label in labels.split(',').filter(|label| !label.is_empty()) {
        let (name, value) = label.split_once('=').expect("a name and a value");
        let legal = name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        assert!(
            legal && value.starts_with('"') && value.ends_with('"'),
            "{sample}: {label}"
        );
    }
}

#[test]
fn an_idle_engine_tells_of_itself_only() {
    let engine = Engine::start();
    let answer = get(&engine.url("/metrics"));
    let content_type = answer.header("content-type");
    assert_eq!(
        content_type,
        Some("text/plain; version=0.0.4; charset=utf-8")
    );
    let samples = parse(&get_text(&engine.url("/metrics")));
    let version = engine.get("/health").body["version"]
        .as_str()
        .map(str::to_owned);
    let info = format!(
        "vayu_engine_info{{version=\"{}\"}}",
        version.expect("a version")
    );
    let expected = [
        (info.as_str(), 1.0),
        ("vayu_runs_active", 0.0),
        ("vayu_runs_finished_total{status=\"completed\"}", 0.0),
        ("vayu_runs_finished_total{status=\"failed\"}", 0.0),
        ("vayu_runs_finished_total{status=\"stopped\"}", 0.0),
        ("vayu_workers", 1.0),
        ("vayu_store_queue_jobs", 0.0),
        ("vayu_ready{check=\"store\"}", 1.0),
        ("vayu_ready{check=\"files\"}", 1.0),
        ("vayu_ready{check=\"disk\"}", 1.0),
        ("vayu_ready{check=\"reserve\"}", 1.0),
        ("vayu_ready{check=\"shards\"}", 1.0),
    ];
    for (name, value) in expected {
        assert_eq!(samples.get(name), Some(&value), "{name} in {samples:#?}");
    }
    for part in ["file", "used"] {
        let bytes = samples[&format!("vayu_database_bytes{{part=\"{part}\"}}")];
        assert!((50e3..10e6).contains(&bytes), "{part}: {bytes}");
    }
    assert!(samples["vayu_disk_free_bytes"] > 1e6);
    let others = samples.keys().filter(|name| name.starts_with("vayu_run_"));
    assert_eq!(others.count(), 0, "{samples:#?}");
}

#[test]
fn runs_are_told_while_they_go_on_and_counted_when_they_ended() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let run = engine.run(&json!({
        "request": {"method": "GET", "url": origin.url("/status/503")},
        "mode": "constant", "duration": "20s", "targetRps": 100
    }));
    std::thread::sleep(Duration::from_millis(1_600));
    let samples = parse(&get_text(&engine.url("/metrics")));
    let report = run.report();
    let of_run = |name: &str, labels: &str| {
        let key = format!("{name}{{run=\"{}\"{labels}}}", run.id);
        *samples
            .get(&key)
            .unwrap_or_else(|| panic!("no {key} in {samples:#?}"))
    };
    assert_eq!(samples["vayu_runs_active"], 1.0);
    let issued = of_run("vayu_run_requests_issued_total", "");
    assert!(
        (50.0..=number(&report, "accounting/issued")).contains(&issued),
        "{issued}"
    );
    let answered = of_run("vayu_run_responses_total", ",code=\"5xx\"");
    assert_eq!(of_run("vayu_run_latency_seconds_count", ""), answered);
    assert_eq!(of_run("vayu_run_responses_total", ",code=\"2xx\""), 0.0);
    assert_eq!(
        of_run("vayu_run_errors_total", ",class=\"connect_refused\""),
        0.0
    );
    let p99 = of_run("vayu_run_latency_seconds", ",quantile=\"0.99\"");
    assert!(p99 > 0.0 && p99 < 20.0, "{p99} s");
    let mean = of_run("vayu_run_latency_seconds_sum", "") / answered;
    assert!(
        mean > 0.0 && mean <= p99 * 1.001 || answered < 100.0,
        "{mean} s"
    );
    assert!(of_run("vayu_run_schedule_lag_p99_seconds", "") >= 0.0);
    assert!(of_run("vayu_run_connections", "") >= 0.0);
    assert_eq!(run.stop().body["status"], "stopped");
    let samples = parse(&get_text(&engine.url("/metrics")));
    assert_eq!(samples["vayu_runs_finished_total{status=\"stopped\"}"], 1.0);
    let of_runs = samples.keys().filter(|name| name.starts_with("vayu_run_"));
    assert_eq!(
        of_runs.count(),
        0,
        "a run that ended leaves no series: {samples:#?}"
    );
    assert!(count(&run.report(), "summary/totalRequests") > 0);
}
