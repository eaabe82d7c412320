//! Tables of measurements and their expected verdicts.

mod limits;

use vayu_shared::latency::LatencyStats;
use vayu_shared::script_totals::ScriptsSummary;
use vayu_shared::units::SECOND;

use super::*;
use crate::generator::GeneratorFacts;
use crate::summary::Accounting;

fn lag(p99: Nanos) -> LatencyStats {
    LatencyStats {
        count: 1_000,
        percentiles_ns: [p99; vayu_shared::latency::PERCENTILES.len()],
        ..LatencyStats::default()
    }
}

/// A run of 1,000 arrivals without any finding.
fn good() -> RunSummary {
    RunSummary {
        elapsed_ns: 10 * SECOND,
        open_model: true,
        accounting: Accounting {
            offered: 1_000,
            issued: 1_000,
            answered: 1_000,
            ..Accounting::default()
        },
        schedule_lag: lag(100_000),
        generator: GeneratorFacts {
            shards: vec![ShardFacts {
                core: 3,
                core_busy: Some(0.5),
                shard_busy: Some(0.4),
                cpu_wait: Some(0.01),
                steal: Some(0.0),
                ..ShardFacts::default()
            }],
            ..GeneratorFacts::default()
        },
        ..RunSummary::default()
    }
}

fn with(change: impl FnOnce(&mut RunSummary)) -> RunSummary {
    let mut summary = good();
    change(&mut summary);
    summary
}

/// 100 scripts, of which `unfinished` were cut off.
fn scripts(unfinished: u64) -> ScriptsSummary {
    ScriptsSummary {
        calls: 100,
        unfinished,
        ..ScriptsSummary::default()
    }
}

/// 500 connections, of which `failed` broke before their first response.
fn storm(failed: u64) -> RunSummary {
    with(|run| {
        run.connections_peak = 500;
        run.new_connection_failures = failed;
        let errors = &mut run.accounting.errors;
        errors.insert("closed_early".into(), failed);
    })
}

/// A closed run whose virtual users lived for 1,000 s in total, `answered_s` of it in answered requests and
/// `unanswered_s` in failed ones.
fn closed(answered_s: f64, unanswered_s: f64) -> RunSummary {
    with(|run| {
        run.open_model = false;
        run.users.lived_ns = 1_000.0 * SECOND as f64;
        run.users.unanswered_ns = unanswered_s * SECOND as f64;
        run.service.count = 1_000;
        run.service.mean_ns = answered_s * SECOND as f64 / 1_000.0;
    })
}

#[test]
fn few_connections_or_errors_of_served_ones_are_no_storm() {
    let table = [
        ("few", {
            let mut run = storm(50);
            run.connections_peak = 100;
            run
        }),
        ("of served ones", {
            let mut run = storm(50);
            run.new_connection_failures = 10;
            run
        }),
        ("closed model", {
            let mut run = storm(50);
            run.open_model = false;
            run
        }),
    ];
    for (what, run) in table {
        let reasons = evaluate(&run).reasons;
        let codes: Vec<_> = reasons.iter().map(|reason| reason.code.as_str()).collect();
        assert!(!codes.contains(&"connection_storm"), "{what}: {codes:?}");
    }
}

const PLANNED: RunCompletion<'static> = RunCompletion {
    planned: 1_000,
    stopped: false,
    failure: None,
    interrupted: false,
};

fn evaluate(summary: &RunSummary) -> Verdict {
    Verdict::new(summary, &Budgets::default(), PLANNED)
}

