//! Rates are held: as many requests as planned, at the requested rate. If other processes used the cores
//! meanwhile, the test only checks that all arrivals are accounted for.

use serde_json::json;
use vayu_tests::{Engine, Origin, Quiet, assert_balanced, count, number, print_line};

#[test]
fn rates_are_held_within_one_percent() {
    for rps in [50, 500, 5000] {
        let (engine, origin) = (Engine::start(), Origin::start());
        let quiet = Quiet::watch(&[engine.pid(), origin.pid()]);
        let run = engine.run(&json!({
            "request": {"method": "GET", "url": origin.url("/")},
            "mode": "constant", "duration": "5s", "targetRps": rps, "success_sample_rate": 1,
        }));
        let report = run.finish();
        let books = &report["accounting"];
        assert_balanced(&report);
        assert_eq!(count(&report, "accounting/offered"), 5 * rps, "{books}");
        if let Some(cores) = quiet.disturbance() {
            print_line(&format!(
                "{rps}/s not judged: {cores:.2} cores went to others"
            ));
            continue;
        }
        let achieved = number(&report, "summary/avgRps");
        let off = (achieved - rps as f64).abs() / rps as f64;
        assert!(off < 0.01, "asked for {rps}/s, got {achieved}/s: {books}");
        assert_eq!(count(&report, "summary/totalRequests"), 5 * rps, "{books}");
        assert_eq!(origin.requests(), 5 * rps);
    }
}
