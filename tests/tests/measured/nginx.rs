//! The same runs against a third-party server: nginx, which closes a connection after 1,000 requests.

use serde_json::json;
use vayu_tests::{Engine, Nginx};

#[test]
fn every_mode_counts_what_nginx_counts() {
    let loads = [
        json!({"mode": "constant", "duration": "2s", "targetRps": 500}),
        json!({"mode": "constant", "duration": "1s", "concurrency": 4}),
        json!({"mode": "iterations", "iterations": 10_000, "concurrency": 8}),
        json!({"mode": "ramp_up", "duration": "1s", "rampUpDuration": "500ms", "concurrency": 6}),
    ];
    for shards in [1, 2] {
        for load in &loads {
            let (engine, nginx) = (Engine::with_shards(shards), Nginx::start());
            let mut body = load.clone();
            body["request"] = json!({"method": "GET", "url": nginx.url("/")});
            body["success_sample_rate"] = json!(1);
            let report = engine.run(&body).finish();
            let total = report["summary"]["totalRequests"]
                .as_u64()
                .expect("a count");
            assert_eq!(
                report["statusCodes"],
                json!({"200": total}),
                "{load}: {report}"
            );
            assert_eq!(
                nginx.requests(),
                total,
                "{load} on {shards} shards: {report}"
            );
        }
    }
}

#[test]
fn everyone_of_a_target_that_may_share_a_core_is_named() {
    let (engine, nginx) = (Engine::with(&["--cpus", "0"]), Nginx::start());
    let report = engine
        .run(&json!({
            "request": {"method": "GET", "url": nginx.url("/")},
            "mode": "iterations", "iterations": 1, "concurrency": 1
        }))
        .finish();
    let warnings = report["generator"]["preflight"].as_array();
    let shared = warnings.into_iter().flatten();
    let mut shared = shared.filter(|warning| warning["code"] == "shared_cores");
    let message = shared.next().map(|warning| warning["message"].to_string());
    let message = message.unwrap_or_else(|| panic!("no shared_cores in {report:#}"));
    // The master and its worker, each with the command that moves it to another core.
    assert_eq!(message.matches("nginx (process ").count(), 2, "{message}");
    let commands = message.split('`').nth(1).expect("commands");
    for command in commands.split("; ") {
        let pid = command.rsplit(' ').next().expect("a process");
        assert!(command.starts_with("taskset -acp "), "{message}");
        assert!(
            message.contains(&format!("nginx (process {pid})")),
            "{message}"
        );
    }
    assert_eq!(commands.split("; ").count(), 2, "{message}");
}
