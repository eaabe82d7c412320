//! Settings: reported with everything a form needs, changed as a whole or not at all, kept across a restart,
//! in effect for the next run.

use serde_json::{Value, json};
use vayu_tests::{Engine, Origin, raw};

const KEYS: [&str; 19] = [
    "maxConnections",
    "defaultTimeout",
    "statsInterval",
    "contextPoolSize",
    "scriptTimeout",
    "loadScriptTimeout",
    "scriptMemoryMib",
    "scriptBodyBytes",
    "maxConcurrentRuns",
    "maxStoredResults",
    "keepLoadRuns",
    "keepDesignRuns",
    "keepRunsDays",
    "keepDetailsDays",
    "maxDatabaseMib",
    "scheduleLagBudgetUs",
    "coreBusyBudgetPercent",
    "cpuWaitBudgetPercent",
    "stealBudgetPercent",
];

fn entry<'a>(config: &'a Value, key: &str) -> &'a Value {
    let mut entries = config["entries"].as_array().expect("entries").iter();
    let found = entries.find(|entry| entry["key"] == key);
    found.unwrap_or_else(|| panic!("no entry {key} in {config:#}"))
}

#[test]
fn every_setting_is_described_beside_the_flat_fields() {
    let engine = Engine::start();
    let config = engine.get("/config").body;
    for (field, value) in [
        ("workers", 1),
        ("maxConnections", 10_000),
        ("defaultTimeout", 30_000),
        ("statsInterval", 100),
        ("contextPoolSize", 64),
    ] {
        assert_eq!(config[field], value, "{field}");
    }
    let categories = [
        "general_engine",
        "database_performance",
        "network_performance",
        "scripting_sandbox",
        "observability",
    ];
    for key in KEYS {
        let entry = entry(&config, key);
        for field in ["value", "label", "description", "default", "min", "max"] {
            assert!(
                entry[field].as_str().is_some_and(|text| !text.is_empty()),
                "{field}: {entry}"
            );
        }
        assert_eq!(entry["type"], "integer", "{entry}");
        assert!(
            categories.iter().any(|known| entry["category"] == *known),
            "{entry}"
        );
        assert_eq!(entry["value"], config[key].to_string(), "{entry}");
        assert_eq!(
            (&entry["default"], &entry["updatedAt"]),
            (&entry["value"], &json!(0))
        );
    }
    assert_eq!(config["entries"].as_array().map(Vec::len), Some(KEYS.len()));
}

#[test]
fn both_forms_change_settings_and_a_restart_keeps_them() {
    let engine = Engine::start();
    let forms = [
        json!({"entries": {"maxConnections": "50", "statsInterval": "250"}}),
        json!({"maxConnections": 60}),
    ];
    for (body, connections) in forms.iter().zip([50, 60]) {
        let answer = engine.post("/config", body);
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.body["maxConnections"], connections, "{body}");
        assert_eq!(answer.body["statsInterval"], 250, "{body}");
        let entry = entry(&answer.body, "maxConnections");
        assert_eq!(
            (&entry["value"], &entry["default"]),
            (&json!(connections.to_string()), &json!("10000"))
        );
        assert!(entry["updatedAt"].as_i64() > Some(0), "{entry}");
        assert_eq!(
            answer.body["entries"],
            engine.get("/config").body["entries"]
        );
        // The same values again are accepted.
        assert_eq!(engine.post("/config", body).status, 200);
    }
    let engine = Engine::in_directory(engine.end(), &["--cpus", "0"]);
    let config = engine.get("/config").body;
    assert_eq!(
        (&config["maxConnections"], &config["statsInterval"]),
        (&json!(60), &json!(250))
    );
}

#[test]
fn what_is_wrong_changes_nothing() {
    let engine = Engine::start();
    let before = engine.get("/config").body;
    for (body, words) in [
        (json!([1]), "`body` has to be a JSON object"),
        (json!({"entries": "x"}), "`entries` has to be an object"),
        (
            json!({"maxConnections": 50, "nonsense": 1}),
            "`nonsense` is not a setting; the settings are maxConnections,",
        ),
        (
            json!({"entries": {"maxConnections": "50", "statsInterval": "9"}}),
            "`statsInterval` is \"9\"; expected a whole number from 10 to 1000 that divides 1000",
        ),
        (
            json!({"maxConnections": 50, "workers": 2}),
            "`workers` cannot be changed at run time",
        ),
        (
            json!({"maxConnections": "many"}),
            "`maxConnections` is \"many\"; expected a whole number from 1 to 100000",
        ),
        (json!({"maxConnections": null}), "`maxConnections` is null"),
    ] {
        let answer = engine.post("/config", &body);
        assert_eq!(
            (answer.status, answer.code()),
            (400, "INVALID_REQUEST"),
            "{body}"
        );
        assert!(
            answer.message().contains(words),
            "{body}: {}",
            answer.message()
        );
    }
    for body in ["", "{", "nonsense"] {
        assert_eq!(
            raw("POST", &engine.url("/config"), &[], body).status,
            400,
            "{body:?}"
        );
    }
    assert_eq!(engine.get("/config").body, before);
}

#[test]
fn a_change_counts_for_the_next_run() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let body = json!({
        "request": {"method": "GET", "url": origin.url("/delay/1000")},
        "mode": "constant", "duration": "30s", "concurrency": 1
    });
    let first = engine.run(&body);
    assert_eq!(
        engine
            .post("/config", &json!({"maxConcurrentRuns": 1}))
            .status,
        200
    );
    let refused = engine.post("/run", &body);
    assert_eq!(
        (refused.status, refused.code()),
        (409, "TOO_MANY_RUNS"),
        "{refused:?}"
    );
    assert_eq!(
        engine
            .post("/config", &json!({"maxConcurrentRuns": 2}))
            .status,
        200
    );
    let second = engine.run(&body);
    for run in [first, second] {
        assert_eq!(run.stop().body["status"], "stopped");
    }
}
