//! What scripts see of response bodies: an exact prefix of long ones, whatever their framing.

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use serde_json::{Value, json};
use vayu_tests::{Engine, Scripted, count, refused};

/// A body in which every position is recognisable, 9 bytes per line.
fn lines(count: usize) -> String {
    (0..count).map(|line| format!("{line:08}\n")).collect()
}

/// The same in JavaScript.
const LINES_JS: &str = "const lines = (count) => Array.from({length: count}, (_, i) => String(i).padStart(8, '0') + '\\n').join('');";

fn with_length(kind: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 200 OK\r\nConnection: close\r\n{kind}Content-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

fn in_chunks(kind: &str, body: &[u8], size: usize) -> Vec<u8> {
    let mut response =
        format!("HTTP/1.1 200 OK\r\nConnection: close\r\n{kind}Transfer-Encoding: chunked\r\n\r\n")
            .into_bytes();
    for chunk in body.chunks(size) {
        response.extend_from_slice(format!("{:x};n=v\r\n", chunk.len()).as_bytes());
        response.extend_from_slice(chunk);
        response.extend_from_slice(b"\r\n");
    }
    response.extend_from_slice(b"0\r\n\r\n");
    response
}

/// An engine with a long script timeout: bodies of thousands of lines need it on a busy machine.
fn patient() -> Engine {
    let engine = Engine::start();
    let changed = engine.post("/config", &json!({"loadScriptTimeout": 10_000}));
    assert_eq!(changed.status, 200, "{changed:?}");
    engine
}

/// Runs two iterations of a request whose test script is `script`.
fn run(engine: &Engine, url: &str, script: &str, cap: Option<u64>) -> (String, Value) {
    let request = json!({"method": "GET", "url": url, "postRequestScript": script});
    let mut body = json!({"request": request, "mode": "iterations", "iterations": 2, "concurrency": 1,
                          "success_sample_rate": 100});
    if let Some(cap) = cap {
        body["scriptBodyBytes"] = cap.into();
    }
    let run = engine.run(&body);
    (run.id.clone(), run.finish())
}

/// Returns the names of the checks, each of which passed twice.
fn names(report: &Value) -> Vec<&str> {
    let checks = report["checks"].as_array().map_or(&[][..], Vec::as_slice);
    let passed = |check: &&Value| check["passed"] == 2;
    let names = checks.iter().filter(passed);
    names.filter_map(|check| check["name"].as_str()).collect()
}

#[test]
fn long_bodies_are_shown_as_a_true_prefix() {
    const COUNT: usize = 30_000;
    const SIZE: usize = 9 * COUNT;
    let server = Scripted::start(|asked| {
        let body = lines(COUNT).into_bytes();
        match asked.line.split(' ').nth(1).unwrap_or_default() {
            "/length" => with_length("", &body),
            "/tiny" => in_chunks("", &body, 3),
            "/uneven" => in_chunks("", &body, 4_097),
            _ => [b"HTTP/1.1 200 OK\r\n\r\n".as_slice(), &body].concat(),
        }
    });
    let engine = patient();
    let script = format!(
        "{LINES_JS}
        const text = pm.response.text(), whole = lines({COUNT});
        pm.test('is a prefix: ' + whole.startsWith(text));
        pm.test('length ' + text.length);
        pm.test('sizes ' + [pm.response.responseSize, pm.response.size().body]);
        pm.test('truncated ' + pm.response.truncated);"
    );
    for path in ["/length", "/tiny", "/uneven", "/close"] {
        for cap in [0, 1, 4_095, 100_000, SIZE - 1, SIZE, 1_000_000] {
            let (id, report) = run(&engine, &server.url(path), &script, Some(cap as u64));
            let expected = [
                "is a prefix: true".to_owned(),
                format!("length {}", cap.min(SIZE)),
                format!("sizes {SIZE},{SIZE}"),
                format!("truncated {}", cap < SIZE),
            ];
            assert_eq!(names(&report), expected, "{path} {cap}: {report}");
            let results = engine.get(&format!("/run/{id}/results")).body;
            assert_eq!(count(&results, "pagination/total"), 2, "{results}");
            for result in results["data"].as_array().expect("results") {
                let kept = result["trace"]["response"]["body"]
                    .as_str()
                    .unwrap_or_default();
                assert_eq!(kept, &lines(COUNT)[..4_096], "{path} {cap}");
            }
        }
    }
}

#[test]
fn json_that_is_cut_is_refused_with_the_name_of_the_setting() {
    let server = Scripted::start(|asked| {
        // Its prefix is valid JSON by itself.
        let body = format!("{}{}", "1".repeat(1_000), " ".repeat(5_000));
        match asked.line.contains("/chunked") {
            true => in_chunks("", body.as_bytes(), 7),
            false => with_length("", body.as_bytes()),
        }
    });
    let engine = patient();
    let ways = [
        "pm.response.json()",
        "pm.response.json((key, value) => value)",
        "pm.response.jsonp()",
        "pm.response.to.be.json",
    ];
    let tries = ways
        .map(|way| format!("try {{ {way}; }} catch (e) {{ pm.test(`{way}: ${{e.message}}`); }}"));
    let script = format!(
        "{} pm.test('body ' + typeof pm.response.body);",
        tries.join("\n")
    );
    for path in ["/length", "/chunked"] {
        let (_, report) = run(&engine, &server.url(path), &script, Some(2_000));
        let names = names(&report);
        assert_eq!(names.len(), 1 + ways.len(), "{report}");
        assert_eq!(names[0], "body string");
        for words in ["after 2000 bytes", "`scriptBodyBytes`", "6000 bytes"] {
            assert!(
                names[1..].iter().all(|name| name.contains(words)),
                "{names:?}"
            );
        }
        let (_, report) = run(&engine, &server.url(path), &script, None);
        assert!(report["scripts"]["errors"] == 0, "{report}");
    }
    // In design mode, the limit of the request applies.
    let mut request = json!({"method": "GET", "url": server.url("/length"), "maxResponseBytes": 2_000,
        "postRequestScript": "pm.test([pm.response.truncated, pm.response.responseSize >= 2000].join());
            pm.test('json', () => pm.response.json());"});
    let answer = engine.post("/request", &request).body;
    let tests = &answer["testResults"];
    assert_eq!(tests[0]["name"], "true,true", "{answer}");
    let error = tests[1]["error"].as_str().unwrap_or_default();
    assert!(error.contains("`maxResponseBytes`"), "{answer}");
    // And to requests that a script sends.
    request["maxResponseBytes"] = json!(3_000);
    request["url"] = server.url("/chunked").into();
    request["postRequestScript"] = format!(
        "pm.sendRequest('{}', (error, response) => {{
            pm.test([response.truncated, response.text().length].join());
            pm.test('json', () => response.json());
        }});",
        server.url("/length")
    )
    .into();
    let answer = engine.post("/request", &request).body;
    let tests = &answer["testResults"];
    assert_eq!(tests[0]["name"], "true,3000", "{answer}");
    let error = tests[1]["error"].as_str().unwrap_or_default();
    assert!(error.contains("after 3000 bytes"), "{answer}");
}

