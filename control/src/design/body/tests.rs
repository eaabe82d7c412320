//! Tests of bodies: the bytes and content type of each JSON form, and the fields named in errors. File access
//! is tested in `AllowedFiles`.

use serde_json::json;

use super::files::tests::{files, text_path};
use super::*;

const BOUNDARY: &str = "bound";

fn no_files() -> AllowedFiles {
    AllowedFiles::default()
}

fn context(files: &AllowedFiles) -> BodyContext<'_> {
    BodyContext::now(false, files, BOUNDARY.to_owned())
}

/// Builds a body without files and returns it as text with its content type.
fn made(value: &Value) -> (String, Option<String>) {
    let body = body(value, &context(&no_files()));
    let body = body.unwrap_or_else(|error| panic!("{value}: {error}"));
    let text = String::from_utf8(body.bytes).expect("rows are text");
    (text, body.content_type)
}

fn refused(value: &Value, files: &AllowedFiles) -> FieldError {
    match body(value, &context(files)) {
        Ok(body) => panic!("{value} became {body:?}"),
        Err(error) => error,
    }
}

#[test]
fn text_and_json_are_sent_without_a_mode() {
    let json = Some("application/json");
    let table = [
        (json!(null), "", None),
        (json!(""), "", None),
        (json!("hello"), "hello", None),
        (json!("12"), "12", None),
        (json!(" {\"a\": 1.0 }"), " {\"a\": 1.0 }", json),
        (json!("[1, 2]"), "[1, 2]", json),
        (json!("{broken"), "{broken", None),
        (json!({"b": 1, "a": [true]}), "{\"b\":1,\"a\":[true]}", json),
        (json!([]), "[]", json),
        (json!({}), "{}", json),
        (json!(7), "7", json),
    ];
    for (value, bytes, content_type) in table {
        let expected = (bytes.to_owned(), content_type.map(str::to_owned));
        assert_eq!(made(&value), expected, "{value}");
    }
}

#[test]
fn modes_have_the_bytes_and_type_of_their_form() {
    let json = Some("application/json");
    let table = [
        (json!({"mode": "none"}), "", None),
        (json!({"mode": "none", "raw": "left over"}), "", None),
        (json!({"mode": "raw", "raw": "x"}), "x", None),
        (json!({"mode": "raw", "raw": null}), "", None),
        (json!({"mode": "raw", "raw": "[ ]"}), "[ ]", json),
        (
            json!({"mode": "json", "json": {"a": null}}),
            "{\"a\":null}",
            json,
        ),
        (json!({"mode": "json", "json": null}), "null", json),
        (
            json!({"mode": "text", "text": "{}"}),
            "{}",
            Some("text/plain; charset=utf-8"),
        ),
        (
            json!({"mode": "xml", "xml": "<a/>"}),
            "<a/>",
            Some("application/xml"),
        ),
        (
            json!({"mode": "html", "html": "<p>"}),
            "<p>",
            Some("text/html; charset=utf-8"),
        ),
        (
            json!({"mode": "javascript", "javascript": "a()"}),
            "a()",
            Some("text/javascript; charset=utf-8"),
        ),
    ];
    for (value, bytes, content_type) in table {
        let expected = (bytes.to_owned(), content_type.map(str::to_owned));
        assert_eq!(made(&value), expected, "{value}");
    }
}

#[test]
fn an_empty_object_on_get_is_no_body() {
    let get = |value| {
        body(
            &value,
            &BodyContext::now(true, &no_files(), BOUNDARY.to_owned()),
        )
        .expect("these are legal")
    };
    assert_eq!(get(json!({})), Body::default());
    assert_eq!(get(json!([])).bytes, b"[]");
    assert_eq!(get(json!({"a": 1})).bytes, b"{\"a\":1}");
}

#[test]
fn payloads_that_only_look_like_modes_are_sent() {
    for value in [
        json!({"mode": "dark"}),
        json!({"mode": "raw"}),
        json!({"mode": "raw", "text": "x"}),
        json!({"mode": 1, "raw": "x"}),
        json!({"mode": "none", "speed": 3}),
    ] {
        let expected = (value.to_string(), Some("application/json".to_owned()));
        assert_eq!(made(&value), expected);
    }
}

