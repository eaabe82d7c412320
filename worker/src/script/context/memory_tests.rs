//! Tests of the memory limit, for QuickJS's memory and for what scripts hold outside of it.

use vayu_shared::units::{MILLISECOND, SECOND};

use super::tests::now_ns;
use super::*;
use crate::script::guess::Guess;
use crate::script::scripts::Scripts;

const LIMITS: ScriptLimits = ScriptLimits {
    time: 20 * SECOND,
    memory: 16 * 1024 * 1024,
    stack: 512 * 1024,
};

fn context(test: &str) -> ScriptContext {
    context_within(LIMITS, test)
}

fn context_within(limits: ScriptLimits, test: &str) -> ScriptContext {
    let scripts = Scripts {
        pre: String::new(),
        test: test.to_owned(),
    };
    let guess = Guess::of(&scripts);
    let made = ScriptContext::with_lifetime(&scripts, limits, now_ns, Lifetime::Shared, &guess);
    let context = made.unwrap_or_else(|(name, error)| panic!("{name}: {error}"));
    context.state().request = r#"{"method":"GET","url":"http://a/","header":[]}"#.to_owned();
    context.state().keeps_logs = true;
    context
}

/// Bytes that a script holds outside of QuickJS at its end.
fn held(context: &ScriptContext) -> usize {
    let state = context.state();
    let tests = state.tests.iter().chain(&state.kept_tests);
    let names: usize = tests.map(|test| test.name.capacity()).sum();
    let lines: usize = state.logs.iter().map(|line| line.message.capacity()).sum();
    let sends: usize = state.sends.iter().map(|(_, json)| json.capacity()).sum();
    state.scopes.bytes() + names + lines + sends
}

#[test]
fn what_is_held_outside_counts_as_well() {
    const TEXT: &str = "const s = 'x'.repeat(3e6); ";
    for script in [
        "for (let i = 0; i < 100; i++) pm.variables.set('k' + i, s);",
        "for (let i = 0; i < 100; i++) pm.globals.set('k' + i, s);",
        "for (let i = 0; i < 100; i++) pm.test(s + i, () => {});",
        "for (let i = 0; i < 100; i++) pm.test('t' + i, () => { throw new Error(s); });",
        "for (let i = 0; i < 100; i++) pm.test.skip(s);",
        "for (let i = 0; i < 100; i++) pm.sendRequest({url: 'http://a/', method: 'POST', body: s}, () => {});",
        "pm.variables.set('k', s); pm.variables.replaceIn('{{k}}'.repeat(100));",
        "pm.variables.set('k', s); for (let i = 0, t = ''; i < 100; i++) { t += s; pm.variables.set('k', t); }",
        "for (let i = 0; i < 1000; i++) pm.variables.set('k' + i, s.slice(i)); const all = [];\
         for (;;) all.push(s.slice(1));",
    ] {
        let mut context = context(&format!("{TEXT}{script}"));
        let ran = context.run_test(0, Some((200, 1.0)));
        let error = ran.expect_err(script).message;
        assert!(
            error.contains("memory limit of 16 MiB"),
            "{script}: {error}"
        );
        assert!(
            held(&context) < LIMITS.memory,
            "{script}: {}",
            held(&context)
        );
        assert!(!context.is_fit(), "{script}");
    }
}

#[test]
fn loops_around_slow_natives_end_as_others_do() {
    let limits = ScriptLimits {
        time: 100 * MILLISECOND,
        memory: 64 * 1024 * 1024,
        ..LIMITS
    };
    for script in [
        "const s = 'x'.repeat(2e7); for (;;) s.indexOf('xy');",
        "const s = 'x'.repeat(2e7); for (;;) { try { s.indexOf('xy'); } catch { } }",
        "const s = 'x'.repeat(2e6); for (;;) s.replaceAll('x', 'y');",
        "const s = 'x'.repeat(1e6); for (;;) s.split('');",
        "const all = Array.from({ length: 3e5 }, (_, i) => -i); for (;;) [...all].sort();",
        "const all = new Float64Array(2e6); for (;;) all.fill(1).sort();",
        "const all = JSON.stringify(Array.from({ length: 2e5 }, (_, i) => i)); for (;;) JSON.parse(all);",
        "const s = 'a'.repeat(30) + '!'; for (;;) /(a+)+$/.test(s);",
        "const big = Object.fromEntries(Array.from({ length: 1e5 }, (_, i) => ['k' + i, i])); for (;;) ({ ...big });",
    ] {
        let mut context = context_within(limits, script);
        let begun = std::time::Instant::now();
        let ran = context.run_test(0, Some((200, 1.0)));
        let error = ran.expect_err(script).message;
        assert_eq!(
            error, "the script ran longer than 100 ms and was stopped",
            "{script}"
        );
        assert!(!context.is_fit());
        // Without a watchdog it takes a hundred times as long.
        assert!(
            begun.elapsed().as_secs() < 8,
            "{script}: {:?}",
            begun.elapsed()
        );
    }
}

