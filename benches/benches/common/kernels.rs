//! The hot-path kernels, for the benches that measure their time and count their instructions.

use std::hint::black_box;

use vayu_shared::arrivals::{ArrivalPattern, ArrivalRate, ShardArrivals};
use vayu_shared::limits;
use vayu_shared::snapshot::Delta;
use vayu_shared::units::SECOND;
use vayu_worker::bench_api::{Heads, Records, head_length};
use vayu_worker::script::{
    BodyLimit, Guess, Lifetime, ResponseParts, ScriptContext, ScriptLimits, Scripts, TestOutcome,
};

const ANSWER: &[u8] =
    b"HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Tue, 24 Nov 2026 19:00:00 GMT\r\n\
    Content-Type: text/plain\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok";

const CHECK: &str = "pm.test('ok', () => { pm.expect(pm.response.code).to.equal(200); });";

const FIVE_CHECKS: &str = r#"
pm.test("Status code is 200", function () { pm.response.to.have.status(200); });
pm.test("Response time is less than 200ms", function () { pm.expect(pm.response.responseTime).to.be.below(200); });
pm.test("Content-Length is present", function () { pm.response.to.have.header("Content-Length"); });
pm.test("Successful request", function () { pm.expect(pm.response.code).to.be.oneOf([200, 201, 202]); });
pm.test("Body matches string", function () { pm.expect(pm.response.text()).to.include("x"); });
"#;

const JSON_CHECK: &str = "pm.test('id', () => { pm.expect(pm.response.json().id).to.equal(7); });";

const UNDECLARED: &str =
    "code = pm.response.code; pm.test('ok', () => { pm.expect(code).to.equal(200); });";

const PATCH: &str = "Array.prototype.last = function () { return this[this.length - 1]; };
pm.test('ok', () => { pm.expect([pm.response.code].last()).to.equal(200); });";

/// A kernel that takes milliseconds because it creates a new context for each call.
pub const SLOW: &str = "script that changes a built-in";

/// A name, and a factory for a function that calls the kernel once. Each kernel is created separately: a
/// script context starts a thread whose instructions would be counted with the other kernels.
pub type Kernel = (&'static str, fn() -> Box<dyn FnMut()>);

/// Returns all kernels.
pub fn all() -> Vec<Kernel> {
    vec![
        ("arrival, even", || arrival(ArrivalPattern::Even)),
        ("arrival, Poisson", || {
            arrival(ArrivalPattern::Poisson { seed: 1 })
        }),
        ("head, parsed", || {
            Box::new(|| {
                black_box(head_length(black_box(ANSWER)));
            })
        }),
        ("head, as the one before", known_head),
        ("answer recorded", || record(0.0)),
        ("answer recorded and kept", || record(100.0)),
        ("delta merged", merge),
        ("script with one check", || script(CHECK, b"ok")),
        ("script with five checks", || script(FIVE_CHECKS, b"xyz")),
        ("script that reads JSON", || {
            script(JSON_CHECK, big_json().as_bytes())
        }),
        ("script with an undeclared name", || {
            script(UNDECLARED, b"ok")
        }),
        (SLOW, || script(PATCH, b"ok")),
    ]
}

fn arrival(pattern: ArrivalPattern) -> Box<dyn FnMut()> {
    let rate = ArrivalRate::per_second(20_000.0).expect("a legal rate");
    let mut cursor = ShardArrivals::new(rate, pattern, u64::MAX, 0, 1).cursor();
    Box::new(move || {
        black_box(cursor.advance());
    })
}

fn known_head() -> Box<dyn FnMut()> {
    let heads = Heads::default();
    Box::new(move || {
        black_box(heads.length(black_box(ANSWER)));
    })
}

fn record(sample_percent: f64) -> Box<dyn FnMut()> {
    let head_len = head_length(ANSWER).expect("a head");
    let (mut records, mut spare) = (Records::new(sample_percent), Some(Box::default()));
    let mut now = SECOND;
    Box::new(move || {
        now += 7_000;
        records.answered(now - 450_000 - now % 100_000, now, head_len, ANSWER);
        // Drain the samples regularly, as the end of an interval does.
        if now.is_multiple_of(7_000 * 1_000) {
            let mut taken = records.take(spare.take().unwrap_or_default());
            taken.clear();
            spare = Some(taken);
        }
    })
}

fn merge() -> Box<dyn FnMut()> {
    let head_len = head_length(ANSWER).expect("a head");
    let mut records = Records::new(0.0);
    for answer in 1..1_000 {
        records.answered(SECOND, SECOND + answer * 700, head_len, ANSWER);
    }
    let (mut sum, delta) = (Box::<Delta>::default(), records.take(Box::default()));
    Box::new(move || sum.merge(black_box(&delta)))
}

/// Returns a JSON object of 1.1 KiB, most of it in an array.
fn big_json() -> String {
    let items = r#"{"sku": "A-1", "price": 16.5, "tags": ["a", "b"]}, "#.repeat(22);
    format!(r#"{{"id": 7, "items": [{items}null]}}"#)
}

/// Runs script iterations as a shard does: in one context as long as it is reusable, otherwise in a new one
/// each time.
fn script(text: &str, body: &[u8]) -> Box<dyn FnMut()> {
    let scripts = Scripts {
        pre: String::new(),
        test: text.to_owned(),
    };
    let guess = Guess::of(&scripts);
    let body = body.to_vec();
    let mut kept = Some(context(&scripts, &guess, &body));
    Box::new(move || {
        let mut context = kept
            .take()
            .unwrap_or_else(|| context(&scripts, &guess, &body));
        let ran = context.run_to_completion(1, Some((200, 0.5)));
        ran.expect("the script ends");
        let state = context.state();
        let mut tests = state.kept_tests.iter();
        assert!(
            tests.all(|test| test.outcome == TestOutcome::Passed),
            "{:?}",
            state.kept_tests
        );
        drop(state);
        kept = Some(context).filter(ScriptContext::is_fit);
    })
}

fn context(scripts: &Scripts, guess: &Guess, body: &[u8]) -> ScriptContext {
    let lifetime = Lifetime::first(guess);
    let script_limits = ScriptLimits {
        time: 60 * SECOND,
        memory: 64 * 1024 * 1024,
        stack: 256 * 1024,
    };
    let context = ScriptContext::with_lifetime(scripts, script_limits, || 0, lifetime, guess);
    let context = context.unwrap_or_else(|(_, error)| panic!("no context: {error}"));
    let head_len = head_length(ANSWER).expect("a head");
    let limit = BodyLimit {
        bytes: limits::SCRIPT_BODY_BYTES,
        setting: "scriptBodyBytes",
    };
    let mut response = ResponseParts::with_limit(limit);
    response.set(&ANSWER[..head_len], body, body.len() as u64);
    context.state().response = response;
    context
}
