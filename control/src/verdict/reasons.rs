//! The findings of a verdict, one function each.

use vayu_shared::counters::percent;
use vayu_shared::units::{MILLISECOND, display_span};

use super::{Reason, VerdictInput, VerdictStatus};
use crate::littles_law::{LittlesLaw, TOLERANCE_PERCENT};

/// Schedule lag is invalid above this many times its budget.
pub const LAG_INVALID_FACTOR: u64 = 10;
/// Share of lost arrivals, in percent, above which the measured rate differs from the planned one.
const LOST_INVALID_PERCENT: f64 = 1.0;
/// Share of cancelled requests, in percent, above which the slowest requests may be missing.
const CANCELLED_SUSPECT_PERCENT: f64 = 1.0;
/// Share of cancelled requests, in percent, above which the measured rate differs from the planned one.
const CANCELLED_INVALID_PERCENT: f64 = 5.0;
/// Minimum number of concurrent connections for a connection storm.
const STORM_CONNECTIONS: u64 = 128;
/// A connection storm needs at least this share of all errors from broken connections, in percent, and new or
/// idle connections that the target closed in at least this proportion to the broken ones.
const STORM_ERRORS_PERCENT: f64 = 50.0;
/// Share of unfinished scripts, in percent, above which the checks of a run are suspect.
const UNFINISHED_SCRIPTS_PERCENT: f64 = 1.0;
/// CPU-time budgets are invalid above this many times the budget.
const CPU_TIME_INVALID_FACTOR: f64 = 5.0;

/// Returns all findings.
pub fn all(case: &VerdictInput<'_>) -> Vec<Reason> {
    let findings = [
        run_failed(case),
        interrupted(case),
        no_data(case),
        schedule_lag(case),
        dropped(case),
        exhausted(case),
        connection_storm(case),
        target_saturated(case),
        bursts_queue(case),
        core_busy(case),
        cpu_wait(case),
        throttled(case),
        steal(case),
        cancelled(case),
        littles_law(case),
        scripts_unfinished(case),
        samples_lost(case),
        intervals_lost(case),
        snapshots_deferred(case),
    ];
    findings.into_iter().flatten().collect()
}

fn reason(
    code: &str,
    severity: VerdictStatus,
    (value, budget): (f64, f64),
    message: String,
) -> Option<Reason> {
    Some(Reason {
        code: code.to_owned(),
        severity,
        message,
        value,
        budget,
    })
}

fn invalid_if(invalid: bool) -> VerdictStatus {
    if invalid {
        VerdictStatus::Invalid
    } else {
        VerdictStatus::Suspect
    }
}

fn run_failed(case: &VerdictInput<'_>) -> Option<Reason> {
    let failure = case.failure.filter(|_| !case.interrupted)?;
    let message = format!("The run failed: {failure}.");
    reason("run_failed", VerdictStatus::Invalid, (1.0, 0.0), message)
}

fn interrupted(case: &VerdictInput<'_>) -> Option<Reason> {
    if !case.interrupted {
        return None;
    }
    let message = match case.summary.elapsed_ns {
        0 => "The engine stopped while the run was going on, and nothing of it was stored by then."
            .to_owned(),
        elapsed => format!(
            "The engine stopped while the run was going on. This is what it had measured by its last checkpoint, {} \
             after the beginning.",
            display_span(elapsed)
        ),
    };
    reason("interrupted", VerdictStatus::Invalid, (1.0, 0.0), message)
}

fn no_data(case: &VerdictInput<'_>) -> Option<Reason> {
    if case.summary.accounting.issued > 0 || case.failure.is_some() {
        return None;
    }
    let message = "Nothing was sent, so nothing was measured.".to_owned();
    reason("no_data", VerdictStatus::Invalid, (0.0, 1.0), message)
}

