//! The engine's settings: defaults, and what the store holds of them.
//!
//! Settings take effect for the next run. Command-line options are not settings:
//! they say how this process is started.

use std::collections::BTreeMap;

use serde::Serialize;
use vayu_shared::spec::Bounds;
use vayu_shared::units::{MICROSECOND, MILLISECOND, Nanos};
use vayu_shared::validate::Defaults;
use vayu_shared::verdict::Budgets;

/// What `GET /config` tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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
    /// QuickJS contexts over all shards.
    pub context_pool_size: u64,
    /// Most runs at once.
    pub max_concurrent_runs: u64,
    /// Schedule lag, 99th percentile, beyond which a run is suspect, in microseconds.
    pub schedule_lag_budget_us: u64,
    /// Use of a shard's core beyond which a rate run is suspect, in percent.
    pub core_busy_budget_percent: u64,
    /// Time a shard is kept off its core beyond which a run is suspect, in percent.
    pub cpu_wait_budget_percent: u64,
    /// Time the hypervisor takes beyond which a run is suspect, in percent.
    pub steal_budget_percent: u64,
}

/// A setting: its key in the store and in the API, and its range.
struct Setting {
    key: &'static str,
    range: std::ops::RangeInclusive<u64>,
    field: fn(&mut Config) -> &mut u64,
}

const SETTINGS: [Setting; 9] = [
    Setting {
        key: "maxConnections",
        range: 1..=100_000,
        field: |c| &mut c.max_connections,
    },
    Setting {
        key: "defaultTimeout",
        range: 1..=3_600_000,
        field: |c| &mut c.default_timeout,
    },
    Setting {
        key: "statsInterval",
        range: 10..=10_000,
        field: |c| &mut c.stats_interval,
    },
    Setting {
        key: "contextPoolSize",
        range: 1..=4_096,
        field: |c| &mut c.context_pool_size,
    },
    Setting {
        key: "maxConcurrentRuns",
        range: 1..=64,
        field: |c| &mut c.max_concurrent_runs,
    },
    Setting {
        key: "scheduleLagBudgetUs",
        range: 10..=60_000_000,
        field: |c| &mut c.schedule_lag_budget_us,
    },
    Setting {
        key: "coreBusyBudgetPercent",
        range: 1..=100,
        field: |c| &mut c.core_busy_budget_percent,
    },
    Setting {
        key: "cpuWaitBudgetPercent",
        range: 1..=100,
        field: |c| &mut c.cpu_wait_budget_percent,
    },
    Setting {
        key: "stealBudgetPercent",
        range: 1..=100,
        field: |c| &mut c.steal_budget_percent,
    },
];

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
            max_concurrent_runs: 4,
            schedule_lag_budget_us: budgets.schedule_lag_p99 / MICROSECOND,
            core_busy_budget_percent: budgets.core_busy_percent,
            cpu_wait_budget_percent: budgets.cpu_wait_percent,
            steal_budget_percent: budgets.steal_percent,
        }
    }

    /// The defaults with what the store holds put over them. A stored value
    /// that is not legal is left out and told.
    #[must_use]
    pub fn from_settings(workers: usize, settings: &BTreeMap<String, String>) -> Self {
        let mut config = Self::new(workers);
        for Setting { key, range, field } in &SETTINGS {
            let Some(text) = settings.get(*key) else {
                continue;
            };
            match text
                .parse::<u64>()
                .ok()
                .filter(|value| range.contains(value))
            {
                Some(value) => *field(&mut config) = value,
                None => {
                    tracing::warn!("the stored setting {key} is {text:?}; it has to be {range:?}")
                }
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
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
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
