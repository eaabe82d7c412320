//! The command lines of both binaries.
//!
//! Exit codes are an interface (`docs/cli.md`): 0 the run ended as planned, 1 the run could not be executed
//! or failed, 2 usage error, 3 no request succeeded, 4 the numbers are not valid, 5 the run was stopped by
//! another client, 130 interrupted.

mod client;
mod connection_args;
mod db;
mod demo;
mod doctor;
mod engine;
mod exclusive;
mod fence_args;
mod interrupt;
mod load_args;
mod placement_args;
mod progress;
mod request_args;
mod run;
mod run_args;
mod run_end;
mod run_local;
mod run_remote;

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, Subcommand};

pub use engine::{EngineArgs, engine_main};

/// Generates HTTP load on a target and reports the measurements.
#[derive(Debug, Parser)]
#[command(
    name = "vayu-cli",
    version,
    after_help = "Start here:\n  vayu-cli demo\n  vayu-cli run http://127.0.0.1:8080/ --mode constant --rps 1000 --duration 10s"
)]
pub struct CliArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show a complete load run in a few seconds: engine, target, live numbers, report
    Demo(demo::DemoArgs),
    /// Check whether this machine is set up to generate load, and print a fix for each problem
    Doctor(doctor::DoctorArgs),
    /// Maintain the database: check, back up, restore, compact
    Db(db::DbArgs),
    /// Run a load test, in this process or on a running engine
    Run(Box<run_args::RunArgs>),
}

/// How a command ended, other than with an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    Done,
    Failed,
    NothingSucceeded,
    Invalid,
    Stopped,
    Interrupted,
}

/// Runs `vayu-cli`.
#[must_use]
pub fn cli_main(args: CliArgs) -> ExitCode {
    let ended = match args.command {
        Command::Demo(args) => demo::demo(&args),
        Command::Db(args) => db::db(&args),
        Command::Doctor(args) => doctor::doctor(&args),
        Command::Run(args) => run::run(&args),
    };
    match ended {
        Ok(Ending::Done) => ExitCode::SUCCESS,
        Ok(Ending::Failed) => ExitCode::FAILURE,
        Ok(Ending::NothingSucceeded) => ExitCode::from(3),
        Ok(Ending::Invalid) => ExitCode::from(4),
        Ok(Ending::Stopped) => ExitCode::from(5),
        Ok(Ending::Interrupted) => ExitCode::from(130),
        Err(error) => fail("vayu-cli", &error),
    }
}

/// Prints why the process ends, and returns its exit code.
fn fail(program: &str, error: &anyhow::Error) -> ExitCode {
    // There is nowhere to report a failing standard error.
    let _ = writeln!(io::stderr(), "{program}: {error:#}");
    match error.downcast_ref::<UsageError>() {
        Some(_) => ExitCode::from(2),
        None => ExitCode::FAILURE,
    }
}

/// A mistake in the command line that clap cannot detect.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct UsageError(String);

/// Prints to standard output.
///
/// # Errors
/// Returns the system's error: a report that was not written must not look like success.
fn print(text: &str) -> anyhow::Result<()> {
    io::stdout()
        .write_all(text.as_bytes())
        .and_then(|()| io::stdout().flush())
        .context("the output could not be written")
}
