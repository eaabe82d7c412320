//! `vayu-cli demo`: a load run in a few seconds, without setup.
//!
//! It starts an engine and a target in this process, on loopback, and then acts as any client: REST to start
//! the run, SSE to watch it, REST for the report. Everything it stores is deleted at the end.

mod target;

use std::net::{IpAddr, Ipv4Addr};

use anyhow::Context;
use clap::Args;
use serde_json::json;
use vayu_shared::units::{Nanos, parse_duration};
use vayu_worker::{Driver, io_uring_available, placement};

use super::client::EngineClient;
use super::progress::ProgressLine;
use super::run_end::ending;
use super::run_remote::watched_run;
use super::{Ending, UsageError, print};
use crate::api::Dialect;
use crate::report::report_page;
use crate::server::{FenceOptions, Server, ServerOptions};

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// Options of `vayu-cli demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Arrival rate per second
    #[arg(long, default_value_t = 2000.0, value_name = "N")]
    rps: f64,
    /// Duration of the load, like 5s
    #[arg(short, long, default_value = "5s")]
    duration: String,
    /// Do not show progress
    #[arg(short, long)]
    quiet: bool,
}

/// Runs the command.
pub fn demo(args: &DemoArgs) -> anyhow::Result<Ending> {
    let duration = parse_duration(&args.duration)
        .map_err(|problem| UsageError(format!("--duration {problem}")))?;
    let (shards, target_cpu) = share_cores(placement::allowed());
    let target = target::start(&shards).context("cannot start the demo's target")?;
    let target = format!("http://{target}/");
    let directory = tempfile::tempdir().context("cannot make a temporary directory")?;
    let server = Server::start(&ServerOptions {
        bind: LOOPBACK,
        port: 0,
        data_dir: directory.path().to_owned(),
        cpus: shards.clone(),
        driver: if io_uring_available().is_ok() {
            Driver::IoUring
        } else {
            Driver::Legacy
        },
        token: None,
        token_file: None,
        tls: None,
        allowed_origins: Vec::new(),
        fence: FenceOptions::default(),
        allowed_files: Vec::new(),
        dialect: Dialect::Reference,
        scripts_send: true,
        redacts: false,
        log: None,
    })?;
    let engine = format!("http://{}", server.address()?);
    let shutdown = server.shutdown_signal();
    let serving = std::thread::spawn(move || server.serve(false, || Ok(())));
    print(&format!(
        "engine  {engine}   {} on {shards:?}\ntarget  {target}   in this process, on core {target_cpu}\n\n",
        if shards.len() == 1 {
            "1 shard"
        } else {
            "shards"
        },
    ))?;
    let result = run(args, duration, &engine, &target);
    shutdown.give();
    serving
        .join()
        .map_err(|_| anyhow::anyhow!("the engine's server failed"))??;
    result
}

fn run(args: &DemoArgs, duration: Nanos, engine: &str, target: &str) -> anyhow::Result<Ending> {
    let body = json!({
        "request": {"method": "GET", "url": target},
        "mode": "constant",
        "duration": args.duration,
        "targetRps": args.rps,
        "success_sample_rate": 10,
    });
    let progress = ProgressLine::new(Some(duration), args.quiet);
    let client = EngineClient::new(engine, None, None)?;
    let report = watched_run(&client, &body, &progress, |_| Ok(()))?;
    print(&report_page(&report, "GET", target))?;
    print(WHERE_NEXT)?;
    Ok(ending(&report, false))
}

/// The target gets a core of its own if there are at least two.
fn share_cores(mut cores: Vec<usize>) -> (Vec<usize>, usize) {
    let last = cores.pop().unwrap_or(0);
    if cores.is_empty() {
        (vec![last], last)
    } else {
        (cores, last)
    }
}

const WHERE_NEXT: &str = "
Where next:
  vayu-cli run http://HOST/ --rps 1000 --duration 30s   load on a target of yours
  vayu-cli run --help                                   the other modes
  vayu-engine                                           the engine as a server, on http://127.0.0.1:9876
  docs/architecture.md                                  how it works
";
