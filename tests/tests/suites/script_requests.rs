//! Requests in scripts: the contents of `pm.request` after the response, and how `pm.sendRequest` and
//! `pm.request.auth` handle requests of every form, in design mode and under load.

use serde_json::{Value, json};
use vayu_tests::{Engine, count, script_server};

/// Returns the names of the tests that passed in a design request.
fn design(engine: &Engine, request: &Value) -> Vec<String> {
    let answer = engine.post("/request", request);
    let tests = answer.body["testResults"].as_array().cloned();
    let tests = tests.unwrap_or_else(|| panic!("{answer:?}"));
    assert!(!tests.is_empty(), "{answer:?}");
    let failed = tests.iter().find(|test| test["passed"] != true);
    assert!(failed.is_none(), "{failed:?}: {request}");
    let names = tests.iter().filter_map(|test| test["name"].as_str());
    names.map(str::to_owned).collect()
}

/// Returns the report of a few iterations of a request.
fn load(engine: &Engine, request: &Value) -> Value {
    let mut request = request.clone();
    let variables = request
        .as_object_mut()
        .and_then(|fields| fields.shift_remove("variables"));
    let mut body =
        json!({"request": request, "mode": "iterations", "iterations": 6, "concurrency": 2});
    if let Some(variables) = variables {
        body["variables"] = variables;
    }
    engine.run(&body).finish()
}

/// Asserts that every check of a report passed in each iteration, and that there is one.
fn assert_all_passed(report: &Value) {
    let checks = report["checks"].as_array().map_or(&[][..], Vec::as_slice);
    assert!(!checks.is_empty(), "{report}");
    for check in checks {
        assert_eq!(
            (&check["passed"], &check["failed"]),
            (&json!(6), &json!(0)),
            "{report}"
        );
    }
    assert_eq!(count(&report["scripts"], "errors"), 0, "{report}");
}

#[test]
fn the_request_of_a_test_script_is_what_went_over_the_wire() {
    let (engine, server) = (Engine::start(), script_server());
    let script = "
        const told = pm.response.json(), sent = pm.request;
        const header = (name) => sent.headers.get(name);
        pm.test('method', () => pm.expect(sent.method).to.equal(told.method));
        pm.test('path', () => pm.expect(sent.url.getPathWithQuery()).to.equal(told.path));
        pm.test('URL', () => pm.expect(String(sent.url)).to.match(/^http:\\/\\/127.0.0.1:\\d+\\/echo\\/[0-9a-f-]{36}/));
        pm.test('headers', () => pm.expect(sent.headers.toObject()).to.deep.equal(told.headers));
        pm.test('derived', () => ['Host', 'User-Agent', 'Accept', 'Content-Length', 'Authorization']
            .forEach((name) => pm.expect(header(name), name).to.be.a('string')));
        pm.test('body', () => pm.expect(sent.body.toString()).to.equal(told.body));
        pm.test('length', () => pm.expect(header('content-length')).to.equal(String(told.body.length)));";
    let url = server.url("/echo/{{$guid}}?v={{v}}&n={{$randomInt}}");
    let base = json!({"method": "POST", "url": url, "variables": {"v": "a"},
        "headers": {"X-Random": "{{$guid}}"}, "postRequestScript": script});
    let bodies = [
        json!("{\"n\": {{$randomInt}}, \"v\": \"{{v}}\"}"),
        json!({"mode": "raw", "raw": "{{$guid}} {{v}}"}),
        json!({"mode": "urlencoded", "urlencoded": [{"key": "a", "value": "{{$randomInt}}"}]}),
    ];
    let auths = [
        json!({"type": "bearer", "token": "t{{v}}"}),
        json!({"type": "basic", "username": "u", "password": "{{$guid}}"}),
        json!({"type": "aws", "accessKey": "k", "secretKey": "s", "service": "s3"}),
    ];
    for body in &bodies {
        for auth in &auths {
            let mut request = base.clone();
            (request["body"], request["auth"]) = (body.clone(), auth.clone());
            assert_eq!(design(&engine, &request).len(), 7);
            assert_all_passed(&load(&engine, &request));
        }
    }
    // A pre-request script changes the request, and the test script sees the change.
    let mut request = base.clone();
    request["preRequestScript"] =
        "pm.request.method = 'PUT'; pm.request.body = {mode: 'raw', raw: '{{$guid}}'};
        pm.request.headers.upsert({key: 'Authorization', value: '{{$guid}}'});"
            .into();
    assert_eq!(design(&engine, &request).len(), 7);
    assert_all_passed(&load(&engine, &request));
}