#[test]
fn the_language_of_raw_text_is_its_type() {
    let table = [
        (
            json!({"raw": {"language": "json"}}),
            Some("application/json"),
        ),
        (json!({"raw": {"language": "xml"}}), Some("application/xml")),
        (
            json!({"raw": {"language": "text"}}),
            Some("text/plain; charset=utf-8"),
        ),
        (json!({"raw": {"language": "auto"}}), None),
        (json!({"raw": {}}), None),
        (json!({}), None),
        (json!(null), None),
    ];
    for (options, content_type) in table {
        let value = json!({"mode": "raw", "raw": "{{v}}", "options": options});
        assert_eq!(made(&value).1.as_deref(), content_type, "{value}");
    }
}

#[test]
fn urlencoded_pairs_keep_their_order_and_are_escaped() {
    let list = json!([
        {"key": "b c", "value": "ä&="},
        {"key": "off", "value": "x", "disabled": true},
        {"key": "n", "value": 1.5, "disabled": false},
        {"key": "t", "value": true},
        {"key": "empty"},
        {"key": "b c", "value": null},
    ]);
    let table = [
        (list, "b+c=%C3%A4%26%3D&n=1.5&t=true&empty=&b+c="),
        (json!({"z": "1", "a": 2}), "z=1&a=2"),
        (json!([]), ""),
        (
            json!({"": "1", "{{k}}": "{{v}}"}),
            "=1&%7B%7Bk%7D%7D=%7B%7Bv%7D%7D",
        ),
    ];
    for (pairs, expected) in table {
        let (text, content_type) = made(&json!({"mode": "urlencoded", "urlencoded": pairs}));
        assert_eq!(text, expected);
        assert_eq!(
            content_type.as_deref(),
            Some("application/x-www-form-urlencoded")
        );
    }
}

#[test]
fn what_is_left_of_variables_stays_typed_in_pairs() {
    let value = json!({"mode": "urlencoded", "urlencoded": {"a b": "{{v}} {{$guid}}"}});
    for (left, expected) in [
        (Deferred::Dynamic, "a+b=%7B%7Bv%7D%7D+{{$guid}}"),
        (Deferred::All, "a+b={{v}}+{{$guid}}"),
    ] {
        let files = no_files();
        let context = BodyContext::later(false, &files, BOUNDARY.to_owned(), left);
        let built = body(&value, &context).expect("legal");
        assert_eq!(String::from_utf8_lossy(&built.bytes), expected);
        assert!(
            built
                .parts
                .iter()
                .all(|part| part.kind == PartKind::FormText)
        );
    }
}

