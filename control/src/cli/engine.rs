//! `vayu-engine`: options and start.

use std::net::IpAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use super::fence_args::FenceArgs;
use super::placement_args::PlacementArgs;
use super::{fail, print};
use crate::api::Dialect;
use crate::server::{Server, ServerOptions};

/// Serves the load engine over REST and SSE.
#[derive(Debug, Parser)]
#[command(
    name = "vayu-engine",
    version,
    after_help = "Try it:\n  vayu-engine &\n  curl http://127.0.0.1:9876/health"
)]
pub struct EngineArgs {
    /// Port to listen on; 0 takes a free one
    #[arg(long, default_value_t = 9876, env = "VAYU_PORT")]
    port: u16,
    /// Address to listen on; anything but loopback needs --token
    #[arg(long, default_value = "127.0.0.1", value_name = "ADDRESS")]
    bind: IpAddr,
    /// Bearer token that clients have to send
    #[arg(long, env = "VAYU_TOKEN", hide_env_values = true, value_parser = token)]
    token: Option<String>,
    /// Origin whose web pages may use the engine, in addition to loopback origins; repeatable
    #[arg(long, value_name = "ORIGIN")]
    allow_origin: Vec<String>,
    /// API dialect
    #[arg(long, value_enum, default_value_t = Dialect::Reference, env = "VAYU_DIALECT")]
    dialect: Dialect,
    #[command(flatten)]
    fence: FenceArgs,
    /// Directory from which request bodies may read files; repeatable
    #[arg(long, value_name = "DIR")]
    allow_files: Vec<PathBuf>,
    /// Directory of the database, the logs and the lock
    #[arg(long, default_value = "engine", value_name = "DIR")]
    data_dir: PathBuf,
    #[command(flatten)]
    placement: PlacementArgs,
    /// Log verbosity on standard error: 0 warnings, 1 info, 2 debug
    #[arg(
        short,
        long,
        default_value_t = 0,
        default_missing_value = "1",
        num_args = 0..=1,
        value_name = "LEVEL"
    )]
    verbose: u8,
}

/// A token that a client can send (RFC 6750, 2.1, without its alphabet).
fn token(text: &str) -> Result<String, String> {
    if text.is_empty() {
        return Err("is an empty token, which everyone has; leave it out, or make one with `openssl rand -hex 32`".into());
    }
    if !text.chars().all(|letter| letter.is_ascii_graphic()) {
        return Err("a token has visible ASCII characters only, without blanks".into());
    }
    Ok(text.to_owned())
}

/// Runs `vayu-engine`.
#[must_use]
pub fn engine_main(args: EngineArgs) -> ExitCode {
    match serve(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail("vayu-engine", &error),
    }
}

fn serve(args: &EngineArgs) -> anyhow::Result<()> {
    let cpus = args.placement.cpus()?;
    let server = Server::start(&ServerOptions {
        bind: args.bind,
        port: args.port,
        data_dir: args.data_dir.clone(),
        cpus: cpus.clone(),
        driver: args.placement.driver(),
        token: args.token.clone(),
        allowed_origins: args.allow_origin.clone(),
        dialect: args.dialect,
        fence: args.fence.options(),
        allowed_files: args.allow_files.clone(),
        verbosity: Some(args.verbose),
    })?;
    let address = server.address()?;
    let ready = || {
        print(&format!(
            "vayu-engine {} listening on http://{address} (one shard on each of the cores {cpus:?})\n",
            env!("CARGO_PKG_VERSION"),
        ))
    };
    server.serve(true, ready)
}
