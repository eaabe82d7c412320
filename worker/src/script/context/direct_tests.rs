//! Tests of scripts that run to completion, one iteration after the other.

use super::super::response_parts::ResponseParts;
use super::tests::{context, json_response, told};

/// Returns what a script that runs to completion reports about each of three responses in turn.
fn in_turn(script: &str) -> Vec<String> {
    let mut context = context("", script);
    let turns = [(200, "a"), (404, "b"), (500, "c")].map(|(status, body)| {
        let head = format!("HTTP/1.1 {status} Said\r\nX-Body: {body}\r\n\r\n");
        let body = body.as_bytes().to_vec();
        context.state().response = ResponseParts::decoded_already(head.into(), body);
        let ran = context.run_to_completion(0, Some((status, 1.0)));
        assert!(ran.is_ok(), "{script}: {ran:?}");
        assert!(context.is_fit(), "{script}");
        told(&mut context).join(", ")
    });
    turns.to_vec()
}

#[test]
fn each_iteration_run_whole_sees_its_own_response() {
    let tell = "pm.test([pm.response.code, pm.response.text(), pm.response.headers.get('x-body'),
        pm.response.headers.all().length, pm.response.size().body, responseBody, pm.test.index(),
        pm.response.extra, pm.response.headers.extra].join());";
    let expected = [
        "200,a,a,1,1,a,0,,: passed",
        "404,b,b,1,1,b,0,,: passed",
        "500,c,c,1,1,c,0,,: passed",
    ];
    // Changes that a script makes to a response after reporting it, and what it leaves behind.
    let deeds = [
        "",
        "pm.response.update({ code: 1, body: 'other' });",
        "pm.response.headers.add({ key: 'X-Body', value: 'other' });",
        "pm.response.headers.clear();",
        "pm.response.headers.members = [];",
        "Object.freeze(pm.response.headers).all();",
        "leak = pm.response; pm.response.body; tests['t'] = true; delete tests['t'];",
    ];
    for deed in deeds {
        assert_eq!(in_turn(&format!("{tell}{deed}")), expected, "{deed}");
    }
}

#[test]
fn the_text_is_that_of_the_response_of_now() {
    let script = "const first = pm.response.text();
        const { text } = pm.response;
        const other = new (require('postman-collection').Response)({ body: 'o' });
        pm.test([first, pm.response.text(), text.call(other), other.text()].join());
        try { pm.response.text = () => 'mine'; } catch {}
        try { delete pm.response.text; } catch {}
        pm.test(pm.response.text());
        pm.response.update({ code: 1, body: 'updated' });
        pm.test(pm.response.text() + Object.keys(pm.response).includes('text'));";
    let expected = ["a", "b", "c"]
        .map(|body| format!("{body},{body},o,o: passed, {body}: passed, updatedfalse: passed"));
    assert_eq!(in_turn(script), expected);
}

#[test]
fn tests_are_told_whatever_they_are_made_of() {
    let script = "const pm2 = pm.test('a', () => 1);
        pm.test(7, function () {});
        pm.test('b');
        pm.test('c', 'no function');
        pm.test(undefined, () => {});
        pm.test('d', () => { throw null; });
        pm.test('e', () => { pm.test('in e', () => {}); throw new Error('said'); });
        pm.test('f', (done) => done());
        pm.test('g', (done) => { throw new Error('thrown'); });
        pm.test(String(pm2 === pm) + pm.test.name + pm.test.length + pm.test.index(), async () => { throw 1; });";
    let told = "a: passed, 7: passed, b: passed, c: passed, undefined: passed, d: null, in e: passed, \
         e: said, f: passed, g: thrown, truetest210: passed";
    assert_eq!(in_turn(script), [told; 3]);
}

#[test]
fn what_is_done_to_headers_is_undone_in_whichever_iteration() {
    let deeds = [
        "headers.add({ key: 'X-Body', value: 'other' })",
        "headers.extra = 1",
        "Object.freeze(headers)",
        "headers.members = []",
        "pm.response.update({ header: [{ key: 'X-Body', value: 'other' }] })",
    ];
    for deed in deeds {
        let script = format!(
            "const {{ headers, code }} = pm.response;
             pm.test([headers.get('X-Body'), headers.extra, Object.isFrozen(headers)].join());
             if (code !== 404) return;
             {deed};
             pm.response.headers;"
        );
        let expected = ["a", "b", "c"].map(|body| format!("{body},,true: passed"));
        assert_eq!(in_turn(&script), expected, "{deed}");
    }
}

#[test]
fn a_context_whose_response_was_frozen_is_not_fit() {
    let mut context = context(
        "",
        "if (pm.response.code === 2) Object.freeze(pm.response);",
    );
    for (code, is_fit) in [(1, true), (2, false)] {
        let ran = context.run_to_completion(0, Some((code, 1.0)));
        assert_eq!((ran, context.is_fit()), (Ok(()), is_fit), "{code}");
    }
}

