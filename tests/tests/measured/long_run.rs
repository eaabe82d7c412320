//! Conformance test *Long run*: memory and descriptors do not grow with the number of requests. One minute
//! here; `./dev soak` runs ten, over TLS as well.

use std::time::{Duration, Instant};

use serde_json::json;
use vayu_tests::{Engine, Origin, count, descriptors, number, print_line, resident_kib};

const SECONDS: u64 = 60;
const WARM_UP: Duration = Duration::from_secs(20);
/// Maximum growth by allocators and caches after the warm-up.
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
    // The minimum over a while: data that waits to be stored comes and goes.
    let least_until = |end: Duration| {
        let mut least = usage();
        while begun.elapsed() < end {
            std::thread::sleep(Duration::from_millis(500));
            let now = usage();
            least = (least.0.min(now.0), least.1.min(now.1));
        }
        least
    };
    std::thread::sleep(WARM_UP);
    let warm = least_until(2 * WARM_UP);
    let last = least_until(Duration::from_secs(SECONDS - 3));
    let report = run.finish();
    print_line(&format!(
        "{} requests: {} KiB and {} descriptors at least after {WARM_UP:?}, {} and {} in the end; lag p99 {:.2} ms",
        count(&report, "summary/totalRequests"),
        warm.0,
        warm.1,
        last.0,
        last.1,
        number(&report, "scheduleLag/p99"),
    ));
    assert_eq!(count(&report, "accounting/offered"), 2_000 * SECONDS);
    assert!(
        last.0 <= warm.0 + SLACK_KIB,
        "memory grew from {} to {} KiB",
        warm.0,
        last.0
    );
    // Connections come and go with stalls of the machine, a few dozen at most.
    assert!(
        last.1 <= warm.1 + 64,
        "descriptors grew from {} to {}",
        warm.1,
        last.1
    );
}
