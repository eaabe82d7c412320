//! Options for the placement of shards, shared by all commands that start shards.

use clap::{Args, ValueEnum};
use vayu_worker::{Driver, placement};

use super::UsageError;

/// Placement and I/O driver of the shards.
#[derive(Clone, Debug, Args)]
pub struct PlacementArgs {
    /// Number of shards, one per core [default: every core available to this process]
    #[arg(long, value_name = "N")]
    workers: Option<usize>,
    /// Cores to pin the shards to, like 0,2-3 [default: any]
    #[arg(long, value_name = "LIST")]
    cpus: Option<String>,
    /// I/O driver of the shards
    #[arg(long, value_enum, default_value_t = DriverArg::IoUring)]
    driver: DriverArg,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum DriverArg {
    /// io_uring, the fastest driver
    IoUring,
    /// epoll, for systems where io_uring is not permitted
    Epoll,
}

impl PlacementArgs {
    /// Returns the cores, one per shard.
    ///
    /// # Errors
    /// Returns a usage error that names the option.
    pub fn cpus(&self) -> anyhow::Result<Vec<usize>> {
        let named = match &self.cpus {
            Some(list) => placement::parse_cpu_list(list)
                .map_err(|problem| UsageError(format!("--cpus: {problem}")))?,
            None => Vec::new(),
        };
        Ok(placement::choose(&named, self.workers).map_err(UsageError)?)
    }

    /// Returns the driver.
    pub fn driver(&self) -> Driver {
        match self.driver {
            DriverArg::IoUring => Driver::IoUring,
            DriverArg::Epoll => Driver::Legacy,
        }
    }
}
