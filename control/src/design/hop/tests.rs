//! Tests of what a hop sends, to its target and to a proxy.

use super::*;

fn hop(url: &str, typed_target: Option<&str>) -> Hop {
    Hop {
        method: Method::Get,
        url: url.parse().expect("legal"),
        typed_target: typed_target.map(str::to_owned),
        headers: vec![("X-Own".into(), "1".into())],
        body: Vec::new(),
    }
}

fn written(hop: &Hop, proxy: Option<&ProxyServer>) -> String {
    let endpoint = hop.endpoint().expect("a target");
    let spec = hop.spec(&endpoint, proxy).expect("legal headers");
    let prepared = PreparedRequest::new(&spec, true);
    String::from_utf8(prepared.bytes.to_vec()).expect("text")
}

fn request_line(hop: &Hop, proxy: Option<&ProxyServer>) -> String {
    let written = written(hop, proxy);
    written.lines().next().unwrap_or_default().to_owned()
}

#[test]
fn the_target_is_what_was_typed_where_it_is_sent_as_typed() {
    let table = [
        ("http://a.example/x/../y?q=1#f", None, "/y?q=1"),
        ("http://a.example", None, "/"),
        ("http://a.example/y", Some("/x/../y"), "/x/../y"),
    ];
    for (url, typed, target) in table {
        let hop = hop(url, typed);
        assert_eq!(hop.target(), target, "{url}");
        assert_eq!(
            request_line(&hop, None),
            format!("GET {target} HTTP/1.1"),
            "{url}"
        );
    }
}

#[test]
fn the_url_for_people_has_the_path_that_is_sent_and_the_fragment() {
    let hop = hop("http://a.example/y#part", Some("/x/../y"));
    assert_eq!(hop.shown_url(), "http://a.example/x/../y#part");
}

#[test]
fn a_parameter_is_added_to_the_url_and_to_what_was_typed() {
    let table = [
        ("http://a.example/p", "/p", "/p?key=a%26b"),
        ("http://a.example/p?q=1", "/./p?q=1", "/./p?q=1&key=a%26b"),
    ];
    for (url, typed, target) in table {
        let mut hop = hop(url, Some(typed));
        assert!(!hop.has_parameter("key"));
        hop.add_parameter("key", "a&b");
        assert!(hop.has_parameter("key"), "{}", hop.url);
        assert_eq!(hop.target(), target);
    }
}

#[test]
fn a_proxy_is_told_the_whole_url_and_who_asks() {
    let proxy = ProxyServer {
        host: "proxy.example".into(),
        port: 3128,
        authorization: Some("Basic eDp5".into()),
    };
    let hop = hop("http://a.example:81/p?q=1", None);
    let line = "GET http://a.example:81/p?q=1 HTTP/1.1";
    assert_eq!(request_line(&hop, Some(&proxy)), line);
    let written = written(&hop, Some(&proxy));
    assert!(
        written.contains("\r\nProxy-Authorization: Basic eDp5\r\n"),
        "{written}"
    );
    assert!(written.contains("\r\nHost: a.example:81\r\n"), "{written}");
}

#[test]
fn what_was_written_by_hand_stays() {
    let mut hop = hop("http://a.example/", None);
    hop.propose("x-own", "2");
    hop.propose("Accept", "*/*");
    assert_eq!(
        hop.headers,
        [("X-Own", "1"), ("Accept", "*/*")].map(|(n, v)| (n.into(), v.into()))
    );
    hop.drop_headers(&["X-OWN"]);
    assert!(!hop.has("X-Own") && hop.has("accept"));
}

#[test]
fn headers_that_no_request_can_have_are_refused_by_name() {
    let mut hop = hop("http://a.example/", None);
    hop.headers = vec![("X-Bad".into(), "a\nb".into())];
    let refused = hop.sent_lines().expect_err("a line end in a value");
    assert!(refused.to_string().contains("X-Bad"), "{refused}");
}
