//! `vayu-cli db`: maintenance of the database of a data directory, with or without a running engine.

use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::{Args, Subcommand};

use super::{Ending, print};
use crate::data_dir::DataDir;
use crate::store::maintenance;

/// Options of `vayu-cli db`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    vayu-cli db check\n  \
    vayu-cli db backup /backups/vayu-$(date +%F).db\n  \
    vayu-cli db restore /backups/vayu-2026-01-03.db\n\n\
    All but restore work beside a running engine. Exit code: 0 done, 1 it failed or the database is damaged.")]
pub struct DbArgs {
    #[command(subcommand)]
    action: Action,
    /// Data directory of the engine
    #[arg(long, default_value = "engine", value_name = "DIR", global = true)]
    data_dir: PathBuf,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Check the whole file for corruption
    Check,
    /// Copy a consistent snapshot to a new file
    Backup {
        /// File to create
        file: PathBuf,
    },
    /// Replace the database by a backup; the previous one is kept next to it
    Restore {
        /// Backup file
        file: PathBuf,
    },
    /// Return unused space to the file system
    Compact,
}

/// Runs the command.
pub fn db(args: &DbArgs) -> anyhow::Result<Ending> {
    let database = DataDir::database_of(&args.data_dir);
    match &args.action {
        Action::Check => check(&database)?,
        Action::Backup { file } => {
            maintenance::backup(&database, file)?;
            print(&format!(
                "{} is a copy of {}\n",
                file.display(),
                database.display()
            ))?;
        }
        Action::Restore { file } => {
            // The lock of the directory keeps an engine out.
            let data_dir = DataDir::open(&args.data_dir)?;
            let before = maintenance::restore(&data_dir.database(), file)?;
            print(&format!("{} was restored\n", file.display()))?;
            if let Some(before) = before {
                print(&format!("the one before it is {}\n", before.display()))?;
            }
        }
        Action::Compact => {
            let (before, after) = maintenance::compact(&database)?;
            print(&format!(
                "{} KiB before, {} KiB now\n",
                before / 1024,
                after / 1024
            ))?;
        }
    }
    Ok(Ending::Done)
}

fn check(database: &Path) -> anyhow::Result<()> {
    let wrong = maintenance::check(database)?;
    if wrong.is_empty() {
        print(&format!("{} is sound\n", database.display()))?;
        let waiting = maintenance::waiting_ends(database)?;
        if waiting > 0 {
            print(&format!(
                "{waiting} finished runs are not in the database yet; the next start of an engine stores them\n"
            ))?;
        }
        return Ok(());
    }
    bail!(
        "{} is damaged: {}. Restore a backup (vayu-cli db restore FILE)",
        database.display(),
        wrong.join("; ")
    )
}
