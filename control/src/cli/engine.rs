//! `vayu-engine`: command-line options and startup.

use std::net::IpAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use super::fence_args::FenceArgs;
use super::placement_args::PlacementArgs;
use super::{fail, print};
use crate::access;
use crate::api::Dialect;
use crate::logging::{LogFormat, LogOptions};
use crate::server::{Server, ServerOptions, TlsFiles};

/// Serves the load engine over REST and SSE.
#[derive(Debug, Parser)]
#[command(
    name = "vayu-engine",
    version,
    after_help = "Try it:\n  vayu-engine &\n  curl http://127.0.0.1:9876/health"
)]
pub struct EngineArgs {
    /// Port to listen on; 0 selects a free one
    #[arg(long, default_value_t = 9876, env = "VAYU_PORT")]
    port: u16,
    /// Address to listen on; any address beyond loopback requires --token or --token-file
    #[arg(long, default_value = "127.0.0.1", value_name = "ADDRESS")]
    bind: IpAddr,
    /// Bearer token that clients must send
    #[arg(long, env = "VAYU_TOKEN", hide_env_values = true, value_parser = token)]
    token: Option<String>,
    /// Token file; each line is `NAME SCOPE TOKEN`, scopes are read, run and admin; reloaded on SIGHUP
    #[arg(long, env = "VAYU_TOKEN_FILE", value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Certificate chain, a PEM file: clients must use TLS (with --tls-key)
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// Private key of the certificate, a PEM file (with --tls-cert)
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Origin whose web pages may use the engine, in addition to loopback origins; repeatable
    #[arg(long, value_name = "ORIGIN")]
    allow_origin: Vec<String>,
    /// API dialect
    #[arg(long, value_enum, default_value_t = Dialect::Reference, env = "VAYU_DIALECT")]
    dialect: Dialect,
    #[command(flatten)]
    fence: FenceArgs,
    /// Remove secrets from stored runs: values of auth, of headers that carry credentials, and of variables
    /// marked as secret; runs cannot be repeated from stored data then
    #[arg(long)]
    redact_secrets: bool,
    /// Do not let scripts send requests (pm.sendRequest)
    #[arg(long)]
    no_script_requests: bool,
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
    /// Format of log lines, on standard error and in the file
    #[arg(long, value_enum, default_value_t = LogFormat::Text, env = "VAYU_LOG_FORMAT")]
    log_format: LogFormat,
    /// Maximum size of the log file in MiB, then it is rotated; five rotated files are kept
    #[arg(long, default_value_t = 64, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..=1_048_576))]
    log_max_mib: u64,
}

/// Validates a token.
fn token(text: &str) -> Result<String, String> {
    access::validate_token(text)?;
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
        token_file: args.token_file.clone(),
        tls: args
            .tls_cert
            .clone()
            .zip(args.tls_key.clone())
            .map(|(certificate, key)| TlsFiles { certificate, key }),
        allowed_origins: args.allow_origin.clone(),
        dialect: args.dialect,
        fence: args.fence.options(),
        scripts_send: !args.no_script_requests,
        redacts: args.redact_secrets,
        allowed_files: args.allow_files.clone(),
        log: Some(LogOptions {
            verbosity: args.verbose,
            format: args.log_format,
            max_bytes: args.log_max_mib * 1024 * 1024,
        }),
    })?;
    let address = server.address()?;
    let scheme = if args.tls_cert.is_some() {
        "https"
    } else {
        "http"
    };
    let ready = || {
        print(&format!(
            "vayu-engine {} listening on {scheme}://{address} (one shard on each of the cores {cpus:?})\n",
            env!("CARGO_PKG_VERSION"),
        ))
    };
    server.serve(true, ready)
}
