//! The counters are exact for any number of executors and connections.

use std::thread;
use std::time::Duration;

use crate::client::Client;
use crate::{origin, origin_on};

#[test]
fn a_thousand_requests_over_many_connections_are_all_counted() {
    let origin = origin_on(vec![0, 1]);
    thread::scope(|scope| {
        for _ in 0..10 {
            scope.spawn(|| {
                let mut client = Client::connect(&origin);
                for _ in 0..90 {
                    client.get("/");
                }
                for _ in 0..10 {
                    client.send("POST /echo HTTP/1.1\r\nHost: o\r\nContent-Length: 3\r\n\r\nabc");
                    client.answer(false);
                }
            });
        }
    });
    let stats = Client::connect(&origin).get("/stats").json();
    assert_eq!(stats["requests"], 1000);
    assert_eq!(stats["bodyBytes"], 300);
    assert_eq!(stats["connections"], 11);
    assert_eq!(
        (&stats["byPath"]["/"], &stats["byPath"]["/echo"]),
        (&900.into(), &100.into())
    );
    assert_eq!(
        (&stats["byMethod"]["GET"], &stats["byMethod"]["POST"]),
        (&900.into(), &100.into())
    );
    assert_eq!(stats["byStatus"], serde_json::json!({"200": 1000}));
}

#[test]
fn looking_and_resetting_leave_no_trace() {
    let origin = origin();
    let mut client = Client::connect(&origin);
    client.get("/");
    client.get("/status/503");
    client.get("/nothing");
    client.get("/stats");
    assert_eq!(origin.counters().requests, 3);
    assert_eq!(origin.counters().by_path["unknown"], 1);
    assert_eq!(client.get("/stats/reset").status, 405);
    assert_eq!(origin.counters().requests, 3);
    assert_eq!(client.request("POST", "/stats/reset").status, 200);
    let counters = origin.counters();
    assert_eq!((counters.requests, counters.connections), (0, 0));
    assert_eq!(counters.open_connections, 1);
    assert!(counters.by_status.is_empty());
}

#[test]
fn closed_connections_are_no_longer_open() {
    let origin = origin();
    let clients: Vec<Client> = (0..20).map(|_| Client::connect(&origin)).collect();
    wait_for_open(&origin, 20);
    drop(clients);
    wait_for_open(&origin, 0);
    assert_eq!(origin.counters().connections, 20);
}

fn wait_for_open(origin: &vayu_origin::Origin, expected: u64) {
    for _ in 0..500 {
        if origin.counters().open_connections == expected {
            return;
        }
        thread::sleep(Duration::from_millis(2));
    }
    assert_eq!(origin.counters().open_connections, expected);
}

#[test]
fn arrivals_are_recorded_from_the_start_on() {
    let origin = origin_on(vec![0, 1]);
    let mut clients = [Client::connect(&origin), Client::connect(&origin)];
    clients[0].get("/");
    assert_eq!(clients[0].get("/arrivals").json()["count"], 0);
    assert_eq!(clients[0].request("POST", "/arrivals/start").status, 200);
    for _ in 0..5 {
        for client in &mut clients {
            client.get("/");
            thread::sleep(Duration::from_millis(2));
        }
    }
    let report = clients[1].get("/arrivals").json();
    let gap_ns = |name: &str| report["gaps"][name].as_u64().expect("a number");
    assert_eq!(report["count"], 10);
    assert!(report["first_ns"].as_u64() < report["last_ns"].as_u64());
    assert!(gap_ns("p50_ns") >= 2_000_000);
    assert!(gap_ns("p50_ns") <= gap_ns("p99_ns") && gap_ns("p99_ns") <= gap_ns("max_ns"));
}
