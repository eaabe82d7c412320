//! Names are resolved again during a run: when their time to live expires, or for every connection. This
//! stops when it is requested to.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, unbounded};
use vayu_control::run::dns_refresh::{RefreshAnswer, RefreshedName, Refresher};
use vayu_control::run::resolver::{FailureKind, Resolver};
use vayu_shared::message::LookupRequest;
use vayu_tests::{Dns, Reply};

const NAME: &str = "target.example";
/// Longer than anything here takes on any machine.
const PATIENCE: Duration = Duration::from_secs(30);

fn resolver(dns: &Dns) -> Arc<Resolver> {
    Arc::new(Resolver::new(&[dns.address()]).expect("a resolver"))
}

fn name() -> RefreshedName {
    RefreshedName {
        host: NAME.to_owned(),
        port: 81,
    }
}

/// A refresher by time to live, after a first lookup, with its answers.
fn per_ttl(dns: &Dns) -> (Refresher, Receiver<RefreshAnswer>) {
    let resolver = resolver(dns);
    let first = resolver.lookup(NAME, 81);
    let (sender, answers) = unbounded();
    let publish = move |answer| sender.send(answer).expect("the test listens");
    let refresher = Refresher::per_ttl(resolver, name(), &first, publish);
    (refresher.expect("a thread"), answers)
}

/// A refresher per connection, with its requests and its answers.
fn per_connection(dns: &Dns) -> (Refresher, Sender<LookupRequest>, Receiver<RefreshAnswer>) {
    let (ask, requests) = unbounded();
    let (sender, answers) = unbounded();
    let publish = move |answer| sender.send(answer).expect("the test listens");
    let refresher = Refresher::per_connection(resolver(dns), name(), requests, publish);
    (refresher.expect("a thread"), ask, answers)
}

fn request(token: u64) -> LookupRequest {
    LookupRequest {
        token,
        shard: 1,
        origin: 0,
    }
}

fn next(answers: &Receiver<RefreshAnswer>) -> RefreshAnswer {
    answers.recv_timeout(PATIENCE).expect("an answer comes")
}

fn told(answer: &RefreshAnswer) -> Vec<String> {
    let addresses = answer.lookup.addresses.iter();
    addresses.map(ToString::to_string).collect()
}

fn wait_until(what: &str, holds: impl Fn() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < until, "still waiting: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_name_is_looked_up_again_when_its_time_to_live_is_over() {
    let dns = Dns::start();
    dns.set(NAME, Reply::addresses(&["10.0.0.1"], 0));
    let (refresher, answers) = per_ttl(&dns);
    dns.set(NAME, Reply::addresses(&["10.0.0.2", "fd00::2"], 0));
    let answer = next(&answers);
    assert_eq!(told(&answer), ["10.0.0.2:81", "[fd00::2]:81"]);
    assert_eq!(answer.request, None, "nobody asked");
    let counts = refresher.counts();
    assert!(counts.made > 0 && counts.failed == 0, "{counts:?}");
    assert!(counts.time > 0, "{counts:?}");
}

#[test]
fn addresses_stay_in_use_while_the_server_fails() {
    let dns = Dns::start();
    dns.set(NAME, Reply::addresses(&["10.0.0.1"], 1));
    let (refresher, answers) = per_ttl(&dns);
    dns.set(NAME, Reply::ServerFailure);
    wait_until("a look-up fails", || refresher.counts().failed > 0);
    dns.set(NAME, Reply::addresses(&["10.0.0.2"], 1));
    assert_eq!(told(&next(&answers)), ["10.0.0.2:81"], "no failure is told");
}

#[test]
fn a_long_time_to_live_asks_nothing_and_ends_at_once() {
    let dns = Dns::start();
    dns.set(NAME, Reply::addresses(&["10.0.0.1"], 3600));
    let (refresher, _answers) = per_ttl(&dns);
    let asked = dns.questions(NAME);
    assert_eq!(refresher.counts().made, 0);
    drop(refresher);
    assert_eq!(dns.questions(NAME), asked, "only the first look-up asked");
}

#[test]
fn every_question_is_answered_with_what_is_true_then() {
    let dns = Dns::start();
    let (refresher, ask, answers) = per_connection(&dns);
    let rows = [
        (Reply::addresses(&["10.0.0.1"], 3600), Ok("10.0.0.1:81")),
        (Reply::addresses(&["10.0.0.2"], 3600), Ok("10.0.0.2:81")),
        (Reply::NoSuchName, Err(FailureKind::NoSuchName)),
        (Reply::addresses(&["10.0.0.3"], 3600), Ok("10.0.0.3:81")),
    ];
    for (token, (reply, wanted)) in (1..).zip(rows) {
        dns.set(NAME, reply.clone());
        ask.send(request(token)).expect("it listens");
        let answer = next(&answers);
        assert_eq!(answer.request, Some(request(token)));
        match wanted {
            Ok(address) => assert_eq!(told(&answer), [address], "{reply:?}"),
            Err(kind) => {
                let failure = answer.lookup.failure.as_ref().expect("it fails");
                assert_eq!(failure.kind, kind, "{reply:?}");
            }
        }
    }
    let counts = refresher.counts();
    assert_eq!((counts.made, counts.failed), (4, 1), "{counts:?}");
}

#[test]
fn questions_that_wait_together_share_a_look_up() {
    let dns = Dns::start();
    dns.set(NAME, Reply::Silence);
    let (refresher, ask, answers) = per_connection(&dns);
    ask.send(request(0)).expect("it listens");
    wait_until("the first look-up begins", || dns.questions(NAME) > 0);
    for token in 1..10 {
        ask.send(request(token)).expect("it listens");
    }
    dns.set(NAME, Reply::addresses(&["10.0.0.1"], 5));
    let tokens: Vec<_> = (0..10).map(|_| next(&answers).request).collect();
    let wanted: Vec<_> = (0..10).map(|token| Some(request(token))).collect();
    assert_eq!(tokens, wanted, "each once, in the order they were asked");
    assert_eq!(
        refresher.counts().made,
        2,
        "one for the first, one for those that came during it"
    );
}

#[test]
fn it_ends_in_the_middle_of_a_look_up() {
    let dns = Dns::start();
    dns.set(NAME, Reply::Silence);
    let (refresher, ask, answers) = per_connection(&dns);
    ask.send(request(0)).expect("it listens");
    wait_until("the look-up begins", || dns.questions(NAME) > 0);
    drop(refresher);
    // The thread has ended, and with it the publisher. If the drop had waited for a lookup, that would have
    // published its failure first.
    assert_eq!(
        answers.recv_timeout(Duration::ZERO).err(),
        Some(crossbeam_channel::RecvTimeoutError::Disconnected)
    );
    assert!(ask.send(request(1)).is_err(), "nobody listens any more");
}
