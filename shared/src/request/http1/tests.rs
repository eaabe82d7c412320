//! Tests the bytes of requests: what is added, what is kept, and where values are inserted.

use super::*;
use crate::http::{Endpoint, Header};
use crate::template::Variables;

fn request(method: Method, headers: &[(&str, &str)], body: &str) -> String {
    let spec = RequestSpec {
        content_type: (!body.is_empty()).then_some("application/json"),
        ..spec(method, "http://host:8080/p?q=1", headers, body)
    };
    String::from_utf8(PreparedRequest::new(&spec, true).bytes.to_vec()).expect("ASCII")
}

#[test]
fn what_the_user_left_out_is_added() {
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        request(Method::Get, &[("X-A", "b")], ""),
        format!(
            "GET /p?q=1 HTTP/1.1\r\nHost: host:8080\r\nUser-Agent: vayu/{version}\r\nAccept: */*\r\nX-A: b\r\n\r\n"
        )
    );
    assert_eq!(
        request(
            Method::Post,
            &[("user-agent", "me"), ("ACCEPT", "a/b")],
            "{}"
        ),
        "POST /p?q=1 HTTP/1.1\r\nHost: host:8080\r\nContent-Type: application/json\r\nContent-Length: 2\r\nuser-agent: me\r\nACCEPT: a/b\r\n\r\n{}"
    );
}

#[test]
fn what_the_user_wrote_is_kept() {
    let sent = request(
        Method::Put,
        &[
            ("Host", "other"),
            ("Content-Type", "text/csv"),
            ("Content-Length", "99"),
        ],
        "a,b",
    );
    assert!(
        sent.contains("Host: other\r\n") && !sent.contains("host:8080"),
        "{sent}"
    );
    assert!(
        sent.contains("Content-Type: text/csv\r\n") && !sent.contains("json"),
        "{sent}"
    );
    assert!(
        sent.contains("Content-Length: 3\r\n") && !sent.contains("99"),
        "{sent}"
    );
}

#[test]
fn a_body_is_sent_in_chunks_when_asked() {
    let chunked = [("Transfer-Encoding", "chunked")];
    let sent = request(Method::Post, &chunked, "hello");
    assert!(sent.ends_with("\r\n\r\n5\r\nhello\r\n0\r\n\r\n"), "{sent}");
    assert!(!sent.contains("Content-Length"), "{sent}");
    let long = request(Method::Post, &chunked, &"x".repeat(CHUNK_BYTES + 1));
    assert!(long.contains("\r\n4000\r\nx") && long.ends_with("\r\n1\r\nx\r\n0\r\n\r\n"));
    assert!(request(Method::Get, &chunked, "").ends_with("\r\n\r\n0\r\n\r\n"));
}

#[test]
fn an_empty_post_announces_its_length() {
    assert!(request(Method::Post, &[], "").contains("Content-Length: 0\r\n"));
    assert!(!request(Method::Delete, &[], "").contains("Content-Length"));
}

fn spec(method: Method, url: &str, headers: &[(&str, &str)], body: &str) -> RequestSpec {
    let headers = headers.iter();
    let headers = headers.map(|(name, value)| Header::new(name, value).expect("legal"));
    RequestSpec {
        headers: headers.collect(),
        body: body.into(),
        ..RequestSpec::new(method, url, Endpoint::parse(url).expect("legal"))
    }
}

struct Own;

impl Variables for Own {
    fn get(&self, name: &str) -> Option<String> {
        let known = [("a", "1 2/3"), ("b", "x\r\ny"), ("c", "in {{a}}")];
        let known = known.iter().find(|(known, _)| *known == name);
        known.map(|(_, value)| (*value).to_owned())
    }
}

fn rendered(spec: &RequestSpec, left: Deferred) -> String {
    let template = RequestTemplate::new(spec, left);
    assert!(!template.is_constant());
    let values = Values {
        source: &mut DynamicSource::new(7),
        unix_ns: 1_700_000_000_000_000_000,
        variables: &Own,
    };
    let mut out = Vec::new();
    let encoder = Encoder::new(&template, true);
    encoder.render(values, None, &mut Scratch::default(), &mut out);
    String::from_utf8(out).expect("text")
}

#[test]
fn what_is_dynamic_is_written_into_its_place() {
    let headers = [
        ("Host", "h"),
        ("User-Agent", "u"),
        ("Accept", "*/*"),
        ("X-At", "{{$timestamp}}"),
    ];
    let url = "http://h/a/{{$timestamp}}?b={{$timestamp}}";
    assert_eq!(
        rendered(
            &spec(Method::Post, url, &headers, "{{$timestamp}}"),
            Deferred::Dynamic
        ),
        "POST /a/1700000000?b=1700000000 HTTP/1.1\r\nContent-Length: 10\r\nHost: h\r\n\
         User-Agent: u\r\nAccept: */*\r\nX-At: 1700000000\r\n\r\n1700000000"
    );
}

