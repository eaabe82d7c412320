//! The command line: see `vayu-cli --help`.

use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;
use vayu_control::cli::CliArgs;

/// mimalloc returns memory to the system. The C library's allocator keeps gigabytes after a few bodies of
/// many small JSON values.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    vayu_control::cli::cli_main(CliArgs::parse())
}