/// QuickJS asks for the time at every ten-thousandth jump or call. Where in a loop that is depends on all that ran
/// before, so each script runs with another number of calls before it.
#[test]
fn late_scripts_cannot_catch_their_end() {
    let limits = ScriptLimits {
        time: 20 * MILLISECOND,
        memory: 16 * 1024 * 1024,
        ..LIMITS
    };
    for body in [
        "const s = 'x'.repeat(2e6); for (;;) { try { s.indexOf('xy'); } catch { } }",
        "const f = () => {}; for (;;) { try { f(); f(); } catch { } finally { } }",
        "Error.prepareStackTrace = () => { for (;;) ; }; for (;;) { try { null.a; } catch { } }",
        "const kept = []; for (;;) { try { kept.push('x'.repeat(1e5) + kept.length); } catch { } }",
        "const f = async () => { for (;;) { try { await f(); } catch { } } }; f();",
        "const it = { [Symbol.iterator]: () => it, next: () => ({ done: false }), return: () => ({}) }; \
         for (;;) { try { for (const x of it) throw x; } catch { } }",
        "const s = 'x'.repeat(2e6); const f = async () => { for (;;) s.indexOf('xy'); }; for (;;) f();",
        "const s = 'x'.repeat(2e6); const f = async () => { try { for (;;) s.indexOf('xy'); } catch { await 1; throw 1; } }; \
         f(); f();",
        "const s = 'x'.repeat(2e6); const f = async function* () { for (;;) { s.indexOf('xy'); yield 1; } }; \
         const g = async () => { for await (const x of f()); }; for (;;) g();",
        "const s = 'x'.repeat(2e6); new Promise(() => { for (;;) s.indexOf('xy'); }); for (;;);",
        "const s = 'x'.repeat(2e6); Promise.resolve().then(() => { for (;;) s.indexOf('xy'); }); for (;;) s.indexOf('xy');",
    ] {
        for calls in 0..4 {
            let script = format!("{}{body}", "(() => {})(); ".repeat(calls));
            let mut context = context_within(limits, &script);
            let error = context.run_test(0, Some((200, 1.0))).expect_err(&script);
            assert!(!error.message.is_empty(), "{script}");
            assert!(!context.is_fit(), "{script}: {error:?}");
        }
    }
}

#[test]
fn what_is_bounded_by_itself_goes_on() {
    let script = "const s = 'x'.repeat(3e6); for (let i = 0; i < 50; i++) console.log(s); \
                  for (let i = 0; i < 50; i++) pm.variables.set('k', s); pm.variables.unset('k');";
    let mut context = context(script);
    for iteration in 0..3 {
        let ran = context.run_to_completion(iteration, Some((200, 1.0)));
        assert_eq!(ran, Ok(()), "{iteration}");
        let lines = held(&context);
        assert!(lines < 50 * 10_100 * (iteration as usize + 1), "{lines}");
        assert!(context.is_fit());
    }
}

#[test]
fn what_one_iteration_held_is_free_for_the_next() {
    let script = "pm.variables.set('k', 'x'.repeat(6e6)); const s = 'y'.repeat(6e6);";
    let mut context = context(script);
    for iteration in 0..5 {
        let ran = context.run_to_completion(iteration, Some((200, 1.0)));
        assert_eq!(ran, Ok(()), "{iteration}");
        context.state().scopes.end_iteration();
    }
}
