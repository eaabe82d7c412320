//! Tables of plans and machines with the resulting warnings.

use super::*;
use crate::machine::clock::{Clocksource, Governor};
use crate::machine::listener::{Listener, Process, Thread};
use crate::machine::local_ports::{LocalPorts, TimeWaitReuse};
use crate::machine::sockets::{Descriptors, TargetSockets};

fn plan() -> PreflightPlan {
    PreflightPlan {
        max_connections: 1_000,
        new_connections: NewConnections::Kept,
        local_addresses: 1,
        target_addresses: 1,
        cores: vec![0, 1],
        target_place: TargetPlace::Loopback,
    }
}

/// Returns a machine that has everything that [`plan`] needs.
fn healthy() -> MachineFacts {
    MachineFacts {
        descriptors: Some(Descriptors {
            open: 40,
            limit: Some(65_536),
        }),
        local_ports: Some(LocalPorts {
            ports: 28_232,
            reuse: TimeWaitReuse::Loopback,
            reuse_delay_ms: 1_000,
        }),
        target_sockets: Some(TargetSockets {
            complete: true,
            ..TargetSockets::default()
        }),
        listener: Some(listener(812, &[2, 3])),
        quota_cores: Some(2.0),
        online: Some(vec![0, 1, 2, 3]),
        clocksource: Some(Clocksource {
            current: "tsc".into(),
            available: vec!["tsc".into()],
        }),
        governors: vec![governor(0, "performance"), governor(1, "performance")],
    }
}

fn listener(process: u32, cores: &[usize]) -> Listener {
    Listener {
        processes: vec![Process {
            id: process,
            threads: vec![Thread {
                id: process,
                name: "target".into(),
                cores: cores.into(),
            }],
            is_whole: true,
        }],
    }
}

fn governor(core: usize, name: &str) -> Governor {
    Governor {
        core,
        name: name.into(),
    }
}

fn clocksource(current: &str, available: &[&str]) -> Option<Clocksource> {
    Some(Clocksource {
        current: current.into(),
        available: available.iter().map(|&name| name.into()).collect(),
    })
}

/// Returns the only warning of a machine that is healthy except for `change`.
fn warned(change: impl FnOnce(&mut PreflightPlan, &mut MachineFacts)) -> Option<PreflightWarning> {
    let (mut plan, mut facts) = (plan(), healthy());
    change(&mut plan, &mut facts);
    let mut warnings = preflight(&plan, &facts);
    assert!(
        warnings.len() <= 1,
        "more than what was changed: {warnings:#?}"
    );
    warnings.pop()
}

#[test]
fn a_healthy_or_unknown_machine_gives_no_warning() {
    assert_eq!(preflight(&plan(), &healthy()), []);
    assert_eq!(preflight(&plan(), &MachineFacts::default()), []);
}

#[test]
fn each_warning_names_what_was_found_and_the_knob() {
    type Change = fn(&mut PreflightPlan, &mut MachineFacts);
    let table: [(&str, &[&str], Change); 10] = [
        (
            "descriptor_limit",
            &[
                "may open 1024",
                "40 open",
                "needs 1076",
                "ulimit -n 1076",
                "LimitNOFILE=1076",
            ],
            |_, facts| {
                facts.descriptors = Some(Descriptors {
                    open: 40,
                    limit: Some(1_024),
                });
            },
        ),
        (
            "local_ports",
            &[
                "28232 local ports are free",
                "needs up to 30000",
                "net.ipv4.ip_local_port_range",
            ],
            |plan, _| plan.max_connections = 30_000,
        ),
        (
            "local_ports",
            &[
                "enough for 470 a second",
                "rests 60 s",
                "sysctl -w net.ipv4.tcp_tw_reuse=1`",
                "keep connections alive",
                "local or more target addresses",
            ],
            |plan, _| {
                plan.target_place = TargetPlace::ThisMachine;
                plan.new_connections = NewConnections::Unbounded;
            },
        ),
        (
            "cores_offline",
            &[
                "1 of 2 shards",
                "core 1 offline",
                "cpu1/online",
                "--cpus",
                "0,2",
            ],
            |_, facts| {
                facts.online = Some(vec![0, 2]);
            },
        ),
        (
            "cgroup_quota",
            &["1.5 of a core's time", "2 shards", "cpu.max", "--workers 1"],
            |_, facts| {
                facts.quota_cores = Some(1.5);
            },
        ),
        (
            "shared_cores",
            &["process 812", "core 1,", "--cpus", "taskset -acp 2,3 812"],
            |_, facts| {
                facts.listener = Some(listener(812, &[1, 2]));
            },
        ),
        (
            "slow_clocksource",
            &["hpet", "echo tsc >", "current_clocksource"],
            |_, facts| {
                facts.clocksource = clocksource("hpet", &["hpet", "tsc"]);
            },
        ),
        (
            "slow_clocksource",
            &["acpi_pm", "clocksource="],
            |_, facts| {
                facts.clocksource = clocksource("acpi_pm", &["acpi_pm"]);
            },
        ),
        (
            "frequency_governor",
            &["powersave", "core 1 ", "performance"],
            |_, facts| {
                facts.governors[1] = governor(1, "powersave");
            },
        ),
        (
            "frequency_governor",
            &["ondemand", "cores 0,1 ", "performance"],
            |_, facts| {
                facts.governors = vec![governor(0, "ondemand"), governor(1, "schedutil")];
            },
        ),
    ];
    for (code, parts, change) in table {
        let warning = warned(change).unwrap_or_else(|| panic!("no {code}"));
        assert_eq!(warning.code, code, "{}", warning.message);
        for part in parts {
            assert!(
                warning.message.contains(part),
                "{code} without {part:?}: {}",
                warning.message
            );
        }
    }
}

