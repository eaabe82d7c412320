//! Tests of assertions as native objects: what they hold stays alive, and is freed, whatever a script does
//! with them.

use vayu_shared::units::SECOND;

use super::tests::{context, json_response, told};
use super::*;
use crate::script::scripts::Scripts;

/// Runs one test body and returns its outcome in the format of [`told`].
fn outcome(body: &str) -> Vec<String> {
    let mut context = context("", &format!("pm.test('t', () => {{ {body} }});"));
    let ran = context.run_to_completion(0, Some((200, 1.0)));
    assert!(ran.is_ok(), "{body}: {ran:?}");
    told(&mut context)
}

#[test]
fn assertions_that_hold_themselves_are_collected() {
    let script = "for (let i = 0; i < 200000; i++) {
        const cycle = { text: 'x'.repeat(100) };
        cycle.assertion = pm.expect(cycle, cycle).to.have.any;
    }";
    let scripts = Scripts {
        pre: String::new(),
        test: script.to_owned(),
    };
    let limits = ScriptLimits {
        time: 60 * SECOND,
        memory: 16 * 1024 * 1024,
        stack: 512 * 1024,
    };
    let mut context = ScriptContext::new(&scripts, limits, || 0)
        .unwrap_or_else(|(name, error)| panic!("{name}: {error}"));
    let ran = context.run_to_completion(0, Some((200, 1.0)));
    assert_eq!(ran, Ok(()));
}

#[test]
fn what_is_looked_at_may_change_the_assertion() {
    let tables = [
        // A list whose getter removes the object during the search.
        "const e = pm.expect({}).to.be; const list = [1, 2];
         Object.defineProperty(list, 1, { get() { e._obj = null; e._flags = {}; return 3; } });
         try { e.oneOf(list) } catch (error) { return }
         throw new Error('held')",
        // Getters are called once, in the order of the list.
        "const list = [2, 3]; let n = 0;
         Object.defineProperty(list, 1, { get() { return n++ } });
         try { pm.expect(1).to.be.oneOf(list) } catch (error) { return }
         throw new Error('held')",
        // A getter that throws.
        "const list = [1]; Object.defineProperty(list, 0, { get() { throw new Error('mine') } });
         try { pm.expect(1).to.be.oneOf(list) } catch (error) {
           pm.expect(error.message).to.equal('mine'); return }
         throw new Error('held')",
        "const e = pm.expect('abc'); e._obj = e; pm.expect(e._obj).to.equal(e); e._obj = 'abc';
         pm.expect(e.to.include('b')._flags.contains).to.be.true;
         pm.expect(e._flags).to.be.null",
    ];
    for script in tables {
        assert_eq!(outcome(script), ["t: passed"], "{script}");
    }
}

#[test]
fn a_check_does_not_outlast_its_time() {
    // An interrupt inside a getter that a check calls counts as one of the script.
    let script = "let fast; const list = [];
        Object.defineProperty(list, 0, { get() { if (fast) { fast = false; for (;;) {} } return 1; } });
        for (;;) { fast = true; pm.expect(1).to.be.oneOf(list); }";
    let mut context = context("", script);
    let begun = clock::now();
    let error = context
        .run_to_completion(0, Some((200, 1.0)))
        .expect_err("without end");
    assert!(error.message.contains("longer than 200 ms"), "{error}");
    assert!(clock::now() - begun < 5 * SECOND);
}

#[test]
fn scripts_have_no_way_to_the_engines_own_checks() {
    let script = "const { Assertion } = require('chai');
        pm.expect(Object.keys(Assertion).sort().join()).to.equal(
          'addChainableMethod,addMethod,addProperty,overwriteChainableMethod,overwriteMethod,overwriteProperty')";
    assert_eq!(outcome(script), ["t: passed"]);
}

#[test]
fn headers_that_were_taken_away_are_not_there() {
    let deeds = [
        "clear()",
        "repopulate([{ key: 'X', value: '1' }])",
        "members = []",
        "remove('Content-Type')",
    ];
    for deed in deeds {
        let script = format!(
            "pm.test('t', () => {{ pm.response.to.have.header('content-type'); pm.response.headers.{deed};
               pm.response.to.not.have.header('Content-Type'); }});"
        );
        let mut context = context("", &script);
        for iteration in 0..2 {
            context.state().response = json_response();
            let ran = context.run_to_completion(iteration, Some((200, 1.0)));
            assert_eq!(ran, Ok(()), "{deed}");
            assert_eq!(told(&mut context), ["t: passed"], "{deed}");
        }
    }
}

#[test]
fn members_of_what_is_no_assertion_do_no_harm() {
    let tables = [
        "const { Assertion } = require('chai'); const { prototype } = Assertion;
         prototype._obj = 5; prototype._negate = true;
         pm.expect(prototype._obj).to.be.undefined; pm.expect(prototype._negate).to.be.false;
         pm.expect(prototype.to.not).to.equal(prototype)",
        "const { prototype } = require('chai').Assertion;
         for (const value of [undefined, null, 5, 'x', {}, []]) {
           try { prototype.equal.call(value, 1) } catch {}
           try { prototype.include.call(value, 'x') } catch {}
         }",
        "const child = Object.create(pm.expect(5)); try { child.to.equal(5) } catch {}",
        "const e = pm.expect(1).to; Object.freeze(e); e.equal(1); e.not.equal(2)",
    ];
    for script in tables {
        assert_eq!(outcome(script), ["t: passed"], "{script}");
    }
}
