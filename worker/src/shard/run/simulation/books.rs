//! Checks a shard's record: its accounting, and every measured instant against the network's.

use std::collections::{BTreeMap, BTreeSet};

use vayu_shared::outcome::{ErrorClass, Status};
use vayu_shared::phases::PhaseTimings;
use vayu_shared::sample::{Sample, SampleOutcome};
use vayu_shared::spec::Load;
use vayu_shared::step_delta::StepDelta;
use vayu_shared::units::{MILLISECOND, Nanos};

use super::record::Record;
use super::requests::{Expiry, Outcome, Requests};
use super::scenario::Scenario;
use super::{Finding, ensure, same, schedule};

/// Maximum delay of a time limit: the interval of the sweep.
const SWEEP: Nanos = 20 * MILLISECOND;

/// Checks what `shard` recorded.
pub fn check_record(scenario: &Scenario, shard: usize, record: &Record) -> Result<(), Finding> {
    let counters = &record.counters;
    ensure(counters.is_balanced(), || {
        format!("the books do not balance: {counters:?}")
    })?;
    let requests = Requests::of(scenario, record)?;
    judge_counts(record, &requests)?;
    judge_connections(scenario, record, &requests)?;
    // Beyond a limit, samples are left out, and there is no longer one for each request.
    if counters.samples_thinned + counters.priority_samples_lost == 0 {
        judge_samples(scenario, shard, record, &requests)?;
    }
    judge_steps(scenario, record, &requests)?;
    judge_limits(scenario, &requests)?;
    judge_ramp(scenario, shard, &requests)?;
    judge_end(scenario, record)
}

fn judge_samples(
    scenario: &Scenario,
    shard: usize,
    record: &Record,
    requests: &Requests,
) -> Result<(), Finding> {
    let cancelled = judge_instants(record, requests, scenario.epoch)?;
    same(
        "cancelled requests that had been sent",
        record.counters.cancelled - record.counters.turned_away,
        cancelled,
    )?;
    judge_arrivals(scenario, shard, record, requests)
}

fn judge_counts(record: &Record, requests: &Requests) -> Result<(), Finding> {
    let counters = &record.counters;
    same("stale retries", counters.stale_retries, requests.retries)?;
    same("bytes sent", counters.bytes_sent, requests.sent)?;
    same("bytes received", counters.bytes_received, requests.received)?;
    for name in ["response", "service", "vuWait", "blocked"] {
        same(name, record.measured[name], counters.answered())?;
    }
    Ok(())
}

fn judge_connections(
    scenario: &Scenario,
    record: &Record,
    requests: &Requests,
) -> Result<(), Finding> {
    let counters = &record.counters;
    same("connects", counters.connects, requests.connects)?;
    same(
        "connects measured",
        record.measured["connect"],
        requests.connects,
    )?;
    same(
        "requests on kept connections",
        counters.reused,
        requests.reused,
    )?;
    let plan = &scenario.plan;
    let most = match plan.max_requests_per_connection {
        _ if !plan.keep_alive => 1,
        most => most.unwrap_or(u64::MAX),
    };
    let found = requests.most_per_connection;
    ensure(found <= most, || {
        format!("{found} requests on one connection, and {most} may be")
    })
}

