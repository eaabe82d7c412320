//! The same runs against a stranger's server: nginx, which closes a connection
//! after 1,000 requests.

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
