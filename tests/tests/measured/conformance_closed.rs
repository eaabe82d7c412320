//! Conformance test *Little's law*: in the closed model, concurrency is the mean cycle times the rate,
//! whatever the target does. A clock that omits part of the cycle breaks this.

use serde_json::json;
use vayu_tests::{Engine, Origin, number, print_line};

#[test]
fn concurrency_is_cycle_times_rate() {
    for shards in [1, 2] {
        let (engine, origin) = (Engine::with_shards(shards), Origin::start());
        for (path, concurrency) in [("/", 1), ("/", 8), ("/", 64), ("/delay/2000", 16)] {
            let report = engine
                .run(&json!({
                    "request": {"method": "GET", "url": origin.url(path)},
                    "mode": "constant", "duration": "2s", "concurrency": concurrency,
                    "success_sample_rate": 0
                }))
                .finish();
            // A cycle: from the time a virtual user is free to its next response.
            let cycle_s = number(&report, "responseTime/avg") / 1e3;
            let rate = number(&report, "summary/avgRps");
            let product = cycle_s * rate;
            print_line(&format!(
                "{path} on {shards}: {:.3} ms × {rate:.0}/s = {product:.2} of {concurrency}",
                cycle_s * 1e3
            ));
            let off = (product / f64::from(concurrency) - 1.0).abs();
            assert!(
                off < 0.03,
                "{product:.2} is not {concurrency}: {}",
                report["summary"]
            );
        }
    }
}