/// Checks that every sample matches what the network did, and that every outcome has a sample. Returns the
/// number of cancelled requests.
fn judge_instants(record: &Record, requests: &Requests, epoch: Nanos) -> Result<u64, Finding> {
    let mut told = SampledOutcomes::of(record, epoch)?;
    let mut expected = Vec::new();
    let mut cancelled = 0;
    for request in &requests.all {
        let ended = request.ended;
        match &request.outcome {
            Outcome::Answered {
                status,
                sent,
                first_byte,
                connect,
            } => expected.push((
                ended,
                *status,
                first_byte - sent,
                ended - first_byte,
                *connect,
            )),
            Outcome::Failed(class) => ensure(told.take(ended, *class), || {
                let failures = &told.failures;
                format!(
                    "no failure of {class:?} at {ended}: {:?}",
                    failures.get(&ended)
                )
            })?,
            Outcome::GivenUp(Expiry {
                late: Some((class, _)),
                ..
            }) if told.take(ended, *class) => {}
            Outcome::GivenUp(Expiry { run_is_over, late }) => {
                ensure(*run_is_over, || format!("nothing of {late:?} at {ended}"))?;
                cancelled += 1;
            }
        }
    }
    expected.sort_unstable();
    for (found, expected) in told.answers.iter().zip(&expected) {
        let what = "an answer (ended, status, first byte, download, connect)";
        same(what, found, expected)?;
    }
    same("answers", told.answers.len(), expected.len())?;
    told.failures.retain(|_, classes| !classes.is_empty());
    ensure(told.failures.is_empty(), || {
        format!("failures that did not happen: {:?}", told.failures)
    })?;
    Ok(cancelled)
}

/// The contents of the samples.
struct SampledOutcomes {
    /// End, status and phases of each response.
    answers: Vec<(Nanos, u16, Nanos, Nanos, Nanos)>,
    failures: BTreeMap<Nanos, Vec<ErrorClass>>,
}

impl SampledOutcomes {
    fn of(record: &Record, epoch: Nanos) -> Result<Self, Finding> {
        let mut answers = Vec::new();
        let mut failures: BTreeMap<Nanos, Vec<ErrorClass>> = BTreeMap::new();
        for sample in &record.samples {
            let at = sample.at + epoch;
            match &sample.outcome {
                SampleOutcome::Answered(status) => {
                    let timing = sample.timing.ok_or("a sample without phases")?;
                    let PhaseTimings {
                        first_byte,
                        download,
                        connect,
                        ..
                    } = timing;
                    answers.push((at, status.code(), first_byte, download, connect));
                }
                SampleOutcome::Failed { class, .. } => {
                    failures.entry(at).or_default().push(*class);
                }
            }
        }
        answers.sort_unstable();
        Ok(Self { answers, failures })
    }

    /// Removes a failure of this class. Returns whether there was one.
    fn take(&mut self, at: Nanos, class: ErrorClass) -> bool {
        let Some(failures) = self.failures.get_mut(&at) else {
            return false;
        };
        let found = failures.iter().position(|failure| *failure == class);
        found.map(|found| failures.swap_remove(found)).is_some()
    }
}

/// Checks that each step of an iteration with several steps is counted separately.
fn judge_steps(scenario: &Scenario, record: &Record, requests: &Requests) -> Result<(), Finding> {
    let steps = scenario.plan.steps.len();
    if steps == 1 {
        return same("steps counted", record.steps.len(), 0);
    }
    let mut answers = vec![(0, 0, 0); record.steps.len()];
    for request in &requests.all {
        if let Outcome::Answered { status, .. } = request.outcome {
            let is_success = Status::new(status).is_some_and(Status::is_success);
            let (good, bad, count) = &mut answers[request.step];
            *good += u64::from(is_success);
            *bad += u64::from(!is_success);
            *count += 1;
        }
    }
    let told = record.steps.iter();
    let told = told.map(|step| (step.succeeded, step.refused, step.service.count()));
    same(
        "answers of each step (successes, others, latencies)",
        told.collect(),
        answers,
    )?;
    let sum = |count: fn(&StepDelta) -> u64| record.steps.iter().map(count).sum::<u64>();
    same(
        "failures of all steps",
        sum(|step| step.failed),
        record.counters.errors(),
    )?;
    same(
        "cancelled of all steps",
        sum(|step| step.cancelled),
        record.counters.cancelled,
    )
}

/// Checks that time limits are enforced within one sweep.
fn judge_limits(scenario: &Scenario, requests: &Requests) -> Result<(), Finding> {
    if !scenario.is_exact() {
        return Ok(());
    }
    for request in &requests.all {
        if let Outcome::GivenUp(Expiry {
            late: Some((_, limit)),
            ..
        }) = request.outcome
        {
            let late = request.ended - limit;
            ensure(late <= SWEEP, || {
                format!(
                    "a request was given up {late} ns after its limit, at {}",
                    request.ended
                )
            })?;
        }
    }
    Ok(())
}

