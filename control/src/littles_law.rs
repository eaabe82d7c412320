//! Little's law, checked against the numbers of a closed run: the mean cycle of a request times the request
//! rate is the number of concurrent requests.
//!
//! A virtual user is always in a request, in a script, or finished. So the reported latencies, summed up,
//! must account for the lifetimes of the users. If they do not, the report hides time that a user of the
//! target would have waited. Source: J. D. C. Little, "A Proof for the Queuing Formula L = λW", 1961.

use serde::Serialize;
use vayu_shared::latency::LatencyStats;
use vayu_shared::units::{MILLISECOND, to_seconds};

use crate::summary::RunSummary;

/// Maximum share of the users' time that may be unexplained, in percent.
pub const TOLERANCE_PERCENT: f64 = 3.0;

/// Both sides of Little's law. Percentages are of the lifetimes of the virtual users.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LittlesLaw {
    /// Mean number of active virtual users over the run.
    pub users: f64,
    /// Mean cycle of an answered request in milliseconds: the wait for a connection plus the service time.
    pub mean_cycle_ms: f64,
    /// Answered requests per second.
    pub rate: f64,
    /// Mean cycle times rate: number of concurrent answered requests.
    pub requests_at_once: f64,
    /// Time in requests that failed or were cancelled.
    pub unanswered_percent: f64,
    /// Time in scripts, including the time that scripts waited.
    pub scripts_percent: f64,
    /// Time that no latency, failure or script accounts for.
    pub unexplained_percent: f64,
}

impl LittlesLaw {
    /// Computes the law for a closed-model run. Returns `None` for other runs, and before a virtual user has
    /// ended.
    #[must_use]
    pub fn of(summary: &RunSummary) -> Option<Self> {
        let (lived, elapsed) = (summary.users.lived_ns, summary.elapsed_ns);
        if summary.open_model || lived <= 0.0 || elapsed == 0 {
            return None;
        }
        let answered = total(&summary.service) + total(&summary.blocked);
        let share = |nanos: f64| nanos * 100.0 / lived;
        let unanswered = summary.users.unanswered_ns;
        let scripted = summary.users.scripted_ns;
        let count = summary.service.count as f64;
        let mean_cycle = if count > 0.0 { answered / count } else { 0.0 };
        Some(Self {
            users: lived / elapsed as f64,
            mean_cycle_ms: mean_cycle / MILLISECOND as f64,
            rate: count / to_seconds(elapsed),
            requests_at_once: answered / elapsed as f64,
            unanswered_percent: share(unanswered),
            scripts_percent: share(scripted),
            unexplained_percent: share(lived - answered - unanswered - scripted),
        })
    }

    /// Returns whether the latencies of the run account for the users' time.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.unexplained_percent.abs() <= TOLERANCE_PERCENT
    }

    /// Returns the time that is explained but not part of any latency, in percent.
    #[must_use]
    pub fn without_latency_percent(&self) -> f64 {
        self.unanswered_percent + self.scripts_percent
    }
}

fn total(stats: &LatencyStats) -> f64 {
    stats.mean_ns * stats.count as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::UserTime;
    use vayu_shared::units::SECOND;

    /// Ten users for ten seconds: 100 requests of one second each fill their time.
    fn run(answered: u64, mean_ns: f64, unanswered_ns: u64, scripted_ns: u64) -> RunSummary {
        let stats = |mean_ns| LatencyStats {
            count: answered,
            mean_ns,
            ..LatencyStats::default()
        };
        RunSummary {
            elapsed_ns: 10 * SECOND,
            service: stats(mean_ns * 0.9),
            blocked: stats(mean_ns * 0.1),
            users: UserTime {
                lived_ns: 100.0 * SECOND as f64,
                unanswered_ns: unanswered_ns as f64,
                scripted_ns: scripted_ns as f64,
            },
            ..RunSummary::default()
        }
    }

    #[test]
    fn the_law_holds_where_latencies_and_failures_fill_the_users_time() {
        let second = SECOND as f64;
        let table = [
            ("all answered", run(100, second, 0, 0), true),
            (
                "failures fill the rest",
                run(60, second, 40 * SECOND, 0),
                true,
            ),
            (
                "scripts fill the rest",
                run(60, second, 10 * SECOND, 30 * SECOND),
                true,
            ),
            ("within the tolerance", run(98, second, 0, 0), true),
            ("time is hidden", run(100, second / 2.0, 0, 0), false),
            ("time is counted twice", run(100, second * 1.2, 0, 0), false),
        ];
        for (name, summary, holds) in table {
            let law = LittlesLaw::of(&summary).expect("a closed run");
            assert_eq!(law.holds(), holds, "{name}: {law:?}");
            assert!((law.users - 10.0).abs() < 1e-9, "{name}");
        }
    }

    #[test]
    fn both_sides_are_told_apart_from_what_is_in_neither() {
        let law = LittlesLaw::of(&run(60, SECOND as f64, 40 * SECOND, 0)).expect("a closed run");
        assert!((law.rate - 6.0).abs() < 1e-9 && (law.mean_cycle_ms - 1_000.0).abs() < 1e-6);
        assert!((law.requests_at_once - 6.0).abs() < 1e-9);
        assert!((law.without_latency_percent() - 40.0).abs() < 1e-9);
    }

    #[test]
    fn open_runs_have_no_users_to_account_for() {
        let mut open = run(100, SECOND as f64, 0, 0);
        open.open_model = true;
        assert_eq!(LittlesLaw::of(&open), None);
        assert_eq!(LittlesLaw::of(&RunSummary::default()), None);
    }
}
