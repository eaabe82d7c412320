//! The engine server: see `vayu-engine --help`.

use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;
use vayu_control::cli::EngineArgs;

/// mimalloc returns memory to the system. The C library's allocator keeps gigabytes after a few bodies of
/// many small JSON values.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    vayu_control::cli::engine_main(EngineArgs::parse())
}