#[test]
fn requests_of_every_form_are_sent() {
    let (engine, server) = (Engine::start(), script_server());
    let forms = [
        ("pm.request", "POST /echo/main?q=1 own body"),
        ("pm.request.clone()", "POST /echo/main?q=1 own body"),
        ("new Request(pm.request)", "POST /echo/main?q=1 own body"),
        ("pm.request.toJSON()", "POST /echo/main?q=1 own body"),
        (
            "JSON.parse(JSON.stringify(pm.request))",
            "POST /echo/main?q=1 own body",
        ),
        (
            "Object.assign(pm.request.clone(), {method: 'put', body: 'b'})",
            "PUT /echo/main?q=1 own b",
        ),
        (
            "(() => { const r = pm.request.clone(); r.headers.remove('X-A'); r.url.query.add('z=2'); return r; })()",
            "POST /echo/main?q=1&z=2 undefined body",
        ),
        (
            "{url: pm.request.url, method: pm.request.method, header: pm.request.headers}",
            "POST /echo/main?q=1 own ",
        ),
        ("pm.request.url", "GET /echo/main?q=1 undefined "),
        ("new Url(base + '/echo/u')", "GET /echo/u undefined "),
        ("base + '/echo/text'", "GET /echo/text undefined "),
        (
            "new Request({url: '{{base}}/echo/n', header: [{key: 'X-A', value: '{{v}}'}]})",
            "GET /echo/n value ",
        ),
    ];
    let sends = forms.iter().map(|(form, expected)| {
        format!(
            "{{ const told = (await pm.sendRequest({form})).json(); const name = {};
                pm.test(name, () => pm.expect(`${{told.method}} ${{told.path}} ${{told.headers['x-a']}} ${{told.body}}`)
                    .to.equal({})); }}",
            Value::from(*form),
            Value::from(*expected)
        )
    });
    let script = format!(
        "const {{ Request, Url }} = require('postman-collection'), base = pm.variables.get('base');\n{}",
        sends.collect::<Vec<_>>().join("\n")
    );
    let request = json!({"method": "POST", "url": server.url("/echo/main?q=1"), "body": "body",
        "headers": {"X-A": "own"}, "variables": {"base": server.url(""), "v": "value"}});
    for when in ["preRequestScript", "postRequestScript"] {
        let mut request = request.clone();
        request[when] = script.clone().into();
        assert_eq!(design(&engine, &request).len(), forms.len(), "{when}");
        assert_all_passed(&load(&engine, &request));
    }
}

#[test]
fn the_auth_of_a_sent_request_is_applied() {
    let (engine, server) = (Engine::start(), script_server());
    let url = server.url("/echo");
    let script = format!(
        "const ask = async (name, auth, expected) => {{
            const told = (await pm.sendRequest({{url: '{url}', auth}})).json();
            pm.test(name, () => pm.expect([told.headers.authorization, told.headers['x-k'], told.path]).to.eql(expected));
        }};
        const [none, path] = [undefined, '/echo'];
        await ask('basic', {{type: 'basic', basic: {{username: 'u', password: 'p'}}}}, ['Basic dTpw', none, path]);
        await ask('list', {{type: 'basic', basic: [{{key: 'username', value: 'u'}}, {{key: 'password', value: 'p'}}]}},
            ['Basic dTpw', none, path]);
        await ask('bearer', {{type: 'bearer', bearer: [{{key: 'token', value: 't'}}]}}, ['Bearer t', none, path]);
        await ask('key', {{type: 'apikey', apikey: {{key: 'X-K', value: 'v'}}}}, [none, 'v', path]);
        await ask('query', {{type: 'apikey', apikey: {{key: 'k', value: 'v', in: 'query'}}}}, [none, none, path + '?k=v']);
        await ask('none', {{type: 'noauth'}}, [none, none, path]);
        pm.sendRequest({{url: '{url}', auth: {{type: 'hawk', hawk: []}}}}, (error) =>
            pm.test('unknown', () => pm.expect(error.message).to.include('hawk').and.include('bearer')));"
    );
    let mut request = json!({"method": "GET", "url": url});
    request["postRequestScript"] = script.into();
    assert_eq!(design(&engine, &request).len(), 7);
    assert_all_passed(&load(&engine, &request));
}

