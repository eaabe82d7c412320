//! Statistics of the scripts of a load run: number of executions, their duration, and test results. Like the
//! other counts, these are deltas that merge.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::latency::{LatencyHistogram, LatencyStats};
use crate::units::Nanos;

/// Maximum number of stored failures per check, and of stored script errors.
const MAX_MESSAGES: usize = 5;
/// Maximum number of distinct check names. Further names are counted under [`OTHER_CHECKS`].
const MAX_CHECK_NAMES: usize = 500;
/// The name under which all further checks are counted.
const OTHER_CHECKS: &str = "(other checks)";

/// The earliest messages with their times since the epoch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FirstMessages(Vec<(Nanos, String)>);

impl FirstMessages {
    /// Stores a message if it is among the earliest.
    pub fn add(&mut self, at: Nanos, words: impl FnOnce() -> String) {
        if self.0.len() == MAX_MESSAGES && self.0.last().is_some_and(|(last, _)| *last <= at) {
            return;
        }
        let place = self.0.partition_point(|(time, _)| *time <= at);
        self.0.insert(place, (at, words()));
        self.0.truncate(MAX_MESSAGES);
    }

    fn merge(&mut self, other: &Self) {
        let all = other.0.iter();
        all.for_each(|(at, words)| self.add(*at, || words.clone()));
    }
}

/// One check: all tests with the same name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Check {
    /// Number of passes.
    pub passed: u64,
    /// Number of failures.
    pub failed: u64,
    /// Number of skips.
    pub skipped: u64,
    /// The earliest failure messages.
    pub failures: FirstMessages,
}

/// Statistics of script executions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScriptTotals {
    /// Scripts executed.
    pub calls: u64,
    /// Scripts that threw an error.
    pub errors: u64,
    /// Requests that scripts skipped.
    pub skipped: u64,
    /// Scripts still waiting when the run ended.
    pub unfinished: u64,
    /// Distribution of execution times, excluding waits.
    pub time: LatencyHistogram,
    /// Total execution time, in nanoseconds.
    pub time_ns: u64,
    /// The earliest errors thrown.
    pub thrown: FirstMessages,
    /// The checks by name.
    pub checks: BTreeMap<Arc<str>, Check>,
}

impl ScriptTotals {
    /// Adds all counts of `other`.
    pub fn merge(&mut self, other: &Self) {
        if other.calls == 0 && other.checks.is_empty() {
            return;
        }
        self.calls += other.calls;
        self.errors += other.errors;
        self.skipped += other.skipped;
        self.unfinished += other.unfinished;
        self.time.merge(&other.time);
        self.time_ns += other.time_ns;
        self.thrown.merge(&other.thrown);
        for (name, check) in &other.checks {
            let mine = self.check(name);
            mine.passed += check.passed;
            mine.failed += check.failed;
            mine.skipped += check.skipped;
            mine.failures.merge(&check.failures);
        }
    }

    /// Resets everything and keeps the allocation.
    pub fn clear(&mut self) {
        if self.calls == 0 && self.checks.is_empty() {
            return;
        }
        self.time.clear();
        *self = Self {
            time: std::mem::take(&mut self.time),
            ..Self::default()
        };
    }

    /// Records a script execution of this duration.
    pub fn ran(&mut self, time: Nanos) {
        self.calls += 1;
        self.time_ns += time;
        self.time.record(time);
    }

    /// Returns the check with this name.
    pub fn check(&mut self, name: &str) -> &mut Check {
        let name = if self.checks.len() < MAX_CHECK_NAMES || self.checks.contains_key(name) {
            name
        } else {
            OTHER_CHECKS
        };
        if !self.checks.contains_key(name) {
            self.checks.insert(name.into(), Check::default());
        }
        self.checks.get_mut(name).expect("it was put in")
    }
}

/// Results of one check of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(default, rename_all = "camelCase")]
pub struct CheckSummary {
    /// The name given to `pm.test`.
    pub name: String,
    /// Number of passes.
    pub passed: u64,
    /// Number of failures.
    pub failed: u64,
    /// Number of skips.
    pub skipped: u64,
    /// The first failure messages.
    pub first_failures: Vec<String>,
}

/// Statistics of the scripts of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ScriptsSummary {
    /// Scripts executed.
    pub calls: u64,
    /// Scripts that threw an error.
    pub errors: u64,
    /// Requests that scripts skipped.
    pub skipped: u64,
    /// Scripts still waiting when the run ended.
    pub unfinished: u64,
    /// Distribution of execution times, excluding waits.
    pub time: LatencyStats,
    /// Total execution time, in nanoseconds.
    pub time_ns: u64,
    /// The first errors thrown.
    pub first_errors: Vec<String>,
}

impl ScriptTotals {
    /// Returns the results of the checks, ordered by name.
    #[must_use]
    pub fn check_summaries(&self) -> Vec<CheckSummary> {
        let checks = self.checks.iter();
        let shown = checks.map(|(name, check)| CheckSummary {
            name: name.to_string(),
            passed: check.passed,
            failed: check.failed,
            skipped: check.skipped,
            first_failures: words(&check.failures),
        });
        shown.collect()
    }

    /// Returns the statistics of the scripts, or `None` if no script ran.
    #[must_use]
    pub fn summary(&self) -> Option<ScriptsSummary> {
        (self.calls > 0).then(|| ScriptsSummary {
            calls: self.calls,
            errors: self.errors,
            skipped: self.skipped,
            unfinished: self.unfinished,
            time: self.time.stats(),
            time_ns: self.time_ns,
            first_errors: words(&self.thrown),
        })
    }
}

fn words(first: &FirstMessages) -> Vec<String> {
    first.0.iter().map(|(_, words)| words.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn totals(at: Nanos, names: &[&str]) -> ScriptTotals {
        let mut totals = ScriptTotals::default();
        totals.ran(at);
        for name in names {
            let check = totals.check(name);
            check.failed += 1;
            check.failures.add(at, || format!("{name} at {at}"));
        }
        totals
    }

    #[test]
    fn merging_keeps_the_first_words_in_any_order() {
        let parts: Vec<ScriptTotals> = (0..9).map(|at| totals(at * 7 % 9, &["a", "b"])).collect();
        let merged = |order: &mut dyn Iterator<Item = &ScriptTotals>| {
            let mut sum = ScriptTotals::default();
            order.for_each(|part| sum.merge(part));
            sum
        };
        let there = merged(&mut parts.iter());
        let back = merged(&mut parts.iter().rev());
        assert_eq!(there, back);
        let checks = there.check_summaries();
        assert_eq!((checks.len(), checks[0].failed), (2, 9));
        assert_eq!(checks[0].first_failures[0], "a at 0");
        assert_eq!(checks[0].first_failures.len(), MAX_MESSAGES);
    }

    #[test]
    fn names_without_end_are_put_together() {
        let mut totals = ScriptTotals::default();
        for number in 0..MAX_CHECK_NAMES + 100 {
            totals.check(&format!("check {number}")).passed += 1;
        }
        assert_eq!(totals.checks.len(), MAX_CHECK_NAMES + 1);
        assert_eq!(totals.check(OTHER_CHECKS).passed, 100);
    }
}
