//! Runs the engine against a minimal server, for cases that the suites cannot cause from outside, like a
//! failing shard.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use vayu_shared::plan::Origin;
use vayu_shared::snapshot::Delta;
use vayu_shared::spec::Load;
use vayu_shared::units::SECOND;
use vayu_shared::vu_schedule::VuSchedule;

use super::*;

/// Starts a server that answers every request of every connection.
fn server() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("bound");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            std::thread::spawn(move || {
                let mut buffer = [0; 1024];
                while stream.read(&mut buffer).is_ok_and(|n| n > 0) {
                    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
                    if stream.write_all(answer).is_err() {
                        return;
                    }
                }
            });
        }
    });
    address
}

fn plan(address: SocketAddr, load: Load) -> Arc<Plan> {
    Arc::new(Plan {
        origins: vec![Origin {
            addresses: vec![address],
            ..Origin::default()
        }],
        load,
        ..crate::bench_api::plan()
    })
}

fn engine(driver: Driver) -> Engine {
    Engine::start(&EngineConfig {
        cpus: vec![0, 0],
        driver,
        fence: Arc::default(),
    })
    .expect("an engine")
}

/// Merges everything a run reports, or returns why it failed.
fn outcome(run: &ActiveRun) -> Result<Delta, String> {
    let mut total = Delta::default();
    for _ in 0..run.shard_count {
        loop {
            let event = run
                .events
                .recv_timeout(Duration::from_secs(20))
                .expect("an event");
            match event {
                ShardEvent::Snapshot(snapshot) => total.merge(&snapshot.delta),
                ShardEvent::Done { snapshot, .. } => {
                    total.merge(&snapshot.delta);
                    break;
                }
                ShardEvent::Failed { reason, .. } => return Err(reason),
            }
        }
    }
    Ok(total)
}

fn iterations(count: u64) -> Load {
    Load::Iterations {
        iterations: count,
        vus: 4,
        duration: None,
    }
}

#[test]
fn iterations_are_made_on_both_drivers() {
    let address = server();
    for driver in [Driver::IoUring, Driver::Legacy] {
        let engine = engine(driver);
        let run = engine.begin(plan(address, iterations(501)), Needs::default());
        let total = outcome(&run).expect("the run succeeds");
        assert_eq!(
            total.counters.answered(),
            501,
            "{driver:?}: {:?}",
            total.counters
        );
        assert!(total.counters.is_balanced(), "{driver:?}");
        assert_eq!(total.latencies.response.count(), 501);
    }
}

#[test]
fn a_failed_shard_fails_its_runs_and_serves_on() {
    let address = server();
    let engine = engine(Driver::IoUring);
    let forever = Load::Concurrency(VuSchedule::constant(4, Some(60 * SECOND)));
    let run = engine.begin(plan(address, forever), Needs::default());
    std::thread::sleep(Duration::from_millis(100));
    engine.shards[1].post(Command::Panic);
    let reason = outcome(&run).map(|_| ()).expect_err("the run fails");
    assert!(reason.contains("shard 1 failed: on purpose"), "{reason}");
    run.handle().stop();
    let next = outcome(&engine.begin(plan(address, iterations(50)), Needs::default()));
    assert_eq!(next.expect("the engine serves on").counters.answered(), 50);
}

#[test]
fn a_stopped_run_ends_at_once_and_balances() {
    let address = server();
    let engine = engine(Driver::IoUring);
    let forever = Load::Concurrency(VuSchedule::constant(4, Some(60 * SECOND)));
    let run = engine.begin(plan(address, forever), Needs::default());
    std::thread::sleep(Duration::from_millis(200));
    run.handle().stop();
    let total = outcome(&run).expect("the run ends");
    assert!(
        total.counters.answered() > 0 && total.counters.is_balanced(),
        "{:?}",
        total.counters
    );
}