fn schedule_lag(case: &VerdictInput<'_>) -> Option<Reason> {
    let (lag, budget) = (case.lag_p99(), case.budgets.schedule_lag_p99);
    if !case.summary.open_model || lag <= budget {
        return None;
    }
    let message = format!(
        "The generator was late: one arrival in a hundred was released {} or more after it was due \
         (budget {}), and the latencies contain that. Use more shards, a lower rate, or cores that nothing else runs on.",
        case.lag_text(),
        display_span(budget)
    );
    let in_ms = |nanos| nanos as f64 / MILLISECOND as f64;
    let severity = invalid_if(lag > budget.saturating_mul(LAG_INVALID_FACTOR));
    reason(
        "schedule_lag",
        severity,
        (in_ms(lag), in_ms(budget)),
        message,
    )
}

fn dropped(case: &VerdictInput<'_>) -> Option<Reason> {
    let (planned, lost) = case.unsent();
    if !case.summary.open_model || lost == 0 {
        return None;
    }
    let share = percent(lost, planned);
    let message = format!(
        "The rate was not offered: {lost} of {planned} arrivals ({share:.2} %) were never sent. If the schedule lag is within its budget, \
         no connection was free for them: raise maxConnections, or take it that the target cannot serve this rate."
    );
    let severity = invalid_if(share > LOST_INVALID_PERCENT);
    reason("arrivals_dropped", severity, (share, 0.0), message)
}

/// Requests that failed on this machine carry no information about the target.
fn exhausted(case: &VerdictInput<'_>) -> Option<Reason> {
    let (ports, descriptors) = case.exhausted();
    let failed = ports + descriptors;
    if failed == 0 {
        return None;
    }
    let share = percent(failed, case.summary.accounting.issued);
    let knob = if descriptors > ports {
        "Raise the limit of descriptors (ulimit -n), or lower maxConnections"
    } else {
        "Keep connections open, name more local or target addresses, or widen net.ipv4.ip_local_port_range"
    };
    let message = format!(
        "The generator ran out of {}: {failed} requests ({share:.2} %) never left this machine. {knob}.",
        if descriptors > ports {
            "descriptors"
        } else {
            "local ports"
        }
    );
    let severity = invalid_if(share > LOST_INVALID_PERCENT);
    reason("exhausted", severity, (share, 0.0), message)
}

/// A connection storm: errors of broken connections, while many connections are open and others get
/// responses, from a target that also closes new or idle connections. The target has no capacity for so many
/// connections, and the errors carry no information about how it serves requests.
fn connection_storm(case: &VerdictInput<'_>) -> Option<Reason> {
    let summary = case.summary;
    let (peak, broken) = (summary.connections_peak, case.broken_connections());
    let kept_closed = summary.idle_discarded + summary.stale_retries;
    let turned_down = summary.new_connection_failures + kept_closed;
    let is_storm = summary.open_model
        && peak >= STORM_CONNECTIONS
        && summary.accounting.answered > 0
        && broken > 0
        && percent(broken, summary.errors()) >= STORM_ERRORS_PERCENT
        && percent(turned_down, broken) >= STORM_ERRORS_PERCENT;
    if !is_storm {
        return None;
    }
    let share = percent(broken, summary.accounting.issued);
    let message = format!(
        "Connection storm: up to {peak} connections were open, and the target refused, reset or closed some: {broken} \
         requests ({share:.2} %) failed because of it, and {kept_closed} kept-alive connections were replaced. The \
         target may limit connections (accept queue, worker_connections): set --max-connections (maxConnections) \
         below that, or raise the limit of the target."
    );
    let severity = invalid_if(share > LOST_INVALID_PERCENT);
    reason("connection_storm", severity, (share, 0.0), message)
}

fn target_saturated(case: &VerdictInput<'_>) -> Option<Reason> {
    let held = case.summary.growth_held;
    if held == 0 {
        return None;
    }
    let message = format!(
        "Arrivals waited for a connection, and more connections did not raise the throughput (tried {held} times): \
         the target was saturated. Their wait is in the response time; --max-connections sets another limit."
    );
    reason(
        "target_saturated",
        VerdictStatus::Valid,
        (held as f64, 0.0),
        message,
    )
}