#[test]
fn auth_set_by_a_script_is_applied_or_refused() {
    let (engine, server) = (Engine::start(), script_server());
    let bearer = json!({"type": "bearer", "token": "t"});
    let check = "pm.test(String(pm.response.json().headers.authorization))";
    for (auth, script, expected) in [
        (
            json!(null),
            "pm.request.authorizeUsing('bearer', {token: '{{v}}'})",
            "Bearer value",
        ),
        (
            json!(null),
            "pm.request.authorizeUsing({type: 'bearer', bearer: {token: 'a'}})",
            "Bearer a",
        ),
        (
            json!(null),
            "pm.request.auth = {type: 'basic', basic: {username: 'u', password: 'p'}}",
            "Basic dTpw",
        ),
        (
            bearer.clone(),
            "pm.request.auth.update([{key: 'token', value: 'n'}], 'bearer')",
            "Bearer n",
        ),
        (
            bearer.clone(),
            "pm.request.auth.update({token: 'n'})",
            "Bearer n",
        ),
        (
            bearer.clone(),
            "pm.request.auth.use('basic', {username: 'u', password: 'p'})",
            "Basic dTpw",
        ),
        (
            bearer.clone(),
            "pm.request.auth.bearer.get('token'); pm.request.url",
            "Bearer t",
        ),
        (
            bearer.clone(),
            "pm.request.authorizeUsing(null)",
            "undefined",
        ),
    ] {
        let mut request = json!({"method": "GET", "url": server.url("/echo"), "auth": auth,
            "variables": {"v": "value"}, "preRequestScript": script, "postRequestScript": check});
        assert_eq!(design(&engine, &request), [expected], "{script}");
        if auth.is_null() {
            request
                .as_object_mut()
                .expect("an object")
                .shift_remove("auth");
        }
        let report = load(&engine, &request);
        if expected == "Bearer t" {
            assert_all_passed(&report);
            continue;
        }
        assert_eq!(
            count(&report, "accounting/skipped"),
            6,
            "{script}: {report}"
        );
        let words = report["scripts"]["firstErrors"][0]
            .as_str()
            .unwrap_or_default();
        assert!(
            words.contains("changed `auth`") && words.contains("upsert"),
            "{words}"
        );
    }
}

#[test]
fn a_body_that_a_script_leaves_alone_goes_out_as_it_was_planned() {
    let (engine, server) = (Engine::start(), script_server());
    let form = json!({"mode": "formdata", "formdata": [{"key": "a", "value": "{{v}}"}, {"key": "b", "value": "c"}]});
    for (body, expected, kind) in [
        (
            json!({"a": "{{v}}"}),
            r#"{"a":"q\"&+#"}"#,
            "application/json",
        ),
        (
            json!({"mode": "json", "json": {"n": 1}}),
            r#"{"n":1}"#,
            "application/json",
        ),
        (
            json!("plain {{v}}"),
            r#"plain q"&+#"#,
            "text/plain; charset=utf-8",
        ),
        (
            json!({"mode": "xml", "xml": "<a/>"}),
            "<a/>",
            "application/xml",
        ),
        (
            json!({"mode": "bytes", "bytes": "YWI="}),
            "ab",
            "application/octet-stream",
        ),
        (
            json!({"mode": "dark", "x": 1}),
            r#"{"mode":"dark","x":1}"#,
            "application/json",
        ),
        (
            json!({"mode": "urlencoded", "urlencoded": {"a": "{{v}}"}}),
            "a=q%22%26%2B%23",
            "application/x-www-form-urlencoded",
        ),
        (form, "q\"&+#\r\n", "multipart/form-data"),
    ] {
        // Reading the body must not change it.
        let before =
            "JSON.stringify(pm.request.body); pm.request.headers.add({key: 'X-New', value: '1'});";
        let after = format!(
            "const told = pm.response.json();
             pm.test('header', () => pm.expect(told.headers['x-new']).to.equal('1'));
             pm.test('body', () => pm.expect(told.body).to.include({}));
             pm.test('type', () => pm.expect(told.headers['content-type']).to.include('{kind}'));
             pm.test('key', () => pm.expect(told.path).to.equal('/echo/b?k=q%22%26%2B%23'));",
            Value::from(expected)
        );
        let auth = json!({"type": "api-key", "key": "k", "value": "{{v}}", "in": "query"});
        let request = json!({"method": "POST", "url": server.url("/echo/b"), "body": body, "auth": auth,
            "variables": {"v": "q\"&+#"}, "preRequestScript": before, "postRequestScript": after});
        assert_eq!(design(&engine, &request).len(), 4, "{body}");
        assert_all_passed(&load(&engine, &request));
    }
}