#[test]
fn descriptors_are_enough_to_the_last_one() {
    // 40 open, 32 spare, 2 for each of two shards, 1000 connections.
    for (limit, enough) in [(Some(1_076), true), (Some(1_075), false), (None, true)] {
        let warning = warned(|_, facts| facts.descriptors = Some(Descriptors { open: 40, limit }));
        assert_eq!(warning.is_none(), enough, "{limit:?}: {warning:?}");
    }
}

#[test]
fn ports_are_counted_with_those_that_rest() {
    use NewConnections::{Counted, Kept, Unbounded};
    use TargetPlace::{Elsewhere, Loopback};
    let of = |total, seconds: Option<u64>| Counted {
        total,
        duration_ms: seconds.map(|seconds| seconds * 1_000),
    };
    // With 28,232 ports and 1,000 connections at a time: target place, connections opened, pairs of
    // addresses, sockets in use and in TIME_WAIT; whether that suffices.
    let table = [
        (Elsewhere, Kept, (1, 1), (27_232, 0), true),
        (Elsewhere, Kept, (1, 1), (27_233, 0), false),
        (Elsewhere, Kept, (1, 1), (0, 27_233), false),
        (Elsewhere, Kept, (2, 1), (28_233, 10_000), true),
        (Elsewhere, Kept, (0, 0), (0, 0), true),
        // Ports of loopback in TIME_WAIT are free again after a second.
        (Loopback, Kept, (1, 1), (0, 27_233), true),
        // 60 s in TIME_WAIT at 453 per second are 27,180 ports in addition to the 1,000 open ones.
        (Elsewhere, of(453 * 600, Some(600)), (1, 1), (0, 0), true),
        (Elsewhere, of(454 * 600, Some(600)), (1, 1), (0, 0), false),
        (Elsewhere, of(454 * 600, Some(600)), (1, 2), (0, 0), true),
        // A run that opens no more connections than there are ports never lacks any.
        (Elsewhere, of(28_232, Some(1)), (1, 1), (0, 0), true),
        (Elsewhere, of(28_233, Some(1)), (1, 1), (0, 0), false),
        (Elsewhere, of(28_232, None), (1, 1), (0, 0), true),
        (Elsewhere, of(28_233, None), (1, 1), (0, 0), false),
        (Loopback, of(27_000 * 600, Some(600)), (1, 1), (0, 0), true),
        (Loopback, of(28_000 * 600, Some(600)), (1, 1), (0, 0), false),
        (Elsewhere, of(u64::MAX, Some(0)), (1, 1), (0, 0), false),
        (Elsewhere, Unbounded, (1, 1), (0, 0), false),
        (Loopback, Unbounded, (1, 1), (0, 0), true),
        (Loopback, Unbounded, (1, 1), (27_233, 0), false),
    ];
    for (place, new_connections, (local, target), (in_use, time_wait), enough) in table {
        let warning = warned(|plan, facts| {
            plan.target_place = place;
            plan.new_connections = new_connections;
            (plan.local_addresses, plan.target_addresses) = (local, target);
            facts.target_sockets = Some(TargetSockets {
                in_use,
                time_wait,
                ..TargetSockets::default()
            });
        });
        let row = format!("{place:?} {new_connections:?} {local}x{target} {in_use}+{time_wait}");
        assert_eq!(warning.is_none(), enough, "{row}: {warning:?}");
    }
}

#[test]
fn what_does_not_concern_the_run_is_not_warned_of() {
    type Change = fn(&mut PreflightPlan, &mut MachineFacts);
    let table: [(&str, Change); 5] = [
        ("a listener that is not the target", |plan, facts| {
            plan.target_place = TargetPlace::Elsewhere;
            facts.listener = Some(listener(1, &[0, 1]));
        }),
        ("other cores offline", |_, facts| {
            facts.online = Some(vec![0, 1])
        }),
        ("a quota that is enough", |_, facts| {
            facts.quota_cores = Some(2.5)
        }),
        ("an unknown clocksource", |_, facts| {
            facts.clocksource = None
        }),
        ("no governors", |_, facts| facts.governors.clear()),
    ];
    for (what, change) in table {
        assert_eq!(warned(change), None, "{what}");
    }
}

#[test]
fn warnings_have_the_names_of_the_wire() {
    let warning = PreflightWarning {
        code: "cgroup_quota".to_owned(),
        message: "…".into(),
    };
    let json = serde_json::to_value(&warning).expect("plain data");
    assert_eq!(
        json,
        serde_json::json!({"code": "cgroup_quota", "message": "…"})
    );
}