#[test]
fn values_cannot_leave_their_place() {
    let headers = [("X", "{{$randomLoremLines}}")];
    let sent = rendered(
        &spec(Method::Get, "http://h/{{$randomFullName}}", &headers, ""),
        Deferred::Dynamic,
    );
    let (line, rest) = sent.split_once("\r\n").expect("a line");
    assert_eq!(line.split(' ').count(), 3, "{line}");
    assert!(line.contains("%20"), "{line}");
    assert!(!rest.replace("\r\n", "").contains('\n'), "{rest}");
    assert!(!rest.contains("Content-Length"), "{rest}");
}

#[test]
fn values_are_escaped_as_the_body_asks_for_it() {
    let body = |kind: &str, body: &str| {
        let spec = spec(Method::Post, "http://h/", &[("content-type", kind)], body);
        let sent = rendered(&spec, Deferred::Dynamic);
        sent.split_once("\r\n\r\n").expect("a head").1.to_owned()
    };
    let json = body("Application/JSON", r#"{"a":"{{$randomLoremLines}}"}"#);
    assert!(!json.contains('\n') && json.contains("\\n"), "{json}");
    let form = body(
        "application/x-www-form-urlencoded",
        "a={{$randomFullName}}&b=1",
    );
    assert!(form.starts_with("a=") && form.ends_with("&b=1"), "{form}");
    assert!(!form.contains(' ') && !form.contains('{'), "{form}");
    let text = body("text/plain", "{{$randomLoremLines}}");
    assert!(text.contains('\n'), "{text}");
}

#[test]
fn chunks_are_made_anew() {
    let headers = [("Transfer-Encoding", "chunked")];
    let sent = rendered(
        &spec(Method::Post, "http://h/", &headers, "a{{$timestamp}}bcde"),
        Deferred::Dynamic,
    );
    assert!(
        sent.ends_with("\r\n\r\nf\r\na1700000000bcde\r\n0\r\n\r\n"),
        "{sent}"
    );
    assert!(!sent.contains("Content-Length"), "{sent}");
}

#[test]
fn the_users_variables_are_written_as_the_place_asks_for_it() {
    let url = "http://h/{{a}}?q={{b}}&n={{nobody}}";
    let body = "{\"v\":\"{{c}}\",\"t\":{{$timestamp}}}";
    let sent = rendered(
        &spec(Method::Post, url, &[("X", "{{b}}")], body),
        Deferred::All,
    );
    let body = "{\"v\":\"in 1 2/3\",\"t\":1700000000}";
    assert!(
        sent.starts_with("POST /1%202/3?q=x%0D%0Ay&n={{nobody}} HTTP/1.1\r\n"),
        "{sent}"
    );
    let length = body.len();
    assert!(
        sent.contains(&format!("\r\nContent-Length: {length}\r\nX: x  y\r\n")),
        "{sent}"
    );
    assert!(sent.ends_with(body), "{sent}");
}

#[test]
fn names_that_nobody_knows_cannot_leave_the_line() {
    let spec = spec(Method::Get, "http://h/{{$guid}}{{a b}}{{é}}", &[], "");
    let sent = rendered(&spec, Deferred::All);
    let line = sent.split("\r\n").next().expect("a line");
    assert!(line.ends_with("{{a%20b}}{{%C3%A9}} HTTP/1.1"), "{line}");
}

#[test]
fn what_is_constant_needs_no_rendering() {
    for (url, body) in [
        ("http://h/", ""),
        ("http://h/{{x}}", "{{x}}"),
        ("http://h/", "{{$nothing}}"),
    ] {
        let spec = spec(Method::Get, url, &[], body);
        assert!(
            RequestTemplate::new(&spec, Deferred::Dynamic).is_constant(),
            "{url} {body}"
        );
    }
    let binary = RequestSpec {
        body: b"\xff{{$guid}}".to_vec(),
        ..spec(Method::Post, "http://h/", &[], "")
    };
    assert!(RequestTemplate::new(&binary, Deferred::All).is_constant());
}

#[test]
fn numbers_are_written_in_full() {
    for number in [0, 7, 10, 1_234_567, usize::MAX] {
        let mut out = Vec::new();
        write_length(number, &mut out);
        assert_eq!(out, format!("Content-Length: {number}\r\n").as_bytes());
    }
}
