//! Names are resolved through a name server: what is reported about an answer, that no answer is cached, and
//! how failures are distinguished.

use std::time::Duration;

use vayu_control::run::resolver::{FailureKind, Lookup, Resolver};
use vayu_shared::limits::{DNS_LOOKUP, DNS_TIMEOUT};
use vayu_tests::{Dns, Reply};

const NAME: &str = "target.example";

fn asking(servers: &[&Dns]) -> Resolver {
    let addresses: Vec<_> = servers.iter().map(|server| server.address()).collect();
    Resolver::new(&addresses).expect("a resolver")
}

fn told(lookup: &Lookup) -> Vec<String> {
    lookup.addresses.iter().map(ToString::to_string).collect()
}

#[test]
fn answers_are_told_with_order_and_shortest_time_to_live() {
    let dns = Dns::start();
    let resolver = asking(&[&dns]);
    let mixed = vec![
        ("fd00::1".parse().expect("an address"), 30),
        ("10.0.0.2".parse().expect("an address"), 60),
        ("10.0.0.1".parse().expect("an address"), 7),
    ];
    let rows: [(Reply, &[&str], u64); 4] = [
        (Reply::addresses(&["10.0.0.1"], 5), &["10.0.0.1:81"], 5),
        (Reply::addresses(&["fd00::1"], 0), &["[fd00::1]:81"], 0),
        (
            Reply::addresses(&["10.0.0.1", "10.0.0.1"], 9),
            &["10.0.0.1:81"],
            9,
        ),
        (
            Reply::Addresses(mixed),
            &["10.0.0.2:81", "10.0.0.1:81", "[fd00::1]:81"],
            7,
        ),
    ];
    for (reply, addresses, ttl) in rows {
        dns.set(NAME, reply.clone());
        let lookup = resolver.lookup(NAME, 81);
        assert_eq!(told(&lookup), addresses, "{reply:?}: {lookup:?}");
        assert_eq!(
            lookup.valid_for,
            Some(Duration::from_secs(ttl)),
            "{reply:?}"
        );
        assert!(
            lookup.failure.is_none() && lookup.took > 0,
            "{reply:?}: {lookup:?}"
        );
    }
}

#[test]
fn failures_are_told_apart() {
    let dns = Dns::start();
    let resolver = asking(&[&dns]);
    let rows = [
        (NAME, Reply::NoSuchName, FailureKind::NoSuchName),
        (NAME, Reply::Addresses(Vec::new()), FailureKind::NoAddresses),
        (NAME, Reply::ServerFailure, FailureKind::ServerFailure),
        (NAME, Reply::Refused, FailureKind::ServerFailure),
        ("a..b", Reply::NoSuchName, FailureKind::NoSuchName),
    ];
    for (name, reply, kind) in rows {
        dns.set(name, reply.clone());
        let lookup = resolver.lookup(name, 81);
        let failure = lookup.failure.as_ref().expect("it fails");
        assert_eq!(failure.kind, kind, "{reply:?}: {lookup:?}");
        assert!(failure.message.contains(name), "{failure}");
        assert!(lookup.addresses.is_empty() && lookup.valid_for.is_none());
    }
}

#[test]
fn no_answer_is_kept() {
    let dns = Dns::start();
    let resolver = asking(&[&dns]);
    for (round, address) in [(1, "10.0.0.1"), (2, "10.0.0.2")] {
        dns.set(NAME, Reply::addresses(&[address], 3600));
        assert_eq!(
            told(&resolver.lookup(NAME, 81)),
            [format!("{address}:81")],
            "the answer before must not be told again"
        );
        assert!(dns.questions(NAME) >= 2 * round, "one for A, one for AAAA");
    }
    dns.set(NAME, Reply::NoSuchName);
    assert!(resolver.lookup(NAME, 81).failure.is_some());
    dns.set(NAME, Reply::addresses(&["10.0.0.3"], 3600));
    let lookup = resolver.lookup(NAME, 81);
    assert_eq!(
        told(&lookup),
        ["10.0.0.3:81"],
        "failures are not kept either"
    );
}

#[test]
fn literals_and_localhost_ask_nobody() {
    let dns = Dns::start();
    let resolver = asking(&[&dns]);
    for name in ["localhost", "api.localhost", "127.0.0.1", "::1"] {
        dns.set(name, Reply::addresses(&["10.0.0.1"], 5));
        let lookup = resolver.lookup(name, 81);
        assert!(!lookup.addresses.is_empty(), "{name}: {lookup:?}");
        let loopback = |address: &std::net::SocketAddr| address.ip().is_loopback();
        assert!(lookup.addresses.iter().all(loopback), "{name}: {lookup:?}");
        assert_eq!(lookup.valid_for, None, "{name}");
        assert_eq!(dns.questions(name), 0, "{name}");
    }
}

#[test]
fn a_silent_server_is_given_up_and_the_next_one_asked() {
    let (silent, answering) = (Dns::start(), Dns::start());
    silent.set(NAME, Reply::Silence);
    answering.set(NAME, Reply::addresses(&["10.0.0.1"], 5));
    let lookup = asking(&[&silent]).lookup(NAME, 81);
    let failure = lookup.failure.as_ref().expect("nobody answers");
    assert_eq!(failure.kind, FailureKind::Timeout, "{lookup:?}");
    let asked = silent.questions(NAME);
    // Timers wait at least as long as specified; the upper bound has slack.
    assert!(
        (DNS_TIMEOUT..2 * DNS_LOOKUP).contains(&lookup.took),
        "{lookup:?}"
    );
    // Which of two servers is queried first is random until one was queried. Afterwards their response times
    // decide, which a busy machine changes. So each round has a new resolver.
    for _ in 0..20 {
        let lookup = asking(&[&silent, &answering]).lookup(NAME, 81);
        assert_eq!(told(&lookup), ["10.0.0.1:81"], "{lookup:?}");
        if silent.questions(NAME) > asked {
            return;
        }
    }
    panic!("the silent one was passed over in 20 rounds");
}

#[test]
fn many_threads_may_ask_at_once() {
    let dns = Dns::start();
    let resolver = asking(&[&dns]);
    let names: Vec<String> = (0..8).map(|number| format!("n{number}.example")).collect();
    for (number, name) in names.iter().enumerate() {
        dns.set(name, Reply::addresses(&[&format!("10.0.0.{number}")], 5));
    }
    std::thread::scope(|scope| {
        for (number, name) in names.iter().enumerate() {
            let resolver = &resolver;
            scope.spawn(move || {
                for _ in 0..20 {
                    let lookup = resolver.lookup(name, 81);
                    assert_eq!(told(&lookup), [format!("10.0.0.{number}:81")], "{lookup:?}");
                }
            });
        }
    });
}