#[test]
fn the_limit_is_a_setting_and_a_field_of_a_run() {
    let server = Scripted::start(|_| with_length("", lines(1_000).as_bytes()));
    let engine = patient();
    let script = "pm.test(String(pm.response.text().length))";
    let told = |cap| names(&run(&engine, &server.url("/"), script, cap).1).join(",");
    assert_eq!(told(None), "9000");
    let changed = engine.post("/config", &json!({"scriptBodyBytes": 500}));
    assert_eq!(changed.status, 200, "{changed:?}");
    assert_eq!(told(None), "500");
    assert_eq!(told(Some(70)), "70");
    for wrong in [json!(-1), json!(67_108_865), json!(1.5), json!("1")] {
        let request = json!({"method": "GET", "url": server.url("/"), "postRequestScript": script});
        let body = json!({"request": request, "mode": "iterations", "iterations": 1, "concurrency": 1,
                          "scriptBodyBytes": wrong});
        let answer = engine.post("/run", &body);
        refused(&answer, 400, "INVALID_REQUEST", "`scriptBodyBytes` is");
    }
    let answer = engine.post("/config", &json!({"scriptBodyBytes": 67_108_865}));
    assert_eq!(answer.status, 400, "{answer:?}");
}

/// The response of a server for a content coding, and the header it declares.
fn coded(coding: &str, body: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let gzip = |body: &[u8]| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(body).expect("memory");
        encoder.finish().expect("memory")
    };
    let body = match coding {
        "gzip" => gzip(body),
        "gzip, gzip" => gzip(&gzip(body)),
        "deflate" => {
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(body).expect("memory");
            encoder.finish().expect("memory")
        }
        _ => body.to_vec(),
    };
    let kind = format!("Content-Type: application/json\r\nContent-Encoding: {coding}\r\n");
    with_length(&kind, &body)
}

