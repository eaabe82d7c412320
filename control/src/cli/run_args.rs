//! Options of `vayu-cli run`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::client::EngineClient;
use super::load_args::LoadArgs;
use super::placement_args::PlacementArgs;

/// Options of `vayu-cli run`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    vayu-cli run http://127.0.0.1:8080/ --rps 1000 --duration 10s\n  \
    vayu-cli run http://127.0.0.1:8080/ -c 64 -d 30s\n  \
    vayu-cli run http://127.0.0.1:8080/ -n 10000 -c 10 --format json\n  \
    vayu-cli run http://127.0.0.1:8080/ -n 500 --rps 50\n  \
    vayu-cli run http://127.0.0.1:8080/ --mode ramp-up --ramp 20s -c 200 -d 30s\n\n\
    Exit code: 0 the run ended as planned, 1 it could not be made, 2 wrong usage,\n\
    3 not one request succeeded, 4 the numbers are invalid, 5 stopped by somebody else,\n\
    130 interrupted")]
pub struct RunArgs {
    #[command(flatten)]
    pub load: LoadArgs,
    /// Run on this engine, like http://127.0.0.1:9876, instead of in this process
    #[arg(long, value_name = "URL", help_heading = "Where it runs", conflicts_with_all = ["data_dir", "workers", "cpus", "driver"])]
    pub engine: Option<String>,
    /// Bearer token of that engine [default: the environment variable VAYU_TOKEN]
    // Not an `env` of clap: the variable alone must not require `--engine`.
    #[arg(long, requires = "engine", help_heading = "Where it runs")]
    token: Option<String>,
    /// PEM file of the certificate authorities to trust for that engine [default: the system's]
    #[arg(
        long,
        value_name = "FILE",
        requires = "engine",
        help_heading = "Where it runs"
    )]
    engine_ca: Option<PathBuf>,
    /// Store the run in this data directory [default: nothing is stored]
    #[arg(long, value_name = "DIR", help_heading = "Where it runs")]
    pub data_dir: Option<PathBuf>,
    #[command(flatten, next_help_heading = "Where it runs")]
    pub placement: PlacementArgs,
    /// Format of the report
    #[arg(long, value_enum, default_value_t = Format::Text, help_heading = "Output")]
    pub format: Format,
    /// Do not show progress
    #[arg(short, long, help_heading = "Output")]
    pub quiet: bool,
    /// Exit with 4 for a suspect run as well as for an invalid one
    #[arg(long, help_heading = "Output")]
    pub strict: bool,
}

impl RunArgs {
    /// Creates a client of the engine, with the token if there is one.
    ///
    /// # Errors
    /// Returns an error if the certificate authorities cannot be read.
    pub fn client(&self, engine: &str) -> anyhow::Result<EngineClient> {
        let from_environment = || std::env::var("VAYU_TOKEN").ok();
        let token = self.token.clone().or_else(from_environment);
        EngineClient::new(engine, token, self.engine_ca.as_deref())
    }
}

/// Output format of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Human-readable text
    Text,
    /// JSON of GET /run/:id/report
    Json,
}
