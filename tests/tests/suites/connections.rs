//! How connections are opened and kept: reuse and its limits, source addresses, and name resolution.

use std::time::Duration;

use serde_json::{Value, json};
use vayu_tests::{Dns, Engine, Origin, Reply, assert_balanced, count, merged, print_line};

fn run(engine: &Engine, url: &str, connection: &Value, extra: &Value) -> Value {
    let body = json!({
        "request": {"method": "GET", "url": url}, "mode": "iterations",
        "iterations": 60, "concurrency": 3, "connection": connection
    });
    engine.run(&merged(body, extra)).finish()
}

/// Returns the URL of the origin with a name that only the test's own server resolves.
fn named(origin: &Origin, name: &str) -> String {
    origin.url("/").replace("127.0.0.1", name)
}

#[test]
fn connections_are_kept_as_long_as_asked() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let table = [
        (json!({}), 3..=3),
        (json!({"keepAlive": false}), 60..=60),
        // Each of three virtual users may end in the middle of a connection.
        (json!({"maxRequests": 5}), 12..=14),
        (json!({"maxConnections": 1}), 1..=1),
    ];
    for (connection, expected) in table {
        origin.reset();
        let report = run(&engine, &origin.url("/"), &connection, &json!({}));
        assert_eq!(report["statusCodes"], json!({"200": 60}), "{connection}");
        let made = count(&report, "transport/connections");
        let transport = &report["transport"];
        assert!(expected.contains(&made), "{connection}: {transport}");
        assert_eq!(count(&report, "connectTime/count"), made);
        assert_eq!(count(&report, "blocked/count"), 60);
        assert_balanced(&report);
    }
}

#[test]
fn without_keep_alive_the_target_is_told() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let sampled = engine.run(&json!({
        "request": {"method": "GET", "url": origin.url("/headers")},
        "mode": "iterations", "iterations": 1, "concurrency": 1, "connection": {"keepAlive": false}
    }));
    let _ = sampled.finish();
    let directory = engine.end();
    let rows = vayu_tests::Database::open(directory.path()).results(&sampled.id);
    let trace = rows[0]
        .trace
        .as_deref()
        .expect("a sample is kept")
        .to_lowercase();
    assert!(
        trace.contains("connection") && trace.contains("close"),
        "{trace}"
    );
}

#[test]
fn connections_leave_from_the_addresses_named() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let local = json!({"localAddresses": ["127.0.0.2", "127.0.0.3"], "keepAlive": false});
    let report = run(&engine, &origin.url("/"), &local, &json!({}));
    assert_eq!(report["statusCodes"], json!({"200": 60}), "{report:#}");
    let foreign = json!({"localAddresses": ["127.0.0.2", "192.0.2.1"]});
    let refused = engine.post(
        "/run",
        &json!({"request": {"method": "GET", "url": origin.url("/")}, "mode": "iterations",
                "iterations": 1, "concurrency": 1, "connection": foreign}),
    );
    assert_eq!(refused.status, 400, "{refused:?}");
    assert!(
        refused.message().contains("connection.localAddresses[1]")
            && refused.message().contains("192.0.2.1"),
        "{refused:?}"
    );
    let wrong_family = json!({"localAddresses": ["::1"]});
    let report = run(
        &engine,
        &origin.url("/"),
        &wrong_family,
        &json!({"iterations": 2}),
    );
    assert_eq!(
        report["errors"]["classes"],
        json!({"connect_other": 2}),
        "{report:#}"
    );
}

#[test]
fn a_name_goes_where_resolve_says() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let url = named(&origin, "lab.example");
    let port = url
        .rsplit(':')
        .next()
        .and_then(|rest| rest.split('/').next());
    let entry = format!("lab.example:{}", port.expect("a port"));
    let report = run(
        &engine,
        &url,
        &json!({"resolve": {entry: "127.0.0.1"}}),
        &json!({}),
    );
    assert_eq!(report["statusCodes"], json!({"200": 60}), "{report:#}");
    assert_eq!(count(&report, "transport/lookups"), 0);
}

