//! The engine as a server: see `vayu-engine --help`.

use std::process::ExitCode;

use clap::Parser;
use vayu_control::cli::EngineArgs;

fn main() -> ExitCode {
    vayu_control::cli::engine_main(EngineArgs::parse())
}