/// Checks that no arrival is lost, invented or executed twice.
fn judge_arrivals(
    scenario: &Scenario,
    shard: usize,
    record: &Record,
    requests: &Requests,
) -> Result<(), Finding> {
    let counters = &record.counters;
    let counted = counters.cancelled + counters.dropped + record.samples.len() as u64;
    let expected = counters.offered + counters.further_steps;
    same("requests with an outcome", counted, expected)?;
    let Some(arrivals) = schedule::arrivals(scenario, shard) else {
        return Ok(());
    };
    if scenario.stops.is_empty() {
        same("arrivals", counters.offered, arrivals.len() as u64)?;
    }
    let mut due: BTreeMap<Nanos, u64> = BTreeMap::new();
    for arrival in arrivals {
        *due.entry(arrival).or_default() += 1;
    }
    // A further step is meant to start when the previous step ends.
    let ends: BTreeSet<Nanos> = requests.all.iter().map(|request| request.ended).collect();
    let mut further = 0;
    for sample in &record.samples {
        let intended = intended(sample)?;
        match due.get_mut(&intended).filter(|left| **left > 0) {
            Some(left) => *left -= 1,
            None if ends.contains(&(scenario.epoch + intended)) => further += 1,
            None => return Err(format!("nothing was due at {intended} ns after the epoch")),
        }
    }
    ensure(further <= counters.further_steps, || {
        format!(
            "{further} further steps, of which {} are counted",
            counters.further_steps
        )
    })
}

fn intended(sample: &Sample) -> Result<Nanos, Finding> {
    let intended = sample.at.checked_sub(sample.latency);
    intended.ok_or_else(|| format!("a latency of {} ns from before the epoch", sample.latency))
}

/// Checks that after a ramp no more users are active than its target.
fn judge_ramp(scenario: &Scenario, shard: usize, requests: &Requests) -> Result<(), Finding> {
    let Load::Concurrency(load) = scenario.plan.load else {
        return Ok(());
    };
    if load.most() > scenario.plan.bounds.max_connections / scenario.shards as u64 {
        // Requests wait for a slot in the pool before the network sees them.
        return Ok(());
    }
    if scenario.plan.steps.len() > 1 {
        // A user that has begun an iteration completes it.
        return Ok(());
    }
    let after = scenario.epoch + load.ramp;
    let users = (0..load.target).filter(|user| user % scenario.shards as u64 == shard as u64);
    let users = users.count() as i64;
    let mut changes = Vec::new();
    for request in requests.all.iter().filter(|request| request.began >= after) {
        // At the same instant, ends sort before starts.
        changes.push((request.ended, -1));
        changes.push((request.began, 1));
    }
    changes.sort_unstable();
    let mut at_work = 0;
    for (at, change) in changes {
        at_work += change;
        ensure(at_work <= users, || {
            format!("{at_work} users at work at {at}, after a ramp that leaves {users}")
        })?;
    }
    Ok(())
}

/// Checks that the run ends in time and reports when.
fn judge_end(scenario: &Scenario, record: &Record) -> Result<(), Finding> {
    let conditions = &scenario.conditions;
    let frozen: Nanos = conditions.freezes.iter().map(|(_, length)| length).sum();
    // Allows for a collector that is behind, and for the polls of the last cancelled tasks.
    let slack = 2 * scenario.collects_every
        + 4 * conditions.alarm_delay
        + frozen
        + 20_000 * conditions.poll_cost
        + 20 * MILLISECOND;
    let end = scenario.last_moment();
    let latest = end.max(scenario.begins).saturating_add(slack);
    ensure(record.over <= latest, || {
        format!("over at {} ns, and it had to be at {end}", record.over)
    })?;
    let ended = scenario.epoch + record.ended_at;
    // A run that is stopped before it starts ends at its start.
    ensure(ended <= record.over.max(scenario.epoch), || {
        format!(
            "it says to have ended at {ended} ns, after it was over at {}",
            record.over
        )
    })
}