#[test]
fn addresses_are_taken_in_turn() {
    let (engine, origin, dns) = (Engine::start(), Origin::start(), Dns::start());
    // Only one of the two addresses answers, so half of the connections are refused.
    dns.set(
        "lab.example",
        Reply::addresses(&["127.0.0.1", "127.0.0.9"], 60),
    );
    let connection = json!({
        "keepAlive": false, "dns": {"servers": [dns.address().to_string()]}
    });
    let report = run(
        &engine,
        &named(&origin, "lab.example"),
        &connection,
        &json!({}),
    );
    assert_eq!(report["statusCodes"], json!({"200": 30}), "{report:#}");
    assert_eq!(report["errors"]["classes"], json!({"connect_refused": 30}));
    assert_eq!(
        dns.questions("lab.example"),
        2,
        "one of each kind of address"
    );
}

#[test]
fn every_connection_can_be_looked_up_anew() {
    let (engine, origin, dns) = (Engine::start(), Origin::start(), Dns::start());
    dns.set("lab.example", Reply::addresses(&["127.0.0.1"], 3600));
    let connection = json!({
        "keepAlive": false,
        "dns": {"policy": "connection", "servers": [dns.address().to_string()]}
    });
    let url = named(&origin, "lab.example");
    let report = run(
        &engine,
        &url,
        &connection,
        &json!({"concurrency": 1, "iterations": 20, "save_timing_breakdown": true}),
    );
    assert_eq!(report["statusCodes"], json!({"200": 20}), "{report:#}");
    assert_eq!(count(&report, "transport/lookups"), 20);
    assert!(
        dns.questions("lab.example") >= 40,
        "{}",
        dns.questions("lab.example")
    );
    assert!(vayu_tests::number(&report, "timingBreakdown/avgDnsMs") > 0.0);
    dns.set("lab.example", Reply::NoSuchName);
    let report = run(&engine, &url, &connection, &json!({"iterations": 4}));
    assert_eq!(
        report["errors"]["classes"],
        json!({"resolve": 4}),
        "{report:#}"
    );
    let message = &report["errors"]["examples"]["resolve"][0]["message"];
    assert!(
        message
            .as_str()
            .is_some_and(|text| text.contains("lab.example")),
        "{message}"
    );
}

#[test]
fn a_name_that_moves_is_followed_when_its_time_is_over() {
    let (engine, origin, dns) = (Engine::start(), Origin::start(), Dns::start());
    dns.set("lab.example", Reply::addresses(&["127.0.0.1"], 1));
    let run = engine.run(&json!({
        "request": {"method": "GET", "url": named(&origin, "lab.example")},
        "mode": "constant", "targetRps": 50, "duration": "4s",
        "connection": {
            "keepAlive": false,
            "dns": {"policy": "ttl", "servers": [dns.address().to_string()]}
        }
    }));
    std::thread::sleep(Duration::from_millis(1_500));
    dns.set("lab.example", Reply::addresses(&["127.0.0.9"], 1));
    let report = run.finish();
    assert_balanced(&report);
    let refused = count(&report, "errors/classes/connect_refused");
    let answered = count(&report, "statusCodes/200");
    print_line(&format!(
        "{answered} answered before the name moved, {refused} refused after"
    ));
    assert!(answered >= 50 && refused >= 25, "{}", report["accounting"]);
    assert_eq!(answered + refused, 200);
}

#[test]
fn who_waits_for_a_connection_at_the_end_is_told_as_never_sent() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let report = engine
        .run(&json!({
            "request": {"method": "GET", "url": origin.url("/delay/100000")},
            "mode": "constant", "duration": "1s", "concurrency": 50, "maxConnections": 5
        }))
        .finish();
    let books = &report["accounting"];
    assert_eq!(books["turnedAway"], 45, "{books}");
    assert_eq!(books["cancelled"], 45, "{books}");
    assert_balanced(&report);
    assert_eq!(origin.requests(), count(&report, "accounting/answered"));
    let reasons = report["verdict"]["reasons"]
        .as_array()
        .into_iter()
        .flatten();
    let mut codes = reasons.map(|reason| &reason["code"]);
    assert!(codes.all(|code| code != "requests_cut_off"), "{report:#}");
}
