//! Tables of requests: complete, split at every byte, pipelined and malformed.

use super::*;

/// Fields compared by the tests: request line, host, body, keep-alive, wire length.
type Summary = (String, String, Vec<u8>, bool, usize);

/// Parses with fresh header slots.
fn summary(bytes: &[u8]) -> Result<Option<Summary>, RequestError> {
    let mut slots = [MaybeUninit::uninit(); MAX_HEADERS];
    let parsed = parse(bytes, &mut slots)?;
    Ok(parsed.map(|request| {
        let mut body = Vec::new();
        request.body.append_to(&mut body);
        let (path, query) = request.path_and_query();
        let target = format!("{} {path}?{query}", request.method_name);
        let host = String::from_utf8_lossy(request.header("HOST").unwrap_or_default());
        (
            target,
            host.into_owned(),
            body,
            request.keep_alive,
            request.wire_length,
        )
    }))
}

const WHOLE: &[(&str, &str, &str, bool)] = &[
    ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET /?", "", true),
    (
        "GET /x?y=1 HTTP/1.1\r\nhost: a\r\nConnection: Close\r\n\r\n",
        "GET /x?y=1",
        "",
        false,
    ),
    (
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: te, close\r\n\r\n",
        "GET /?",
        "",
        false,
    ),
    ("GET / HTTP/1.0\r\nHost: a\r\n\r\n", "GET /?", "", false),
    (
        "GET http://a:80/p?q HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /p?q",
        "",
        true,
    ),
    (
        "GET http://a HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /?",
        "",
        true,
    ),
    (
        "POST /e HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
        "POST /e?",
        "abc",
        true,
    ),
    (
        "PURGE /e HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nab",
        "PURGE /e?",
        "ab",
        true,
    ),
    (
        "PUT /e HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n\
         3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
        "PUT /e?",
        "abcde",
        true,
    ),
];

#[test]
fn whole_requests_parse_and_every_prefix_waits() {
    for (wire, target, body, keep_alive) in WHOLE {
        let expected = (
            target.to_string(),
            "a".to_owned(),
            body.as_bytes().to_vec(),
            *keep_alive,
            wire.len(),
        );
        assert_eq!(summary(wire.as_bytes()), Ok(Some(expected)), "{wire}");
        for cut in 0..wire.len() {
            assert_eq!(
                summary(&wire.as_bytes()[..cut]),
                Ok(None),
                "{wire} cut at {cut}"
            );
        }
    }
}

#[test]
fn pipelined_requests_are_taken_one_by_one() {
    let pipeline: String = WHOLE.iter().map(|row| row.0).collect();
    let mut rest = pipeline.as_bytes();
    for (wire, target, ..) in WHOLE {
        let (parsed, .., used) = summary(rest).expect("valid").expect("complete");
        assert_eq!((parsed.as_str(), used), (*target, wire.len()));
        rest = &rest[used..];
    }
    assert!(rest.is_empty());
}

#[test]
fn broken_requests_are_refused() {
    let rows = [
        "nonsense\r\n\r\n",
        "GET / HTTP/2.0\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
    ];
    for wire in rows {
        let refusal = summary(wire.as_bytes()).expect_err("a broken request");
        assert_eq!(refusal.status(), 400, "{wire}");
    }
}

#[test]
fn oversized_requests_are_refused() {
    let long = format!(
        "GET / HTTP/1.1\r\nHost: a\r\nx: {}",
        "y".repeat(MAX_HEAD_BYTES)
    );
    assert_eq!(summary(long.as_bytes()), Err(RequestError::HeadTooLarge));
    let many = format!(
        "GET / HTTP/1.1\r\n{}\r\n",
        "x: y\r\n".repeat(MAX_HEADERS + 1)
    );
    assert_eq!(summary(many.as_bytes()), Err(RequestError::HeadTooLarge));
    let body = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 16777217\r\n\r\n";
    assert_eq!(summary(body), Err(RequestError::BodyTooLarge));
}