/// A quantum saves CPU time of the generator. If its bursts wait for longer than a quantum, it costs more
/// latency than intended.
fn bursts_queue(case: &VerdictInput<'_>) -> Option<Reason> {
    let quantum = case.summary.quantum_ns;
    let wait = case.summary.vu_wait.percentile("p99");
    if quantum == 0 || wait <= quantum {
        return None;
    }
    let message = format!(
        "Bursts queue: one arrival in a hundred waited {} or more for a connection, longer than the quantum of {}, and the response \
         time contains that. Use a smaller quantum, or none, for lower latencies.",
        display_span(wait),
        display_span(quantum)
    );
    let in_ms = |nanos| nanos as f64 / MILLISECOND as f64;
    reason(
        "bursts_queue",
        VerdictStatus::Valid,
        (in_ms(wait), in_ms(quantum)),
        message,
    )
}

/// In the closed model a busy core is expected at full speed, so it is only a note.
fn core_busy(case: &VerdictInput<'_>) -> Option<Reason> {
    let (busy, facts) = case.summary.generator.worst(|shard| shard.core_busy)?;
    let (busy, core) = (busy * 100.0, facts.core);
    let budget = case.budgets.core_busy_percent as f64;
    if busy <= budget {
        return None;
    }
    let shard = facts.shard_busy.unwrap_or(0.0) * 100.0;
    let is_own = shard > budget / 2.0;
    let (severity, meaning) = match (case.summary.open_model, is_own) {
        (true, true) => (
            VerdictStatus::Suspect,
            "; arrivals may have waited for the generator. Use more shards or a lower rate",
        ),
        (true, false) => (
            VerdictStatus::Suspect,
            ", mostly with other work, which arrivals may have waited for. Keep that core free, or name other cores (--cpus)",
        ),
        (false, true) => (
            VerdictStatus::Valid,
            ", which is natural at full speed: the throughput is what this shard can do, and its latencies contain its own queue",
        ),
        (false, false) => (
            VerdictStatus::Valid,
            ", mostly with other work. Keep that core free, or name other cores (--cpus)",
        ),
    };
    let message = format!(
        "Core {core} was busy {busy:.0} % of the time (budget {budget:.0} %), the shard {shard:.0} %{meaning}."
    );
    reason("core_busy", severity, (busy, budget), message)
}

fn cpu_wait(case: &VerdictInput<'_>) -> Option<Reason> {
    let (wait, core) = case.worst_percent(|shard| shard.cpu_wait)?;
    let budget = case.budgets.cpu_wait_percent as f64;
    if wait <= budget {
        return None;
    }
    let message = format!(
        "The shard on core {core} was kept off its core by other work {wait:.0} % of the time (budget {budget:.0} %). \
         Keep that core free: move the target or other processes (taskset), or name other cores (--cpus)."
    );
    let severity = invalid_if(wait > budget * CPU_TIME_INVALID_FACTOR);
    reason("cpu_wait", severity, (wait, budget), message)
}

fn throttled(case: &VerdictInput<'_>) -> Option<Reason> {
    let throttled = case.summary.generator.throttled_ns.filter(|&ns| ns > 0)?;
    let share = percent(throttled, case.summary.elapsed_ns);
    let budget = case.budgets.cpu_wait_percent as f64;
    if share <= 1.0 {
        return None;
    }
    let message = format!(
        "The cgroup's CPU quota held the engine up for {} ({share:.0} % of the run). Raise cpu.max, or start fewer shards (--workers).",
        display_span(throttled)
    );
    let severity = invalid_if(share > budget * CPU_TIME_INVALID_FACTOR);
    reason("cpu_throttled", severity, (share, 1.0), message)
}

fn steal(case: &VerdictInput<'_>) -> Option<Reason> {
    let (steal, core) = case.worst_percent(|shard| shard.steal)?;
    let budget = case.budgets.steal_percent as f64;
    if steal <= budget {
        return None;
    }
    let message = format!(
        "The hypervisor took core {core} away {steal:.0} % of the time (budget {budget:.0} %). Use a dedicated host, or repeat the run at a quieter time."
    );
    let severity = invalid_if(steal > budget * CPU_TIME_INVALID_FACTOR);
    reason("cpu_steal", severity, (steal, budget), message)
}

