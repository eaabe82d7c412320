//! Comparison with other load generators. Run `cargo bench --bench against` after `./dev dist`.
//!
//! Every installed tool runs in turn on the first core against the same nginx, which has one worker on the
//! second core. Tools are compared within a round because machine noise varies between rounds. The tables
//! show medians. CPU per request is the user and system time of the whole tool process, startup and shutdown
//! included. Writes `target/bench/against.json` and prints the tables. The environment variables `SECONDS`
//! and `ROUNDS` set duration and repetitions. The bench has no pass/fail threshold.

#[path = "../common/mod.rs"]
mod common;
mod tools;

use std::collections::BTreeMap;

use anyhow::Context;
use serde_json::{Value, json};

use common::target::Target;
use common::{is_smoke, median, print, setting, two_cores};
use tools::{Load, Tool, Used};

/// A comparison: the load on the target and the tools that generate it.
struct Scenario {
    title: &'static str,
    connections: u32,
    tls: bool,
    rate: Option<u32>,
    tools: &'static [&'static str],
}

const SCENARIOS: [Scenario; 5] = [
    Scenario {
        title: "64 connections, closed loop",
        connections: 64,
        tls: false,
        rate: None,
        tools: &["wrk", "vayu", "ping-pong", "ab", "h2load", "oha", "hey"],
    },
    Scenario {
        title: "1,000 connections, closed loop",
        connections: 1_000,
        tls: false,
        rate: None,
        tools: &["wrk", "vayu"],
    },
    Scenario {
        title: "5,000 connections, closed loop",
        connections: 5_000,
        tls: false,
        rate: None,
        tools: &["wrk", "vayu"],
    },
    Scenario {
        title: "64 connections, TLS 1.3",
        connections: 64,
        tls: true,
        rate: None,
        tools: &["wrk", "vayu", "ab", "bombardier", "oha", "h2load"],
    },
    Scenario {
        title: "20,000/s, at most 50 connections",
        connections: 50,
        tls: false,
        rate: Some(20_000),
        tools: &["h2load", "vayu, quantum 1 ms", "vayu", "oha", "hey"],
    },
];

fn main() -> anyhow::Result<()> {
    let [generator, server] = two_cores()?;
    let (seconds, rounds) = (setting("SECONDS", 5)?, setting("ROUNDS", 5)?);
    let target = Target::start(server)?;
    let tools = tools::installed();
    let mut all = BTreeMap::new();
    for scenario in &SCENARIOS {
        // A smoke test only shows that the bench works.
        if is_smoke() && scenario.connections > 64 {
            continue;
        }
        let tools: Vec<&Tool> = scenario
            .tools
            .iter()
            .filter_map(|name| tools.iter().find(|tool| tool.name == *name))
            .collect();
        let load = Load {
            url: target.url(scenario.tls),
            address: target.address(),
            connections: scenario.connections,
            seconds,
            rate: scenario.rate,
            core: generator,
        };
        let measured = measure(&tools, &load, &target, rounds)
            .with_context(|| format!("\"{}\" failed", scenario.title))?;
        print(&table(scenario, &tools, &measured));
        all.insert(scenario.title, to_json(&tools, &measured));
    }
    let directory = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/bench");
    std::fs::create_dir_all(&directory)?;
    let file = directory.join("against.json");
    std::fs::write(&file, serde_json::to_string_pretty(&all)? + "\n")?;
    Ok(())
}

/// Returns the measurements of each tool, by round.
fn measure(
    tools: &[&Tool],
    load: &Load,
    target: &Target,
    rounds: u64,
) -> anyhow::Result<Vec<Vec<Used>>> {
    let round = |_| tools.iter().map(|tool| tool.run(load, target)).collect();
    (0..rounds).map(round).collect()
}

fn table(scenario: &Scenario, tools: &[&Tool], rounds: &[Vec<Used>]) -> String {
    let first = tools.first().map_or("none", |tool| tool.name);
    let mut table = format!(
        "\n**{}**\n\n| | requests/s | ratio to {first} | CPU µs per request | ratio to {first} | target's core |\n|---|---|---|---|---|---|\n",
        scenario.title
    );
    for (place, tool) in tools.iter().enumerate() {
        let of = |value: fn(&Used) -> f64| median(column(rounds, place, value));
        let ratio = |value: fn(&Used) -> f64| {
            let ratios = rounds
                .iter()
                .map(|round| value(&round[place]) / value(&round[0]));
            median(ratios.collect())
        };
        table.push_str(&format!(
            "| {} | {:.0} | {:.2} | {:.2} | {:.2} | {:.0} % |\n",
            tool.name,
            of(Used::rate),
            ratio(Used::rate),
            of(Used::cpu_us),
            ratio(Used::cpu_us),
            of(|used| used.target_busy * 100.0),
        ));
    }
    table
}

fn column(rounds: &[Vec<Used>], place: usize, value: fn(&Used) -> f64) -> Vec<f64> {
    rounds.iter().map(|round| value(&round[place])).collect()
}

fn to_json(tools: &[&Tool], rounds: &[Vec<Used>]) -> Value {
    let tool = |(place, tool): (usize, &&Tool)| {
        json!({
            "tool": tool.name,
            "requestsPerSecond": column(rounds, place, Used::rate),
            "cpuMicrosecondsPerRequest": column(rounds, place, Used::cpu_us),
            "targetBusy": column(rounds, place, |used| used.target_busy),
        })
    };
    tools.iter().enumerate().map(tool).collect()
}
