//! What limited a run: its plan, the target, the generator, or a stop.

use vayu_shared::units::display_span;

use super::reasons::LAG_INVALID_FACTOR;
use super::{Limit, LimitedBy, VerdictInput};

pub fn limited_by(case: &VerdictInput<'_>) -> LimitedBy {
    let (ports, descriptors) = case.exhausted();
    let (by, evidence) = if let Some(failure) = case.failure
        && case.summary.accounting.offered == 0
    {
        // The run failed before anything was measured.
        (
            Limit::Generator,
            format!("nothing is known of the run: {failure}"),
        )
    } else if case.stopped && case.failure.is_none() {
        let after = display_span(case.summary.elapsed_ns);
        (Limit::Stop, format!("the run was stopped after {after}"))
    } else if ports + descriptors > 0 {
        let failed = ports + descriptors;
        let evidence = format!("{failed} requests found no local port or descriptor to leave by");
        (Limit::Generator, evidence)
    } else if case.summary.open_model {
        open(case)
    } else {
        closed(case)
    };
    LimitedBy { by, evidence }
}

fn open(case: &VerdictInput<'_>) -> (Limit, String) {
    let books = &case.summary.accounting;
    let is_late = case.lag_p99() > case.budgets.schedule_lag_p99;
    let (_, unsent) = case.unsent();
    // With so much lag, unsent arrivals are attributed to the generator.
    let is_lost = case.lag_p99()
        > case
            .budgets
            .schedule_lag_p99
            .saturating_mul(LAG_INVALID_FACTOR);
    if !is_late && unsent == 0 {
        let evidence = format!(
            "all {} arrivals were sent, with a schedule lag of {} at the 99th percentile",
            books.issued,
            case.lag_text()
        );
        return (Limit::Plan, evidence);
    }
    match busiest(case).filter(|_| is_late) {
        Some(busy) => (Limit::Generator, busy),
        None if is_late && (unsent == 0 || is_lost) => {
            let evidence = format!(
                "the schedule lag was {} at the 99th percentile",
                case.lag_text()
            );
            (Limit::Generator, evidence)
        }
        None => unanswered(case, unsent),
    }
}

/// Handles arrivals that found all virtual users occupied, by requests or by waiting scripts.
fn unanswered(case: &VerdictInput<'_>, unsent: u64) -> (Limit, String) {
    let waiting = case.summary.scripts.as_ref();
    let waiting = waiting.map_or(0, |scripts| scripts.unfinished);
    if waiting > 0 {
        let evidence = format!(
            "{unsent} arrivals were never sent, and {waiting} scripts still waited for a timer or a request at the end, \
             each in the place of one"
        );
        return (Limit::Generator, evidence);
    }
    let evidence = format!(
        "{unsent} arrivals were never sent because all connections were busy, with a median service time of {}",
        display_span(case.summary.service.percentile("p50"))
    );
    (Limit::Target, evidence)
}

fn closed(case: &VerdictInput<'_>) -> (Limit, String) {
    if let Some(busy) = busiest(case) {
        return (Limit::Generator, busy);
    }
    if case.summary.service.count == 0 {
        return (Limit::Target, "nothing was answered".to_owned());
    }
    let busy = case.busiest_shard();
    let busy = busy.map_or(String::new(), |(busy, _)| {
        format!(" while the busiest shard was {busy:.0} % busy")
    });
    let waited = display_span(case.summary.service.mean_ns as u64);
    if let Some(capped) = capped(case) {
        let evidence = format!("{capped}, and {waited} for an answer{busy}");
        return (Limit::Plan, evidence);
    }
    let evidence = format!("virtual users waited {waited} on average for an answer{busy}");
    (Limit::Target, evidence)
}

/// Returns evidence that too few connections limited the run: virtual users waited longer for a connection
/// than for a response, while connections were reused and not opened anew.
fn capped(case: &VerdictInput<'_>) -> Option<String> {
    let summary = case.summary;
    let is_reused = summary.reused > summary.service.count / 2;
    (is_reused && summary.blocked.mean_ns > summary.service.mean_ns).then(|| {
        let blocked = display_span(summary.blocked.mean_ns as u64);
        let peak = summary.connections_peak;
        format!(
            "virtual users waited {blocked} on average for one of {peak} connections (`maxConnections`)"
        )
    })
}

/// Returns evidence of a saturated shard, if there is one.
fn busiest(case: &VerdictInput<'_>) -> Option<String> {
    let (busy, core) = case.busiest_shard()?;
    (busy > case.budgets.core_busy_percent as f64).then(|| {
        format!("the shard on core {core} was running or waiting to run {busy:.0} % of the time")
    })
}
