//! The table of settings: keys, ranges, and labels and descriptions for a form.
//!
//! A setting is a whole number. The number of shards is not a setting: it is fixed when the engine starts.

use std::ops::RangeInclusive;

use vayu_shared::limits;

use super::Config;

/// A setting.
pub struct Setting {
    /// Name in the API and in the store.
    pub key: &'static str,
    /// Range of accepted values.
    pub range: RangeInclusive<u64>,
    /// Number that the value must divide without remainder, if any.
    pub divides: Option<u64>,
    /// Label in a form, with the unit.
    pub label: &'static str,
    /// Description in a form.
    pub description: &'static str,
    /// Section of the form.
    pub category: &'static str,
    field: fn(&mut Config) -> &mut u64,
}

impl Setting {
    /// Returns the setting called `key`.
    #[must_use]
    pub fn find(key: &str) -> Option<&'static Self> {
        SETTINGS.iter().find(|setting| setting.key == key)
    }

    /// Returns whether the value is accepted.
    #[must_use]
    pub fn allows(&self, value: u64) -> bool {
        let has_no_rest = |whole: u64| whole.is_multiple_of(value);
        self.range.contains(&value) && self.divides.is_none_or(has_no_rest)
    }

    /// Returns the accepted range as text for messages.
    #[must_use]
    pub fn range_text(&self) -> String {
        let (min, max) = (self.range.start(), self.range.end());
        let divides = self
            .divides
            .map_or(String::new(), |whole| format!(" that divides {whole}"));
        format!("a whole number from {min} to {max}{divides}")
    }

    /// Returns the value of the setting.
    #[must_use]
    pub fn get(&self, config: &Config) -> u64 {
        *(self.field)(&mut config.clone())
    }

    /// Sets the value of the setting.
    pub fn set(&self, config: &mut Config, value: u64) {
        *(self.field)(config) = value;
    }
}

const GENERAL: &str = "general_engine";
const NETWORK: &str = "network_performance";
const SCRIPTING: &str = "scripting_sandbox";
const OBSERVABILITY: &str = "observability";
const STORAGE: &str = "database_performance";

