//! Every fault at once, under load: the accounting of each run balances, and neither descriptors nor memory
//! grow from one round to the next. Six seconds each by default; `VAYU_FAULT_SECONDS=60` takes longer.

use std::time::{Duration, Instant};

use serde_json::json;
use vayu_tests::{
    Engine, Fault, FaultyTargets, RunHandle, assert_balanced, count, descriptors, merged,
    print_line, resident_kib, settled_descriptors,
};

const SECONDS: u64 = 6;
/// Requests per second of all runs together.
const RATE: u64 = 2_000;
/// Maximum growth of an idle engine's memory from one round to the next: 140 bytes for each request of a
/// minute.
const SLACK_KIB: u64 = 16 * 1024;
/// Maximum time to return memory.
const PATIENCE: Duration = Duration::from_secs(10);

/// The peak usage of an engine.
#[derive(Default)]
struct PeakUsage {
    kib: u64,
    descriptors: usize,
}

impl PeakUsage {
    fn look(&mut self, engine: &Engine) {
        self.kib = self.kib.max(resident_kib(engine.pid()));
        self.descriptors = self.descriptors.max(descriptors(engine.pid()));
    }
}

fn start(engine: &Engine, targets: &FaultyTargets, fault: &Fault, seconds: u64) -> RunHandle {
    let rate = RATE.div_ceil(targets.faults().len() as u64);
    let body = json!({
        "request": {"method": "GET", "url": fault.url}, "timeout": 300,
        "mode": "constant", "targetRps": rate, "duration": seconds
    });
    engine.run(&merged(body, &targets.trusting()))
}

/// Runs all faults for `seconds`. Returns the number of failed requests, and the peak usage of the engine in
/// the first and the second half.
fn round(engine: &Engine, targets: &FaultyTargets, seconds: u64) -> (u64, [PeakUsage; 2]) {
    let begun = Instant::now();
    let faults = targets.faults();
    let runs: Vec<RunHandle> = faults
        .iter()
        .map(|fault| start(engine, targets, fault, seconds))
        .collect();
    let mut most = [PeakUsage::default(), PeakUsage::default()];
    let whole = Duration::from_secs(seconds);
    while begun.elapsed() < whole {
        std::thread::sleep(Duration::from_millis(250));
        most[usize::from(begun.elapsed() > whole / 2)].look(engine);
    }
    let mut failed = 0;
    for (fault, run) in faults.iter().zip(&runs) {
        let report = run.finish();
        assert_balanced(&report);
        let errors = &report["errors"]["classes"];
        let issued = count(&report, "accounting/issued");
        let failures = count(&report, "summary/failedRequests");
        assert_eq!(failures, issued, "{}: {errors}", fault.name);
        let of_class = errors[fault.class].as_u64();
        assert!(of_class > Some(0), "{}: {errors}", fault.name);
        failed += failures;
    }
    (failed, most)
}

/// Returns the memory of an idle engine: the minimum within a while.
fn at_rest(engine: &Engine, enough: u64) -> u64 {
    let begun = Instant::now();
    let mut least = resident_kib(engine.pid());
    while least > enough && begun.elapsed() < PATIENCE {
        std::thread::sleep(Duration::from_millis(250));
        least = least.min(resident_kib(engine.pid()));
    }
    least
}

#[test]
fn every_fault_at_once_leaves_the_books_balanced_and_nothing_behind() {
    let given = std::env::var("VAYU_FAULT_SECONDS").ok();
    let seconds = given.map_or(SECONDS, |text| text.parse().expect("a number"));
    let (engine, targets) = (Engine::start(), FaultyTargets::start());
    let runs = json!({"maxConcurrentRuns": targets.faults().len()});
    let changed = engine.post("/config", &runs);
    assert_eq!(changed.status, 200, "{changed:?}");
    let idle = descriptors(engine.pid());

    let _ = round(&engine, &targets, seconds);
    let before = at_rest(&engine, 0);
    let (failed, [first, second]) = round(&engine, &targets, seconds);
    let after = at_rest(&engine, before + SLACK_KIB);
    let left = settled_descriptors(engine.pid(), idle);
    print_line(&format!(
        "{failed} failures in {seconds} s: at most {} KiB and {} descriptors in the first half, {} and {} in the second; \
         at rest {before} KiB and {idle} before, {after} and {left} after",
        first.kib, first.descriptors, second.kib, second.descriptors
    ));
    assert!(failed > RATE * seconds / 2, "only {failed} requests");
    assert!(left <= idle, "{idle} descriptors became {left}");
    assert!(
        after <= before + SLACK_KIB,
        "{before} KiB at rest became {after}"
    );
    // Runs hold what they measure; the part of it that they touch grows a little.
    let grown = second.kib > first.kib + first.kib / 8;
    assert!(!grown, "{} KiB became {}", first.kib, second.kib);
    let grown = second.descriptors > 2 * first.descriptors;
    assert!(
        !grown,
        "{} descriptors became {}",
        first.descriptors, second.descriptors
    );
}
