//! The configuration of the engine: defaults, overridden by the stored settings.
//!
//! Settings take effect for the next run. Command-line options are not settings: they configure the start of
//! this process. `table` lists the settings; `change` reads requests to change some.

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

/// The configuration as `GET /config` returns it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Config {
    /// Number of shards. Set at start.
    pub workers: usize,
    /// Maximum concurrent connections of one run, over all shards. 1–100000. Default: 10000.
    pub max_connections: u64,
    /// Timeout of a request in milliseconds. 1–3600000. Default: 30000.
    pub default_timeout: u64,
    /// Interval at which shards report, in milliseconds. 10–1000, a divisor of 1000. Default: 100.
    pub stats_interval: u64,
    /// Maximum QuickJS contexts of a run, over all shards, and maximum concurrent scripts in design mode.
    /// 1–4096. Default: 64.
    pub context_pool_size: u64,
    /// Maximum time of a script in design mode between two pauses, in milliseconds. 1–60000. Default: 5000.
    pub script_timeout: u64,
    /// Maximum time of a script under load, in milliseconds. 1–10000. Default: 100.
    pub load_script_timeout: u64,
    /// Maximum memory of a script, in MiB. 16–1024. Default: 64.
    pub script_memory_mib: u64,
    /// First bytes of a response body that scripts see under load. 0–67108864. Default: 1048576.
    pub script_body_bytes: u64,
    /// Maximum concurrent load runs. 1–64. Default: 4.
    pub max_concurrent_runs: u64,
    /// Maximum single requests stored per run. 0–10000000. Default: 100000.
    pub max_stored_results: u64,
    /// Number of load runs to keep; older ones are deleted. 0 keeps all. 0–1000000. Default: 1000.
    pub keep_load_runs: u64,
    /// Number of design runs to keep; older ones are deleted. 0 keeps all. 0–1000000. Default: 10000.
    pub keep_design_runs: u64,
    /// Days after which a run is deleted. 0 keeps all. 0–36500. Default: 365.
    pub keep_runs_days: u64,
    /// Days after which a run's results, series and interval histograms are deleted. 0 keeps all. 0–36500.
    /// Default: 90.
    pub keep_details_days: u64,
    /// Database size in MiB beyond which the oldest runs lose their details and are then deleted. 0 sets no
    /// limit. 0–10485760. Default: 10240.
    pub max_database_mib: u64,
    /// Schedule lag, 99th percentile, above which a run is suspect, in microseconds. 10–60000000. Default:
    /// 2000.
    pub schedule_lag_budget_us: u64,
    /// CPU usage of a shard's core above which a rate run is suspect, in percent. 1–100. Default: 90.
    pub core_busy_budget_percent: u64,
    /// CPU wait of a shard above which a run is suspect, in percent. 1–100. Default: 10.
    pub cpu_wait_budget_percent: u64,
    /// CPU steal of a shard's core above which a run is suspect, in percent. 1–100. Default: 10.
    pub steal_budget_percent: u64,
}

impl Config {
    /// Returns the defaults for an engine with `workers` shards.
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

    /// Returns the defaults, overridden by the stored settings. A stored value out of its range is ignored
    /// and logged.
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
                    "the stored setting {} is {:?}; expected {}",
                    setting.key,
                    stored.value,
                    setting.range_text()
                ),
            }
        }
        config
    }

    /// Returns the defaults for fields that a run leaves out.
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

    /// Returns the budgets for the verdict of a run.
    #[must_use]
    pub fn budgets(&self) -> Budgets {
        Budgets {
            schedule_lag_p99: self.schedule_lag_budget_us * MICROSECOND,
            core_busy_percent: self.core_busy_budget_percent,
            cpu_wait_percent: self.cpu_wait_budget_percent,
            steal_percent: self.steal_budget_percent,
        }
    }

    /// Returns the interval at which shards report.
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