#[test]
fn each_finding_has_its_severity() {
    use VerdictStatus::{Invalid, Suspect, Valid};
    let shard = |change: fn(&mut ShardFacts)| with(|run| change(&mut run.generator.shards[0]));
    let table: [(&str, VerdictStatus, RunSummary); 27] = [
        (
            "schedule_lag",
            Suspect,
            with(|run| run.schedule_lag = lag(3 * MILLISECOND)),
        ),
        (
            "schedule_lag",
            Invalid,
            with(|run| run.schedule_lag = lag(21 * MILLISECOND)),
        ),
        (
            "arrivals_dropped",
            Suspect,
            with(|run| run.accounting.issued = 995),
        ),
        (
            "arrivals_dropped",
            Invalid,
            with(|run| run.accounting.issued = 900),
        ),
        (
            "core_busy",
            Suspect,
            shard(|shard| shard.core_busy = Some(0.95)),
        ),
        (
            "cpu_wait",
            Suspect,
            shard(|shard| shard.cpu_wait = Some(0.2)),
        ),
        (
            "cpu_wait",
            Invalid,
            shard(|shard| shard.cpu_wait = Some(0.6)),
        ),
        ("cpu_steal", Suspect, shard(|shard| shard.steal = Some(0.2))),
        (
            "cpu_throttled",
            Suspect,
            with(|run| run.generator.throttled_ns = Some(SECOND)),
        ),
        (
            "cpu_throttled",
            Invalid,
            with(|run| run.generator.throttled_ns = Some(6 * SECOND)),
        ),
        (
            "requests_cut_off",
            Suspect,
            with(|run| run.accounting.cancelled = 20),
        ),
        (
            "requests_cut_off",
            Invalid,
            with(|run| run.accounting.cancelled = 60),
        ),
        ("connection_storm", Suspect, storm(5)),
        ("connection_storm", Invalid, storm(50)),
        ("connection_storm", Invalid, {
            let mut run = storm(50);
            (run.new_connection_failures, run.idle_discarded) = (5, 40);
            run
        }),
        ("target_saturated", Valid, with(|run| run.growth_held = 2)),
        (
            "bursts_queue",
            Valid,
            with(|run| {
                run.quantum_ns = MILLISECOND;
                run.vu_wait = lag(2 * MILLISECOND);
            }),
        ),
        ("littles_law", Suspect, closed(900.0, 0.0)),
        ("littles_law", Valid, closed(900.0, 100.0)),
        (
            "exhausted",
            Suspect,
            with(|run| {
                run.accounting
                    .errors
                    .insert("connect_no_descriptor".into(), 5);
            }),
        ),
        (
            "exhausted",
            Invalid,
            with(|run| {
                run.accounting
                    .errors
                    .insert("connect_no_local_port".into(), 50);
            }),
        ),
        (
            "intervals_lost",
            Suspect,
            with(|run| run.intervals_lost = 1),
        ),
        (
            "samples_lost",
            Suspect,
            with(|run| run.priority_samples_lost = 1),
        ),
        (
            "scripts_unfinished",
            Valid,
            with(|run| run.scripts = Some(scripts(1))),
        ),
        (
            "scripts_unfinished",
            Suspect,
            with(|run| run.scripts = Some(scripts(2))),
        ),
        (
            "snapshots_deferred",
            Valid,
            with(|run| run.snapshots_deferred = 1),
        ),
        (
            "core_busy",
            Valid,
            with(|run| {
                run.open_model = false;
                run.generator.shards[0].core_busy = Some(0.99);
            }),
        ),
    ];
    for (code, severity, summary) in table {
        let verdict = evaluate(&summary);
        assert_eq!(verdict.status, severity, "{code}: {verdict:?}");
        let codes: Vec<&str> = verdict
            .reasons
            .iter()
            .map(|reason| reason.code.as_str())
            .collect();
        assert_eq!(codes, [code], "{verdict:?}");
        assert!(verdict.reasons[0].message.ends_with('.'), "{verdict:?}");
    }
}

#[test]
fn a_good_run_is_valid_and_limited_by_its_plan() {
    let verdict = evaluate(&good());
    assert_eq!(
        (verdict.status, verdict.reasons.len()),
        (VerdictStatus::Valid, 0)
    );
    assert_eq!(verdict.limited_by.by, Limit::Plan, "{verdict:?}");
}

