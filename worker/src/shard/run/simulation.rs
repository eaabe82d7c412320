//! Whole runs in simulated time: the scenario of a seed is executed on a virtual clock and network, and
//! checked against what the network observed.
//!
//! `./dev simulate [RUNS] [SEED]` runs many seeds, or repeats one. A failing seed is printed with the
//! violation and its scenario.

mod books;
mod exchange;
mod record;
mod requests;
mod scenario;
mod schedule;
mod target;

use std::fmt::Debug;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::{Duration, Instant};

use record::Record;
use scenario::Scenario;

/// Default number of seeds that the test executes.
const RUNS: u64 = 2_000;

/// Number of failing seeds after which the test stops.
const MAX_FINDINGS: usize = 3;

/// Interval of the progress output.
const PROGRESS_INTERVAL: Duration = Duration::from_secs(5);

/// Description of a violation found in a run.
type Finding = String;

/// Returns the finding `what` unless `holds`.
fn ensure(holds: bool, what: impl FnOnce() -> Finding) -> Result<(), Finding> {
    if holds { Ok(()) } else { Err(what()) }
}

/// Returns a finding unless both values are equal.
fn same<T: PartialEq + Debug>(what: &str, found: T, expected: T) -> Result<(), Finding> {
    ensure(found == expected, || {
        format!("{what}: {found:?} instead of {expected:?}")
    })
}

/// Executes the scenario of `seed` on all of its shards and checks it. Returns the number of requests and a
/// digest of all observations.
fn simulate(seed: u64) -> Result<(u64, u64), Finding> {
    let scenario = Scenario::of(seed);
    let mut digest = DefaultHasher::new();
    let mut requests = 0;
    let mut offered = 0;
    for shard in 0..scenario.shards {
        let on_shard = |finding| format!("shard {shard} of {}: {finding}", scenario.shards);
        let record = Record::of(&scenario, shard).map_err(on_shard)?;
        books::check_record(&scenario, shard, &record).map_err(on_shard)?;
        requests += record.counters.issued;
        offered += record.counters.offered;
        record.observations.hash(&mut digest);
    }
    schedule::check_total(&scenario, offered)?;
    Ok((requests, digest.finish()))
}

/// Checks that the same seed produces the same run.
fn check_reproducible(seed: u64, digest: u64) -> Result<(), Finding> {
    let (_, again) = simulate(seed)?;
    same("what the second execution of the seed gave", again, digest)
}

/// Makes glibc keep the memory of one run for the next: histograms take two megabytes, which the kernel would
/// otherwise reclaim and clear each time.
fn keep_memory() {
    const MANY_BYTES: libc::c_int = 1 << 30;
    for threshold in [libc::M_MMAP_THRESHOLD, libc::M_TRIM_THRESHOLD] {
        // SAFETY: it only changes where blocks are allocated from and when they are returned to the kernel.
        let is_set = unsafe { libc::mallopt(threshold, MANY_BYTES) };
        assert_eq!(is_set, 1, "glibc refused a threshold");
    }
}

/// Returns a number from the environment.
fn asked(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    let number = text.parse();
    Some(number.unwrap_or_else(|_| panic!("{name} is {text:?}; it must be an integer")))
}

#[test]
#[expect(clippy::print_stdout, reason = "what `./dev simulate` shows")]
fn runs_of_many_seeds_keep_every_invariant() {
    let runs = asked("VAYU_SIMULATE_RUNS").unwrap_or(RUNS);
    let first = asked("VAYU_SIMULATE_SEED").unwrap_or(0);
    keep_memory();
    let begun = Instant::now();
    let mut told = begun;
    let mut requests = 0;
    let mut failed = Vec::new();
    for seed in first..first + runs {
        let judged = simulate(seed).and_then(|(made, digest)| {
            requests += made;
            // Each one costs as much as the first execution.
            if seed.is_multiple_of(16) {
                check_reproducible(seed, digest)?;
            }
            Ok(())
        });
        if let Err(finding) = judged {
            println!("seed {seed}: {finding}");
            failed.push(seed);
            if failed.len() == MAX_FINDINGS {
                break;
            }
        }
        if told.elapsed() > PROGRESS_INTERVAL {
            told = Instant::now();
            println!("{} of {runs} runs, {requests} requests", seed + 1 - first);
        }
    }
    println!(
        "{runs} simulated runs with {requests} requests in {:.1} s",
        begun.elapsed().as_secs_f64()
    );
    if let Some(first) = failed.first() {
        panic!(
            "seeds {failed:?} failed with the findings above. Scenario of seed {first}:\n{}\nReproduce with: ./dev simulate 1 {first}",
            Scenario::of(*first)
        );
    }
}