#[test]
fn content_codings_are_undone_when_a_script_reads_the_body() {
    let body = json!({"text": "é".repeat(5_000), "n": 1}).to_string();
    let length = body.chars().count();
    let whole = body.clone();
    let server =
        Scripted::start(
            move |asked| match asked.line.split(' ').nth(1).unwrap_or_default() {
                "/gzip" => coded("gzip", body.as_bytes()),
                "/twice" => coded("gzip, gzip", body.as_bytes()),
                "/deflate" => coded("deflate", body.as_bytes()),
                "/chunked" => {
                    let whole = coded("gzip", body.as_bytes());
                    let end = whole.windows(4).position(|four| four == b"\r\n\r\n");
                    in_chunks(
                        "Content-Encoding: gzip\r\n",
                        &whole[end.expect("a head") + 4..],
                        5,
                    )
                }
                "/bomb" => coded("gzip", &vec![b'1'; 3_000_000]),
                "/unknown" => coded("nonsense", body.as_bytes()),
                _ => coded("gzip", b""),
            },
        );
    let engine = patient();
    let script = "const r = pm.response;
        pm.test(['1', r.text().length, r.truncated, r.responseSize < 4000, responseBody === r.text()].join());
        pm.test('2 ' + r.json().text.length + ' ' + r.json().n);";
    for path in ["/gzip", "/twice", "/deflate", "/chunked"] {
        let (_, report) = run(&engine, &server.url(path), script, None);
        let names = names(&report);
        let first = format!("1,{length},false,true,true");
        assert_eq!(names, [first.as_str(), "2 5000 1"], "{path}: {report}");
    }
    for (path, script, cap, expected) in [
        // Not more is decoded than may be seen.
        (
            "/bomb",
            "[text.length, r.truncated, r.responseSize < 4000].join()",
            100_000,
            "100000,true,true",
        ),
        (
            "/bomb",
            "try { r.json() } catch (e) { e.message.includes('after 100000 bytes') }",
            100_000,
            "true",
        ),
        // A body that is cut before decoding is decoded as far as possible.
        (
            "/gzip",
            "[expected.startsWith(text), r.truncated].join()",
            50,
            "true,true",
        ),
        // An unknown coding is left as it is.
        ("/unknown", "String(r.json().n)", 100_000, "1"),
        (
            "/empty",
            "[text, r.truncated, r.responseSize > 0].join()",
            100_000,
            ",false,true",
        ),
    ] {
        let script = format!(
            "const r = pm.response, text = r.text(), expected = {};
            pm.test(String(eval({})))",
            Value::from(whole.as_str()),
            Value::from(script),
        );
        let (_, report) = run(&engine, &server.url(path), &script, Some(cap));
        assert_eq!(names(&report), [expected], "{path}: {report}");
    }
}

#[test]
fn characters_are_those_of_the_body_under_load_and_in_design_mode() {
    let server = Scripted::start(|asked| {
        let meta = b"<html><meta charset=\"shift_jis\">\x95\x5c</html>";
        match asked.line.split(' ').nth(1).unwrap_or_default() {
            "/header" => with_length(
                "Content-Type: application/json; charset=GBK\r\n",
                b"{\"t\":\"\xd6\xd0\"}",
            ),
            "/bom" => with_length(
                "Content-Type: application/json\r\n",
                b"\xff\xfe{\0\"\0t\0\"\0:\0\"\0\x2d\x4e\"\0}\0",
            ),
            "/mark" => with_length(
                "Content-Type: application/json; charset=gbk\r\n",
                "\u{feff}{\"t\":\"中\"}".as_bytes(),
            ),
            "/html" => with_length("Content-Type: text/html\r\n", meta),
            "/xml" => with_length(
                "Content-Type: text/xml\r\n",
                b"<?xml version=\"1.0\" encoding=\"koi8-r\"?><a>\xf0</a>",
            ),
            "/bytes" => with_length("Content-Type: text/plain; charset=gbk\r\n", b"\xff\xff\xff"),
            _ => with_length(
                "Content-Type: text/plain; charset=windows-1251\r\n",
                b"\xcf\xf0",
            ),
        }
    });
    let engine = patient();
    for (path, script, expected, raw) in [
        (
            "/header",
            "pm.response.json().t",
            "中",
            Some("{\"t\":\"中\"}"),
        ),
        (
            "/bom",
            "pm.response.json().t + pm.response.text().length",
            "中9",
            Some("{\"t\":\"中\"}"),
        ),
        (
            "/mark",
            "pm.response.json().t + responseBody.length",
            "中9",
            Some("{\"t\":\"中\"}"),
        ),
        (
            "/html",
            "pm.response.text().slice(32, 33)",
            "表",
            Some("<html><meta charset=\"shift_jis\">表</html>"),
        ),
        ("/xml", "xml2Json(pm.response.text()).a", "П", None),
        (
            "/text",
            "pm.response.text() + pm.response.size().body",
            "Пр2",
            Some("Пр"),
        ),
        // Bytes that are not text are preserved.
        (
            "/bytes",
            "pm.response.dataURI()",
            "data:text/plain;base64, ////",
            Some("////"),
        ),
    ] {
        let script = format!("pm.test({script})");
        let (_, report) = run(&engine, &server.url(path), &script, None);
        assert_eq!(names(&report), [expected], "{path}: {report}");
        let request =
            json!({"method": "GET", "url": server.url(path), "postRequestScript": script});
        let answer = engine.post("/request", &request).body;
        assert_eq!(
            answer["testResults"][0]["name"], expected,
            "{path}: {answer}"
        );
        if let Some(raw) = raw {
            assert_eq!(answer["bodyRaw"], raw, "{path}: {answer}");
        }
        let sent = script
            .replace("pm.response", "response")
            .replace("responseBody", "response.text()");
        let request = json!({"method": "GET", "url": server.url("/text"),
            "postRequestScript": format!("const response = await pm.sendRequest('{}'); {sent}", server.url(path))});
        let answer = engine.post("/request", &request).body;
        assert_eq!(
            answer["testResults"][0]["name"], expected,
            "sent {path}: {answer}"
        );
    }
}
