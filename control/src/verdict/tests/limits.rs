//! What limited a run, by its measurements.

use super::*;

#[test]
fn the_limit_is_told_with_its_evidence() {
    let busy = |run: &mut RunSummary| run.generator.shards[0].shard_busy = Some(0.97);
    let table = [
        (
            Limit::Target,
            "because all connections were busy",
            with(|run| run.accounting.issued = 900),
        ),
        (
            Limit::Generator,
            "scripts still waited",
            with(|run| {
                run.accounting.issued = 900;
                run.scripts = Some(scripts(3));
            }),
        ),
        (
            Limit::Generator,
            "schedule lag",
            with(|run| run.schedule_lag = lag(SECOND)),
        ),
        (
            Limit::Generator,
            "core 3",
            with(|run| {
                run.schedule_lag = lag(SECOND);
                busy(run);
            }),
        ),
        (
            Limit::Generator,
            "core 3",
            with(|run| {
                run.open_model = false;
                busy(run);
            }),
        ),
        (
            Limit::Target,
            "nothing was answered",
            with(|run| run.open_model = false),
        ),
        (
            Limit::Target,
            "on average",
            with(|run| (run.open_model, run.service) = (false, lag(5))),
        ),
        (
            Limit::Plan,
            "for one of 8 connections (`maxConnections`)",
            with(|run| {
                (run.open_model, run.service, run.blocked) = (false, lag(5), lag(20));
                (run.service.mean_ns, run.blocked.mean_ns) = (5.0, 20.0);
                (run.reused, run.connections_peak) = (990, 8);
            }),
        ),
    ];
    for (limit, evidence, summary) in table {
        let found = evaluate(&summary).limited_by;
        assert_eq!(found.by, limit, "{found:?}");
        assert!(found.evidence.contains(evidence), "{found:?}");
    }
}
