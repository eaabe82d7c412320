//! Tests of a manager with an engine of one shard and its own store.

use serde_json::json;

use super::*;
use crate::contract::{Defaults, run_spec};
use crate::testing::{REFUSED, TestEngine};

impl TestEngine {
    fn status(&self, id: &str) -> Option<RunStatus> {
        let run = self.store.run(id).expect("the store can be read");
        run.map(|run| run.status)
    }

    fn ended(&self, status: RunStatus) -> u64 {
        let ended = self.runs.ended().into_iter();
        ended
            .filter(|(of, _)| *of == status)
            .map(|(_, count)| count)
            .sum()
    }
}

fn order(mode: serde_json::Value) -> PreparedRun {
    let mut body = json!({"request": {"method": "GET", "url": REFUSED}});
    let fields = mode.as_object().expect("an object").clone();
    body.as_object_mut().expect("an object").extend(fields);
    let spec = run_spec(&body, &Defaults::default()).expect("legal");
    PreparedRun::new(spec).expect("possible")
}

/// Returns a run of a minute, unless it is stopped.
fn long() -> PreparedRun {
    order(json!({"mode": "constant", "targetRps": 10, "duration": "60s"}))
}

fn short() -> PreparedRun {
    order(json!({"mode": "iterations", "iterations": 3, "concurrency": 1}))
}

#[test]
fn ids_ascend_however_fast_they_are_asked_for() {
    let lab = TestEngine::new(Config::new(1));
    let number = |id: String| {
        id.trim_start_matches("run_")
            .parse::<i64>()
            .expect("a number")
    };
    let ids: Vec<i64> = (0..1_000).map(|_| number(lab.runs.new_run_id())).collect();
    assert!(ids.is_sorted_by(|before, after| before < after), "{ids:?}");
}

#[tokio::test]
async fn a_run_is_active_until_it_is_stopped_and_then_stored() {
    let lab = TestEngine::new(Config::new(1));
    let id = lab.runs.start(long(), "{}".into()).expect("there is room");
    assert!(lab.runs.live(&id).is_some());
    let StopAnswer::Stopped(_) = lab.runs.stop(&id).await.expect("the store can be read") else {
        panic!("the run did not stop")
    };
    // The caller that stops a run learns of its end first; its slot is free a moment later.
    lab.runs.stop_all().await;
    assert_eq!(lab.status(&id), Some(RunStatus::Stopped));
    assert_eq!(lab.ended(RunStatus::Stopped), 1);
    while lab.runs.live(&id).is_some() {
        tokio::task::yield_now().await;
    }
    let again = lab.runs.stop(&id).await.expect("the store can be read");
    assert!(matches!(
        again,
        StopAnswer::AlreadyStopped(RunStatus::Stopped)
    ));
}

#[tokio::test]
async fn a_run_too_many_leaves_nothing_behind() {
    let lab = TestEngine::new(Config {
        max_concurrent_runs: 1,
        ..Config::new(1)
    });
    let first = lab.runs.start(long(), "{}".into()).expect("there is room");
    let refused = lab.runs.start(long(), "{}".into());
    assert!(matches!(refused, Err(StartError::TooMany(1))));
    let active = lab.runs.active();
    assert_eq!(
        active.iter().map(|live| &live.id).collect::<Vec<_>>(),
        [&first]
    );
    lab.runs.stop_all().await;
    while !lab.runs.active().is_empty() {
        tokio::task::yield_now().await;
    }
    let next = lab.runs.start(short(), "{}".into());
    next.expect("there is room again");
    lab.runs.stop_all().await;
}

#[tokio::test]
async fn what_is_not_known_cannot_be_stopped() {
    let lab = TestEngine::new(Config::new(1));
    let answer = lab.runs.stop("run_1").await.expect("the store can be read");
    assert!(matches!(answer, StopAnswer::Unknown));
    lab.store
        .insert_run(NewRun {
            id: "run_1".into(),
            request_id: None,
            environment_id: None,
            kind: RunType::Load,
            status: RunStatus::Running,
            config_snapshot: "{}".into(),
            start_time: 1,
        })
        .expect("a new id");
    let answer = lab.runs.stop("run_1").await.expect("the store can be read");
    assert!(matches!(answer, StopAnswer::NotRunning));
}

#[test]
fn a_run_on_this_thread_is_stored_when_it_returns() {
    let lab = TestEngine::new(Config::new(1));
    let live = lab.runs.new_run(&StopSwitch::default());
    let id = lab.runs.run_here(live, &short(), "{}".into(), &mut []);
    let id = id.expect("a run");
    assert_eq!(lab.status(&id), Some(RunStatus::Completed));
    let summary = lab.store.run(&id).expect("readable").expect("there");
    assert_eq!(lab.ended(RunStatus::Completed), 1, "{summary:?}");
}

#[test]
fn a_switch_pressed_before_the_run_ends_it_as_it_begins() {
    let lab = TestEngine::new(Config::new(1));
    let stop = StopSwitch::default();
    stop.press();
    let live = lab.runs.new_run(&stop);
    let id = lab.runs.run_here(live, &long(), "{}".into(), &mut []);
    assert_eq!(lab.status(&id.expect("a run")), Some(RunStatus::Stopped));
}
