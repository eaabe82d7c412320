//! The engine as a server: see `vayu-engine --help`.

use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;
use vayu_control::cli::EngineArgs;

/// Gives memory back to the system, where the one of the C library keeps gigabytes after a
/// few bodies of many small JSON values.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    vayu_control::cli::engine_main(EngineArgs::parse())
}