/// All settings, in the order of a form.
pub static SETTINGS: [Setting; 19] = [
    Setting {
        key: "maxConnections",
        range: 1..=100_000,
        divides: None,
        label: "Connections per run",
        description: "Maximum concurrent connections of a run, over all shards. A run can override it.",
        category: NETWORK,
        field: |c| &mut c.max_connections,
    },
    Setting {
        key: "defaultTimeout",
        range: 1..=3_600_000,
        divides: None,
        label: "Request timeout (ms)",
        description: "Timeout of a request. A request can override it.",
        category: NETWORK,
        field: |c| &mut c.default_timeout,
    },
    Setting {
        key: "statsInterval",
        range: 10..=1_000,
        // Every full second of a run is reported, so it must coincide with the end of an interval.
        divides: Some(1_000),
        label: "Statistics interval (ms)",
        description: "Interval at which shards report, and at which /metrics/live sends events.",
        category: OBSERVABILITY,
        field: |c| &mut c.stats_interval,
    },
    Setting {
        key: "contextPoolSize",
        range: 1..=4_096,
        divides: None,
        label: "Script contexts",
        description: "Most QuickJS contexts of a run, over all shards, and most scripts at once in design mode.",
        category: SCRIPTING,
        field: |c| &mut c.context_pool_size,
    },
    Setting {
        key: "scriptTimeout",
        range: 1..=60_000,
        divides: None,
        label: "Script time in design mode (ms)",
        description: "Maximum time of a script between two pauses. Waiting for a response is a pause.",
        category: SCRIPTING,
        field: |c| &mut c.script_timeout,
    },
    Setting {
        key: "loadScriptTimeout",
        range: 1..=10_000,
        divides: None,
        label: "Script time under load (ms)",
        description: "Maximum time of the scripts of one iteration. A script blocks its shard.",
        category: SCRIPTING,
        field: |c| &mut c.load_script_timeout,
    },
    Setting {
        key: "scriptMemoryMib",
        range: 16..=1_024,
        divides: None,
        label: "Script memory (MiB)",
        description: "Most memory of one QuickJS context.",
        category: SCRIPTING,
        field: |c| &mut c.script_memory_mib,
    },
    Setting {
        key: "scriptBodyBytes",
        range: limits::SCRIPT_BODY_BYTES_RANGE,
        divides: None,
        label: "Response body for scripts under load (bytes)",
        description: "The first bytes of a response body that scripts of a load run see, unless the run says otherwise. Each connection may hold as much.",
        category: SCRIPTING,
        field: |c| &mut c.script_body_bytes,
    },
    Setting {
        key: "maxConcurrentRuns",
        range: 1..=64,
        divides: None,
        label: "Runs at once",
        description: "Maximum concurrent load runs. Further runs are refused.",
        category: GENERAL,
        field: |c| &mut c.max_concurrent_runs,
    },
    Setting {
        key: "maxStoredResults",
        range: 0..=10_000_000,
        divides: None,
        label: "Stored requests per run",
        description: "Maximum single requests stored per run. Near the limit fewer successful requests are sampled; dropped samples are counted.",
        category: STORAGE,
        field: |c| &mut c.max_stored_results,
    },
    Setting {
        key: "keepLoadRuns",
        range: 0..=1_000_000,
        divides: None,
        label: "Load runs kept",
        description: "Number of load runs to keep. Older ones are deleted unless pinned. 0 keeps all.",
        category: STORAGE,
        field: |c| &mut c.keep_load_runs,
    },
    Setting {
        key: "keepDesignRuns",
        range: 0..=1_000_000,
        divides: None,
        label: "Design runs kept",
        description: "Number of design runs to keep. Older ones are deleted unless pinned. 0 keeps all.",
        category: STORAGE,
        field: |c| &mut c.keep_design_runs,
    },
    Setting {
        key: "keepRunsDays",
        range: 0..=36_500,
        divides: None,
        label: "Days that runs are kept",
        description: "Runs begun longer ago are deleted, unless they are pinned; 0 keeps all.",
        category: STORAGE,
        field: |c| &mut c.keep_runs_days,
    },
    Setting {
        key: "keepDetailsDays",
        range: 0..=36_500,
        divides: None,
        label: "Days that details are kept",
        description: "Runs begun longer ago lose their results, series and interval histograms and keep their report, unless they are pinned; 0 keeps all.",
        category: STORAGE,
        field: |c| &mut c.keep_details_days,
    },
    Setting {
        key: "maxDatabaseMib",
        range: 0..=10_485_760,
        divides: None,
        label: "Size of the database (MiB)",
        description: "Maximum database size. Beyond it, details and then runs are deleted, oldest first, unless pinned. 0: no limit.",
        category: STORAGE,
        field: |c| &mut c.max_database_mib,
    },
    Setting {
        key: "scheduleLagBudgetUs",
        range: 10..=60_000_000,
        divides: None,
        label: "Budget of the schedule lag (µs)",
        description: "A rate run whose schedule lag is larger at the 99th percentile is suspect.",
        category: OBSERVABILITY,
        field: |c| &mut c.schedule_lag_budget_us,
    },
    Setting {
        key: "coreBusyBudgetPercent",
        range: 1..=100,
        divides: None,
        label: "Budget of a shard's core (%)",
        description: "A rate run with a shard's core busier than this is suspect.",
        category: OBSERVABILITY,
        field: |c| &mut c.core_busy_budget_percent,
    },
    Setting {
        key: "cpuWaitBudgetPercent",
        range: 1..=100,
        divides: None,
        label: "Budget of waiting for the core (%)",
        description: "CPU wait of a shard above which a run is suspect.",
        category: OBSERVABILITY,
        field: |c| &mut c.cpu_wait_budget_percent,
    },
    Setting {
        key: "stealBudgetPercent",
        range: 1..=100,
        divides: None,
        label: "Budget of steal (%)",
        description: "Steal above which a run is suspect.",
        category: OBSERVABILITY,
        field: |c| &mut c.steal_budget_percent,
    },
];
