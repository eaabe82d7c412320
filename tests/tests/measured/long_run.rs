//! Conformance test *Long run*: memory and descriptors do not grow with the
//! number of requests. A minute here; `./dev soak` does ten, over TLS too.

use std::time::{Duration, Instant};

use serde_json::json;
use vayu_tests::{Engine, Origin, count, descriptors, number, resident_kib, tell};

const SECONDS: u64 = 60;
const WARM_UP: Duration = Duration::from_secs(20);
/// What allocators and caches may still take after warming up.
const SLACK_KIB: u64 = 4 * 1024;

#[test]
fn memory_and_descriptors_stay_flat() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let run = engine.run(&json!({
        "request": {"method": "GET", "url": origin.url("/")},
        "mode": "constant", "targetRps": 2_000, "duration": SECONDS,
        "success_sample_rate": 5, "save_timing_breakdown": true
    }));
    let begun = Instant::now();
    let usage = || (resident_kib(engine.pid()), descriptors(engine.pid()));
    std::thread::sleep(WARM_UP);
    let warm = usage();
    let mut most = warm;
    while begun.elapsed() < Duration::from_secs(SECONDS - 3) {
        std::thread::sleep(Duration::from_secs(2));
        let now = usage();
        most = (most.0.max(now.0), most.1.max(now.1));
    }
    let report = run.finish();
    tell(&format!(
        "{} requests: {} KiB and {} descriptors after {WARM_UP:?}, at most {} and {} after that; lag p99 {:.2} ms",
        count(&report, "summary/totalRequests"),
        warm.0,
        warm.1,
        most.0,
        most.1,
        number(&report, "scheduleLag/p99"),
    ));
    assert_eq!(count(&report, "summary/totalRequests"), 2_000 * SECONDS);
    assert!(
        most.0 <= warm.0 + SLACK_KIB,
        "memory grew from {} to {} KiB",
        warm.0,
        most.0
    );
    // Connections come and go with the machine's hiccups, by the dozen at most.
    assert!(
        most.1 <= warm.1 + 64,
        "descriptors grew from {} to {}",
        warm.1,
        most.1
    );
}