#[test]
fn graphql_is_json_with_its_variables_as_an_object() {
    let table = [
        (json!({"query": "{a}"}), r#"{"query":"{a}"}"#),
        (
            json!({"query": "{a}", "variables": {"x": 1}, "operationName": "A"}),
            r#"{"query":"{a}","variables":{"x":1},"operationName":"A"}"#,
        ),
        (
            json!({"query": "{a}", "variables": "{ \"x\": 1 }", "operationName": ""}),
            r#"{"query":"{a}","variables":{"x":1}}"#,
        ),
        (
            json!({"query": "{a}", "variables": " "}),
            r#"{"query":"{a}"}"#,
        ),
        (
            json!({"query": "{a}", "variables": "null"}),
            r#"{"query":"{a}"}"#,
        ),
    ];
    for (graphql, expected) in table {
        let (text, content_type) = made(&json!({"mode": "graphql", "graphql": graphql}));
        assert_eq!(text, expected);
        assert_eq!(content_type.as_deref(), Some("application/json"));
    }
}

#[test]
fn form_data_is_parted_and_escaped() {
    let (_dir, files) = files();
    let value = json!({"mode": "formdata", "formdata": [
        {"key": "a\"\r\nb", "value": "1\n2", "type": "text"},
        {"key": "off", "value": "x", "disabled": true},
        {"key": "j", "value": "{}", "contentType": "application/json"},
        {"key": "f", "type": "file", "src": ["a.txt", "b.png"]},
        {"key": "g", "src": "ok", "fileName": "q\".bin", "contentType": "x/y"},
    ]});
    let body = body(&value, &context(&files)).expect("it is legal");
    let text = String::from_utf8(body.bytes).expect("the files are text");
    let expected = "--bound\r\n\
        Content-Disposition: form-data; name=\"a%22%0D%0Ab\"\r\n\r\n1\n2\r\n\
        --bound\r\n\
        Content-Disposition: form-data; name=\"j\"\r\n\
        Content-Type: application/json\r\n\r\n{}\r\n\
        --bound\r\n\
        Content-Disposition: form-data; name=\"f\"; filename=\"a.txt\"\r\n\
        Content-Type: text/plain\r\n\r\ntext of a\r\n\
        --bound\r\n\
        Content-Disposition: form-data; name=\"f\"; filename=\"b.png\"\r\n\
        Content-Type: image/png\r\n\r\n\u{1}\r\n\
        --bound\r\n\
        Content-Disposition: form-data; name=\"g\"; filename=\"q%22.bin\"\r\n\
        Content-Type: x/y\r\n\r\ntext of a\r\n\
        --bound--\r\n";
    assert_eq!(text, expected);
    let content_type = body.content_type.expect("forms have a type");
    assert_eq!(content_type, "multipart/form-data; boundary=bound");
}

#[test]
fn the_boundary_is_in_no_part() {
    for (content, boundary) in [
        ("fine", "bound"),
        ("boun\r\nd", "bound"),
        ("a --bound b", "bound0"),
        ("bound0 bound1 bound3", "bound2"),
    ] {
        for (key, value) in [("k", content), (content, "v")] {
            let form = json!([{"key": key, "value": value}]);
            let (text, content_type) = made(&json!({"mode": "formdata", "formdata": form}));
            let expected = format!("multipart/form-data; boundary={boundary}");
            assert_eq!(content_type, Some(expected), "{content:?}");
            assert_eq!(text.matches(boundary).count(), 2, "{content:?}");
        }
    }
    let (text, _) = made(&json!({"mode": "formdata", "formdata": []}));
    assert_eq!(text, "--bound--\r\n");
}

#[test]
fn files_and_base64_are_sent_as_they_are() {
    let (dir, files) = files();
    let absolute = dir.path().join("in/b.png");
    let table = [
        (
            json!({"mode": "file", "file": {"src": "a.txt"}}),
            &b"text of a"[..],
            "text/plain",
        ),
        (
            json!({"mode": "binary", "binary": {"src": text_path(&absolute)}}),
            b"\x01",
            "image/png",
        ),
        (
            json!({"mode": "binary", "binary": {"base64": "AP8\n="}}),
            b"\x00\xff",
            "application/octet-stream",
        ),
        (
            json!({"mode": "bytes", "bytes": "AP8="}),
            b"\x00\xff",
            "application/octet-stream",
        ),
    ];
    for (value, bytes, content_type) in table {
        let body = body(&value, &context(&files)).expect("rows are legal");
        let expected = Body::of_kind(bytes.to_vec(), content_type, PartKind::Literal);
        assert_eq!(body, expected, "{value}");
    }
}

/// Asserts that each row is rejected with an error that names its field.
fn all_refused(rows: impl IntoIterator<Item = (Value, &'static str)>) {
    let (_dir, files) = files();
    for (value, field) in rows {
        assert_eq!(refused(&value, &files).field, field, "{value}");
    }
}

#[test]
fn errors_of_texts_and_files_name_the_field() {
    let query = |graphql: Value| json!({"mode": "graphql", "graphql": graphql});
    let binary = |binary: Value| json!({"mode": "binary", "binary": binary});
    let language = json!({"mode": "raw", "raw": "", "options": {"raw": {"language": 1}}});
    let bad_text = json!({"query": "a", "variables": "{"});
    all_refused([
        (json!({"mode": "text", "text": 5}), "body.text"),
        (json!({"mode": "raw", "raw": {}}), "body.raw"),
        (language, "body.options.raw.language"),
        (query(json!("{a}")), "body.graphql"),
        (query(json!({})), "body.graphql.query"),
        (query(bad_text), "body.graphql.variables"),
        (
            query(json!({"query": "a", "variables": [1]})),
            "body.graphql.variables",
        ),
        (json!({"mode": "file", "file": "a.txt"}), "body.file"),
        (json!({"mode": "file", "file": {}}), "body.file.src"),
        (binary(json!({"src": "no"})), "body.binary.src"),
        (
            binary(json!({"src": "a.txt", "base64": ""})),
            "body.binary.src",
        ),
        (binary(json!({"base64": "?"})), "body.binary.base64"),
    ]);
}

#[test]
fn errors_of_pairs_name_the_entry() {
    let pairs = |pairs: Value| json!({"mode": "urlencoded", "urlencoded": pairs});
    let no_bool = json!([{"key": "a", "disabled": 1}]);
    all_refused([
        (pairs(json!("a=1")), "body.urlencoded"),
        (pairs(json!({"a": []})), "body.urlencoded.a"),
        (pairs(json!(["a=1"])), "body.urlencoded[0]"),
        (pairs(json!([{"value": "1"}])), "body.urlencoded[0].key"),
        (
            pairs(json!([{"key": "a", "value": {}}])),
            "body.urlencoded[0].value",
        ),
        (pairs(no_bool), "body.urlencoded[0].disabled"),
    ]);
    let long = pairs(json!(["ä".repeat(100)]));
    let shown = refused(&long, &no_files()).problem;
    assert!(shown.starts_with("is \"ää") && shown.contains("...; expected"));
}

#[test]
fn errors_of_form_data_name_the_entry() {
    let form = |entry: Value| json!({"mode": "formdata", "formdata": [{"key": "a"}, entry]});
    let one_name = json!({"key": "b", "src": ["a.txt", "ok"], "fileName": "x"});
    let bad_type = json!({"key": "b", "contentType": "a/b\r\nX: y"});
    let bad_entry = json!({"key": "b", "src": ["a.txt", 1]});
    let no_file = json!({"key": "b", "src": ["a.txt", "no"]});
    all_refused([
        (json!({"mode": "formdata", "formdata": {}}), "body.formdata"),
        (form(json!(1)), "body.formdata[1]"),
        (form(json!({"value": "1"})), "body.formdata[1].key"),
        (
            form(json!({"key": "b", "type": "blob"})),
            "body.formdata[1].type",
        ),
        (
            form(json!({"key": "b", "type": "file"})),
            "body.formdata[1].src",
        ),
        (form(json!({"key": "b", "src": []})), "body.formdata[1].src"),
        (form(json!({"key": "b", "src": 1})), "body.formdata[1].src"),
        (
            form(json!({"key": "b", "src": "link"})),
            "body.formdata[1].src",
        ),
        (form(bad_entry), "body.formdata[1].src[1]"),
        (form(no_file), "body.formdata[1].src[1]"),
        (form(one_name), "body.formdata[1].fileName"),
        (form(bad_type), "body.formdata[1].contentType"),
    ]);
}

#[test]
fn bodies_have_a_bound() {
    let long = "x".repeat(usize::try_from(MAX_BODY_BYTES).expect("it is 64 MiB") + 1);
    let error = refused(&json!(long), &no_files());
    assert_eq!(error.field, "body");
    let half = &long[..long.len() / 2 + 1];
    let form = json!([{"key": "a", "value": half}, {"key": "b", "value": half}]);
    let error = refused(&json!({"mode": "formdata", "formdata": form}), &no_files());
    assert_eq!(error.field, "body.formdata[1].value");
}

#[test]
fn numbers_of_forms_keep_their_digits() {
    for pairs in [
        r#"{"v":1e2,"w":-0}"#,
        r#"[{"key":"v","value":1e2},{"key":"w","value":-0}]"#,
    ] {
        let body = format!(r#"{{"mode":"urlencoded","urlencoded":{pairs}}}"#);
        let body = vayu_shared::json::read(&body).expect("JSON");
        assert_eq!(made(&body).0, "v=1e2&w=-0");
    }
    let form = r#"{"mode":"formdata","formdata":[{"key":"v","value":1e2}]}"#;
    let (text, _) = made(&vayu_shared::json::read(form).expect("JSON"));
    assert!(text.contains("\r\n\r\n1e2\r\n"), "{text}");
}

#[test]
fn a_list_is_no_object_with_its_values() {
    for (mode, content) in [
        ("graphql", json!(["q", null, null])),
        ("graphql", json!("q")),
        ("binary", json!([null, "YQ=="])),
        ("file", json!("/x")),
    ] {
        let error = refused(&json!({"mode": mode, mode: content}), &no_files());
        let told = format!("`body.{mode}` is {content}; expected an object");
        assert_eq!(error.to_string(), told);
    }
}
