//! `vayu-cli run`: one load run, in this process or on a running engine.

use serde_json::Value;
use vayu_shared::spec::RunSpec;

use super::run_args::RunArgs;
use super::{Ending, UsageError, run_local, run_remote};
use crate::contract::{Defaults, run_spec};

/// Runs the command.
pub fn run(args: &RunArgs) -> anyhow::Result<Ending> {
    let body = args.load.to_run_body()?;
    let spec = checked(&body)?;
    match &args.engine {
        Some(engine) => run_remote::run(args, engine, &body, &spec),
        None => run_local::run(args, &body, spec),
    }
}

/// Validates the options as the API does.
fn checked(body: &Value) -> anyhow::Result<RunSpec> {
    run_spec(body, &Defaults::default()).map_err(|error| UsageError(error.to_string()).into())
}
