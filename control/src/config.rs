//! The engine's settings: defaults, and what the store holds of them.
//!
//! Settings take effect for the next run. Command-line options are not settings:
//! they say how this process is started. Which settings there are is in `table`,
//! how a request to change some is read in `change`.

mod change;
mod shared;
mod table;

use std::collections::BTreeMap;

use crate::contract::Defaults;
use serde::Serialize;
use utoipa::ToSchema;
use vayu_shared::limits;
use vayu_shared::spec::Bounds;
use vayu_shared::units::{MICROSECOND, MILLISECOND, Nanos};

pub use change::ConfigChange;
pub use shared::SharedConfig;
pub use table::{SETTINGS, Setting};

use crate::store::StoredSetting;
use crate::verdict::Budgets;

/// What `GET /config` tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Config {
    /// How many shards there are; decided at start.
    pub workers: usize,
    /// Most connections of one run, over all shards.
    pub max_connections: u64,
    /// Timeout of a request in milliseconds.
    pub default_timeout: u64,
    /// How often shards report, in milliseconds.
    pub stats_interval: u64,
    /// QuickJS contexts over all shards, and scripts at once in design mode.
    pub context_pool_size: u64,
    /// Longest time of a script in design mode without a pause, in milliseconds.
    pub script_timeout: u64,
    /// Longest time of a script under load, in milliseconds.
    pub load_script_timeout: u64,
    /// Most memory of a script, in MiB.
    pub script_memory_mib: u64,
    /// Bytes of a response body that scripts see under load.
    pub script_body_bytes: u64,
    /// Most runs at once.
    pub max_concurrent_runs: u64,
    /// Most single requests stored of one run.
    pub max_stored_results: u64,
    /// Load runs that are kept; older ones are deleted. 0 keeps all.
    pub keep_load_runs: u64,
    /// Design runs that are kept; older ones are deleted. 0 keeps all.
    pub keep_design_runs: u64,
    /// Days after which a run is deleted; 0 for never.
    pub keep_runs_days: u64,
    /// Days after which a run's results, series and interval histograms are deleted; 0 for never.
    pub keep_details_days: u64,
    /// MiB that the database may have before the oldest runs lose their details, and go; 0 for any size.
    pub max_database_mib: u64,
    /// Schedule lag, 99th percentile, beyond which a run is suspect, in microseconds.
    pub schedule_lag_budget_us: u64,
    /// Use of a shard's core beyond which a rate run is suspect, in percent.
    pub core_busy_budget_percent: u64,
    /// Time a shard is kept off its core beyond which a run is suspect, in percent.
    pub cpu_wait_budget_percent: u64,
    /// Time the hypervisor takes beyond which a run is suspect, in percent.
    pub steal_budget_percent: u64,
}

impl Config {
    /// The defaults on an engine of `workers` shards.
    #[must_use]
    pub fn new(workers: usize) -> Self {
        let budgets = Budgets::default();
        Self {
            workers,
            max_connections: 10_000,
            default_timeout: 30_000,
            stats_interval: 100,
            context_pool_size: 64,
            script_timeout: 5_000,
            load_script_timeout: 100,
            script_memory_mib: 64,
            script_body_bytes: limits::SCRIPT_BODY_BYTES,
            max_concurrent_runs: 4,
            max_stored_results: 100_000,
            keep_load_runs: 1_000,
            keep_design_runs: 10_000,
            keep_runs_days: 365,
            keep_details_days: 90,
            max_database_mib: 10_240,
            schedule_lag_budget_us: budgets.schedule_lag_p99 / MICROSECOND,
            core_busy_budget_percent: budgets.core_busy_percent,
            cpu_wait_budget_percent: budgets.cpu_wait_percent,
            steal_budget_percent: budgets.steal_percent,
        }
    }

    /// The defaults with what the store holds put over them. A stored value
    /// that is not legal is left out and told.
    #[must_use]
    pub fn from_settings(workers: usize, settings: &BTreeMap<String, StoredSetting>) -> Self {
        let mut config = Self::new(workers);
        for setting in &SETTINGS {
            let Some(stored) = settings.get(setting.key) else {
                continue;
            };
            match stored.value.parse().ok().filter(|v| setting.allows(*v)) {
                Some(value) => setting.set(&mut config, value),
                None => tracing::warn!(
                    "the stored setting {} is {:?}; it has to be {}",
                    setting.key,
                    stored.value,
                    setting.range_words()
                ),
            }
        }
        config
    }

    /// What a run gets that leaves it open.
    #[must_use]
    pub fn run_defaults(&self) -> Defaults {
        Defaults {
            bounds: Bounds {
                request_timeout: self.default_timeout * MILLISECOND,
                max_connections: self.max_connections,
                ..Bounds::default()
            },
        }
    }

    /// What a run's verdict goes by.
    #[must_use]
    pub fn budgets(&self) -> Budgets {
        Budgets {
            schedule_lag_p99: self.schedule_lag_budget_us * MICROSECOND,
            core_busy_percent: self.core_busy_budget_percent,
            cpu_wait_percent: self.cpu_wait_budget_percent,
            steal_percent: self.steal_budget_percent,
        }
    }

    /// How often shards report.
    #[must_use]
    pub fn stats_interval_ns(&self) -> Nanos {
        self.stats_interval * MILLISECOND
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_settings_override_and_nonsense_does_not() {
        let stored = [
            ("maxConnections", "50"),
            ("statsInterval", "0"),
            ("other", "x"),
        ];
        let stored = stored
            .map(|(key, value)| {
                let value = value.to_owned();
                (
                    key.to_owned(),
                    StoredSetting {
                        value,
                        updated_at: 1,
                    },
                )
            })
            .into();
        let config = Config::from_settings(2, &stored);
        assert_eq!(
            config,
            Config {
                max_connections: 50,
                ..Config::new(2)
            }
        );
    }

    #[test]
    fn the_wire_has_the_documented_names() {
        let json = serde_json::to_value(Config::new(12)).expect("plain data");
        for (key, value) in [
            ("workers", 12),
            ("maxConnections", 10_000),
            ("defaultTimeout", 30_000),
            ("statsInterval", 100),
            ("contextPoolSize", 64),
        ] {
            assert_eq!(json[key], value, "{key}");
        }
    }
}
