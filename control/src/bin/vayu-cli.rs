//! The command line: see `vayu-cli --help`.

use std::process::ExitCode;

use clap::Parser;
use vayu_control::cli::CliArgs;

fn main() -> ExitCode {
    vayu_control::cli::cli_main(CliArgs::parse())
}
