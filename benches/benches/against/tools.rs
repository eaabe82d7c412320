//! The compared tools: their command lines, and how their output is parsed for request count and duration.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context;

use crate::common::target::Target;
use crate::common::{after, before, in_path, parse_wrk_output, run_on};

/// The load a tool generates.
pub struct Load {
    pub url: String,
    pub address: SocketAddr,
    pub connections: u32,
    pub seconds: u64,
    /// Requests per second. `None` sends at maximum throughput (closed loop).
    pub rate: Option<u32>,
    /// The core the tool is pinned to.
    pub core: usize,
}

/// A tool installed on this machine.
pub struct Tool {
    pub name: &'static str,
    program: PathBuf,
    arguments: fn(&Load) -> Vec<String>,
    read: fn(&str) -> Option<(f64, f64)>,
}

/// Measurements of one run of a tool.
pub struct Used {
    requests: f64,
    seconds: f64,
    cpu_seconds: f64,
    /// CPU utilization of the target during the run, 0–1.
    pub target_busy: f64,
}

impl Used {
    /// Requests per second.
    pub fn rate(&self) -> f64 {
        self.requests / self.seconds
    }

    /// CPU time of one request, in microseconds.
    pub fn cpu_us(&self) -> f64 {
        self.cpu_seconds * 1e6 / self.requests
    }
}

impl Tool {
    /// Runs the tool to completion.
    ///
    /// # Errors
    /// Returns an error if the tool fails or its output cannot be parsed.
    pub fn run(&self, load: &Load, target: &Target) -> anyhow::Result<Used> {
        let target_before = target.cpu_seconds()?;
        let (told, cpu_seconds) = run_on(load.core, &self.program, |command| {
            command.args((self.arguments)(load));
        })?;
        let read = (self.read)(&told);
        let (requests, seconds) = read.with_context(|| {
            format!(
                "cannot find the request count in the output of {}: {told}",
                self.name
            )
        })?;
        Ok(Used {
            requests,
            seconds,
            cpu_seconds,
            target_busy: (target.cpu_seconds()? - target_before) / seconds,
        })
    }
}

/// A third-party tool, identified by its program name.
struct Peer {
    name: &'static str,
    arguments: fn(&Load) -> Vec<String>,
    read: fn(&str) -> Option<(f64, f64)>,
}

const PEERS: [Peer; 6] = [
    Peer {
        name: "wrk",
        arguments: |load| {
            words(&format!(
                "-t1 -c{} -d{}s {}",
                load.connections, load.seconds, load.url
            ))
        },
        read: parse_wrk_output,
    },
    Peer {
        name: "ab",
        arguments: |load| {
            words(&format!(
                "-q -k -c {} -t {} -n 100000000 {}",
                load.connections, load.seconds, load.url
            ))
        },
        read: |told| {
            Some((
                after(told, "Complete requests:")?,
                after(told, "Time taken for tests:")?,
            ))
        },
    },
    Peer {
        name: "h2load",
        arguments: |load| {
            let rate = load.rate.map_or(String::new(), |rate| {
                format!("--rps={} ", rate / load.connections)
            });
            words(&format!(
                "--h1 -t1 -c{} -D{} {rate}{}",
                load.connections, load.seconds, load.url
            ))
        },
        read: |told| Some((before(told, " succeeded,")?, after(told, "finished in")?)),
    },
    Peer {
        name: "hey",
        arguments: |load| {
            let rate = load.rate.map_or(String::new(), |rate| {
                format!("-q {} ", rate / load.connections)
            });
            words(&format!(
                "-cpus 1 -c {} -z {}s {rate}{}",
                load.connections, load.seconds, load.url
            ))
        },
        read: |told| Some((before(told, " responses")?, after(told, "Total:")?)),
    },
    Peer {
        name: "oha",
        arguments: |load| {
            let rate = load.rate.map_or(String::new(), |rate| {
                format!("-q {rate} --latency-correction ")
            });
            words(&format!(
                "--no-tui --insecure -c {} -z {}s {rate}{}",
                load.connections, load.seconds, load.url
            ))
        },
        read: |told| Some((before(told, " responses")?, after(told, "Total:")?)),
    },
    Peer {
        name: "bombardier",
        arguments: |load| {
            words(&format!(
                "-k -p r -c {} -d {}s {}",
                load.connections, load.seconds, load.url
            ))
        },
        read: |told| Some((after(told, "2xx - ")?, after(told, "in ")?)),
    },
];

/// Returns the installed third-party tools and this engine.
pub fn installed() -> Vec<Tool> {
    let own = |name: &'static str, arguments| Tool {
        name,
        program: vayu_tests::binary("vayu-cli"),
        arguments,
        read: |told| {
            Some((
                after(told, "\"totalRequests\":")?,
                after(told, "\"testDuration\":")?,
            ))
        },
    };
    let mut tools = vec![
        own("vayu", |load| vayu(load, &[])),
        own("vayu, quantum 1 ms", |load| {
            vayu(load, &["--quantum", "1ms"])
        }),
        Tool {
            name: "ping-pong",
            program: env!("CARGO_BIN_EXE_ping-pong").into(),
            arguments: |load| {
                words(&format!(
                    "{} -c {} -d {}",
                    load.address, load.connections, load.seconds
                ))
            },
            read: |told| Some((after(told, "\"requests\":")?, after(told, "\"seconds\":")?)),
        },
    ];
    tools.extend(peers());
    tools
}

fn peers() -> impl Iterator<Item = Tool> {
    PEERS.iter().filter_map(|peer| {
        Some(Tool {
            name: peer.name,
            program: in_path(peer.name)?,
            arguments: peer.arguments,
            read: peer.read,
        })
    })
}

fn vayu(load: &Load, more: &[&str]) -> Vec<String> {
    let how = match load.rate {
        Some(rate) => format!("--rps {rate} --max-connections {}", load.connections),
        None => format!("-c {}", load.connections),
    };
    let mut arguments = words(&format!(
        "run {} {how} -d {}s --cpus {} --insecure --format json",
        load.url, load.seconds, load.core
    ));
    arguments.extend(more.iter().map(|word| (*word).to_owned()));
    arguments
}

fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(str::to_owned).collect()
}