/// Cut-off requests are in no histogram, and they are the slowest ones.
fn cancelled(case: &VerdictInput<'_>) -> Option<Reason> {
    let books = &case.summary.accounting;
    let cut_off = books.cancelled - books.turned_away.min(books.cancelled);
    let share = percent(cut_off, books.issued);
    if share <= CANCELLED_SUSPECT_PERCENT {
        return None;
    }
    let message = format!(
        "{cut_off} requests ({share:.2} %) were still in flight when the graceful bound was over and are in no latency. Raise gracefulStop to see them, or stop later."
    );
    reason(
        "requests_cut_off",
        invalid_if(case.summary.open_model && share > CANCELLED_INVALID_PERCENT),
        (share, CANCELLED_SUSPECT_PERCENT),
        message,
    )
}

/// A closed run whose latencies do not account for its users' time hides some of it.
fn littles_law(case: &VerdictInput<'_>) -> Option<Reason> {
    let law = LittlesLaw::of(case.summary)?;
    let (severity, share, message) = if !law.holds() {
        let message = format!(
            "Little's law does not hold: the latencies give {:.2} requests at once, and {:.2} virtual users were at work; \
             {:.1} % of their time is in no latency, failure or script. The latencies cannot be trusted.",
            law.requests_at_once, law.users, law.unexplained_percent
        );
        (VerdictStatus::Suspect, law.unexplained_percent, message)
    } else if law.without_latency_percent() > TOLERANCE_PERCENT {
        let message = format!(
            "Mean cycle times rate is {:.2} for {:.2} virtual users: {:.1} % of their time went into requests without an answer \
             and {:.1} % into scripts, and neither is in a latency.",
            law.requests_at_once, law.users, law.unanswered_percent, law.scripts_percent
        );
        (VerdictStatus::Valid, law.without_latency_percent(), message)
    } else {
        return None;
    };
    reason("littles_law", severity, (share, TOLERANCE_PERCENT), message)
}

fn scripts_unfinished(case: &VerdictInput<'_>) -> Option<Reason> {
    let scripts = case.summary.scripts.as_ref()?;
    if scripts.unfinished == 0 {
        return None;
    }
    let (unfinished, calls) = (scripts.unfinished as f64, scripts.calls as f64);
    let share = unfinished * 100.0 / calls.max(1.0);
    let message = format!(
        "{unfinished} of {calls} scripts still waited for a timer or a request when the run ended; what they would have \
         tested is in no count. Give the run a longer gracefulStop, or the scripts less to wait for."
    );
    let severity = match share > UNFINISHED_SCRIPTS_PERCENT {
        true => VerdictStatus::Suspect,
        false => VerdictStatus::Valid,
    };
    reason(
        "scripts_unfinished",
        severity,
        (share, UNFINISHED_SCRIPTS_PERCENT),
        message,
    )
}

fn samples_lost(case: &VerdictInput<'_>) -> Option<Reason> {
    let lost = case.summary.priority_samples_lost;
    if lost == 0 {
        return None;
    }
    let message = format!(
        "{lost} failures or slow requests could not be kept one by one, for lack of room. Counts and latencies hold all of them."
    );
    reason(
        "samples_lost",
        VerdictStatus::Suspect,
        (lost as f64, 0.0),
        message,
    )
}

fn intervals_lost(case: &VerdictInput<'_>) -> Option<Reason> {
    let lost = case.summary.intervals_lost;
    if lost == 0 {
        return None;
    }
    let message = format!(
        "{lost} stretches of the histogram log found no room in the store. The histograms of the whole run hold everything."
    );
    reason(
        "intervals_lost",
        VerdictStatus::Suspect,
        (lost as f64, 0.0),
        message,
    )
}

fn snapshots_deferred(case: &VerdictInput<'_>) -> Option<Reason> {
    let deferred = case.summary.snapshots_deferred;
    if deferred == 0 {
        return None;
    }
    let message = format!(
        "{deferred} snapshots were handed over late, because the control plane was behind. Nothing is lost; live values are coarser."
    );
    reason(
        "snapshots_deferred",
        VerdictStatus::Valid,
        (deferred as f64, 0.0),
        message,
    )
}