#[test]
fn tests_are_told_where_they_differ_from_those_before() {
    let script = "const { code } = pm.response;
        pm.test('first', () => { if (code === 1) throw Error('one'); });
        if (code === 2) return;
        pm.test(code === 3 ? 'other' : 'second');
        if (code === 4) pm.test.skip('skipped'); 
        if (code === 5) throw Error('five');
        if (code === 7) pm.test('half \\ud83d letter');
        pm.test(undefined); tests.last = code !== 6;";
    let mut context = context("", script);
    let all = ["first: passed", "second: passed"];
    let end = ["undefined: passed", "last: passed"];
    let half = "half \u{fffd} letter: passed";
    let cases: [(u16, Vec<&str>); 16] = [
        (7, [&all[..], &[half], &end].concat()),
        (7, [&all[..], &[half], &end].concat()),
        (1, [["first: one", all[1]], end].concat()),
        (0, [all, end].concat()),
        (0, [all, end].concat()),
        (1, [["first: one", all[1]], end].concat()),
        (1, [["first: one", all[1]], end].concat()),
        (2, vec![all[0]]),
        (0, [all, end].concat()),
        (3, [[all[0], "other: passed"], end].concat()),
        (4, [&all[..], &["skipped: skipped"], &end].concat()),
        (4, [&all[..], &["skipped: skipped"], &end].concat()),
        (5, all.to_vec()),
        (0, [all, end].concat()),
        (
            6,
            [all, [end[0], "last: expected false to be truthy"]].concat(),
        ),
        (0, [all, end].concat()),
    ];
    for (place, (code, expected)) in cases.into_iter().enumerate() {
        context.state().response = json_response();
        let ran = context.run_to_completion(0, Some((code, 1.0)));
        assert_eq!(ran.is_err(), code == 5, "{place}: {ran:?}");
        assert_eq!(told(&mut context), expected, "{place}: {code}");
    }
}

#[test]
fn what_the_first_script_leaves_is_there_for_the_second() {
    let pre = "// Sign it.\nsign = () => 'signed ' + pm.response?.code;";
    let mut context = context(pre, "pm.test(sign());");
    for code in [200, 404] {
        assert!(context.run_pre(0).is_ok());
        assert!(context.holds_iteration_state());
        assert_eq!(context.run_to_completion(0, Some((code, 1.0))), Ok(()));
        assert_eq!(told(&mut context), [format!("signed {code}: passed")]);
    }
}

#[test]
fn tests_of_an_iteration_that_did_not_end_are_its_own() {
    let mut context = context(
        "",
        "pm.test('first'); if (pm.response.code === 1) for (;;) {} pm.test('second');",
    );
    for (code, expected) in [
        (0, vec!["first: passed", "second: passed"]),
        (1, vec!["first: passed"]),
    ] {
        let ran = context.run_to_completion(0, Some((code, 1.0)));
        assert_eq!(ran.is_err(), code == 1);
        assert_eq!(told(&mut context), expected, "{code}");
    }
    assert!(!context.is_fit());
}

#[test]
fn a_list_nobody_has_read_is_a_list() {
    let ways = [
        "new Proxy(pm.response.headers, {}).get('X-Body')",
        "Object.create(pm.response.headers).get('x-body')",
        "Object.create(pm.response.headers).all()[0].value",
        "Object.freeze(pm.response.headers).idx(0).value",
        "pm.response.headers['X-Body']",
        "pm.response.headers[0].value",
        "[...pm.response.headers][0].value",
        "JSON.parse(JSON.stringify(pm.response.headers))[0].value",
        "Object.keys(pm.response.headers).join() === 'members' && pm.response.headers.members[0].value",
        "pm.response.headers.toObject()['x-body']",
        "pm.response.headers.has('X-BODY') && !pm.response.headers.has('X') && 'a'",
    ];
    for way in ways {
        let told = in_turn(&format!("pm.test(String({way}))"));
        assert_eq!(told[0], "a: passed", "{way}");
    }
}

#[test]
fn settings_of_libraries_last_for_one_iteration() {
    let script = "const { config } = require('chai'); const { expect } = pm;
        pm.test([config.truncateThreshold, config.deepEqual, config.own, _.uniqueId(), _.template('<%= 1 %>{2}')()].join());
        pm.test('eql', () => expect([1]).to.eql([2]));
        config.truncateThreshold = 0; config.deepEqual = () => true; config.own = 1;
        _.templateSettings = { interpolate: /{(.)}/ };
        pm.test('changed', () => expect([1]).to.eql([2]));
        pm.test(_.template('<%= 1 %>{2}')());";
    let mut context = context("", script);
    for iteration in 0..4 {
        let ran = context.run_to_completion(iteration, Some((200, 1.0)));
        assert_eq!(ran, Ok(()), "{iteration}");
        assert!(context.is_fit(), "{iteration}");
        let expected = [
            "40,,,1,1{2}: passed",
            "eql: expected [ 1 ] to deeply equal [ 2 ]",
            "changed: passed",
            "<%= 1 %>2: passed",
        ];
        assert_eq!(told(&mut context), expected, "{iteration}");
    }
}

#[test]
fn what_lasts_until_the_end_of_the_iteration_is_there_for_the_second_script() {
    let pre = "_.templateSettings = { interpolate: /{(.)}/ }; CryptoJS = 'mine';";
    let test = "pm.test(_.template('{2}')() + CryptoJS)";
    let mut context = context(pre, test);
    for _ in 0..2 {
        assert!(context.run_pre(0).is_ok());
        assert!(context.holds_iteration_state());
        assert_eq!(context.run_to_completion(0, Some((200, 1.0))), Ok(()));
        assert_eq!(told(&mut context), ["2mine: passed"]);
        assert!(context.is_fit() && !context.holds_iteration_state());
    }
}

#[test]
fn words_of_built_ins_do_not_cost_a_context() {
    let harmless = [
        "Object.prototype.hasOwnProperty.call({}, 'a')",
        "({}).constructor.name; eval('1'); Reflect.ownKeys({})",
        "class A {} ; new A() instanceof A; A.prototype.b = 1",
    ];
    let harmful = [
        "Array.prototype.last = () => 1",
        "Number.prototype.toFixed = () => ''",
    ];
    for (scripts, stays) in [(&harmless[..], true), (&harmful[..], false)] {
        for script in scripts {
            let mut context = context("", script);
            let ran = context.run_to_completion(0, Some((200, 1.0)));
            assert_eq!((ran, context.is_fit()), (Ok(()), stays), "{script}");
        }
    }
}