#[test]
fn a_stopped_run_is_not_blamed_for_what_it_did_not_send() {
    let stopped = with(|run| {
        (
            run.accounting.offered,
            run.accounting.issued,
            run.accounting.answered,
        ) = (10, 10, 10);
    });
    let course = RunCompletion {
        stopped: true,
        ..PLANNED
    };
    let verdict = Verdict::new(&stopped, &Budgets::default(), course);
    assert_eq!(verdict.status, VerdictStatus::Valid, "{verdict:?}");
    assert_eq!(verdict.limited_by.by, Limit::Stop);
    assert_eq!(evaluate(&stopped).status, VerdictStatus::Invalid);
}

#[test]
fn what_others_do_on_the_core_is_no_limit_of_the_generator() {
    let others = with(|run| {
        (run.open_model, run.service) = (false, lag(5));
        run.generator.shards[0].core_busy = Some(1.0);
        run.generator.shards[0].shard_busy = Some(0.02);
    });
    let verdict = evaluate(&others);
    assert_eq!(verdict.limited_by.by, Limit::Target, "{verdict:?}");
    assert!(
        verdict.reasons[0].message.contains("other work"),
        "{verdict:?}"
    );
}

#[test]
fn a_busy_core_is_told_with_its_own_shard() {
    let two = with(|run| {
        let other = ShardFacts {
            core: 1,
            core_busy: Some(0.7),
            shard_busy: Some(0.6),
            ..ShardFacts::default()
        };
        run.generator.shards[0].core_busy = Some(1.0);
        run.generator.shards[0].shard_busy = Some(0.02);
        run.generator.shards.push(other);
    });
    let message = &evaluate(&two).reasons[0].message;
    assert!(
        message.contains("the shard 2 %") && message.contains("other work"),
        "{message}"
    );
}

#[test]
fn who_was_never_sent_was_not_cut_off() {
    let waiting = with(|run| {
        run.open_model = false;
        (run.accounting.cancelled, run.accounting.turned_away) = (90, 90);
    });
    assert_eq!(evaluate(&waiting).reasons, [], "{waiting:?}");
}

#[test]
fn a_run_that_sent_nothing_is_invalid() {
    let nothing = with(|run| run.accounting = Accounting::default());
    let course = RunCompletion {
        stopped: true,
        ..PLANNED
    };
    let verdict = Verdict::new(&nothing, &Budgets::default(), course);
    assert_eq!(verdict.reasons[0].code, "no_data", "{verdict:?}");
    assert_eq!(verdict.status, VerdictStatus::Invalid);
}

#[test]
fn an_interrupted_run_is_invalid_and_says_how_far_it_came() {
    for (elapsed_ns, told) in [
        (3 * SECOND, "3.00 s after the beginning"),
        (0, "nothing of it"),
    ] {
        let course = RunCompletion {
            failure: Some("the engine stopped"),
            interrupted: true,
            ..PLANNED
        };
        let run = with(|run| run.elapsed_ns = elapsed_ns);
        let verdict = Verdict::new(&run, &Budgets::default(), course);
        assert_eq!(verdict.status, VerdictStatus::Invalid);
        let codes: Vec<_> = verdict
            .reasons
            .iter()
            .map(|reason| reason.code.as_str())
            .collect();
        assert_eq!(codes, ["interrupted"]);
        assert!(verdict.reasons[0].message.contains(told), "{verdict:?}");
    }
}

#[test]
fn a_failed_run_is_invalid_and_says_why() {
    let course = RunCompletion {
        failure: Some("shard 1 failed"),
        ..PLANNED
    };
    let verdict = Verdict::new(&good(), &Budgets::default(), course);
    assert_eq!(verdict.status, VerdictStatus::Invalid);
    assert_eq!(
        verdict.reasons[0].message,
        "The run failed: shard 1 failed."
    );
}

#[test]
fn what_is_unknown_is_not_held_against_a_run() {
    let unknown = with(|run| run.generator = GeneratorFacts::default());
    assert_eq!(evaluate(&unknown).status, VerdictStatus::Valid);
}
