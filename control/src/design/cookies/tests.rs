//! Tests of the jar: who may set a cookie, who receives it, in which order, and what is left after saving.

use super::*;

fn url(text: &str) -> Url {
    Url::parse(text).expect("rows have legal URLs")
}

/// Returns a jar after one response.
fn jar(from: &str, set_cookie: &[&str]) -> CookieJar {
    let mut jar = CookieJar::new();
    jar.store(&url(from), set_cookie);
    jar
}

fn sent(jar: &CookieJar, to: &str) -> String {
    let pairs = jar.pairs(&url(to)).into_iter();
    let pairs: Vec<String> = pairs
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join("; ")
}

#[test]
fn host_only_cookies_stay_with_their_host() {
    let jar = jar(
        "http://example.com/",
        &[
            "own=1",
            "all=2; Domain=example.com",
            "dot=3; domain=.EXAMPLE.com",
        ],
    );
    assert_eq!(sent(&jar, "http://example.com/x"), "own=1; all=2; dot=3");
    assert_eq!(sent(&jar, "http://a.example.com/"), "all=2; dot=3");
    assert_eq!(sent(&jar, "http://badexample.com/"), "");
    assert_eq!(sent(&jar, "http://com/"), "");
    let host_only: Vec<bool> = jar.list().iter().map(|cookie| cookie.host_only).collect();
    assert_eq!(host_only, [true, false, false]);
}

#[test]
fn only_own_domains_are_accepted() {
    let table = [
        ("http://a.example.com/", "example.com", true),
        ("http://a.example.com/", "a.example.com", true),
        ("http://a.example.com/", "b.example.com", false),
        ("http://a.example.com/", "x.a.example.com", false),
        ("http://a.example.com/", "other.org", false),
        ("http://a.example.com/", "com", false),
        ("http://a.co.uk/", "co.uk", false),
        ("http://a.co.uk/", ".co.uk", false),
        ("http://me.github.io/", "github.io", false),
        ("http://me.github.io/", "me.github.io", true),
        ("http://a.intern/", "intern", false),
        ("http://xn--55qx5d.cn/", "cn", false),
        ("http://a.xn--55qx5d.cn/", "xn--55qx5d.cn", false),
        ("http://a.xn--p1ai/", "xn--p1ai", false),
        ("http://a.www.ck/", "www.ck", true),
        ("http://a.any.ck/", "any.ck", false),
        ("http://127.0.0.1/", "127.0.0.1", true),
        ("http://127.0.0.1/", "0.0.1", false),
        ("http://[::1]/", "::1", false),
    ];
    for (from, domain, is_accepted) in table {
        let jar = jar(from, &[&format!("a=1; Domain={domain}")]);
        assert_eq!(!jar.list().is_empty(), is_accepted, "{from} {domain}");
    }
}

#[test]
fn a_public_suffix_keeps_its_own_cookies_to_itself() {
    for (host, below) in [
        ("http://github.io/", "http://me.github.io/"),
        ("http://localhost/", "http://a.localhost/"),
    ] {
        let name = url(host).host_str().expect("rows have hosts").to_owned();
        let jar = jar(host, &[&format!("a=1; Domain={name}")]);
        assert_eq!(sent(&jar, host), "a=1");
        assert_eq!(sent(&jar, below), "");
    }
}

#[test]
fn addresses_have_cookies_across_ports() {
    for host in ["127.0.0.1", "[::1]"] {
        let jar = jar(&format!("http://{host}:8080/"), &["a=1"]);
        assert_eq!(sent(&jar, &format!("http://{host}:9090/")), "a=1");
        let again = CookieJar::from_json(&jar.to_json()).expect("it was just saved");
        assert_eq!(sent(&again, &format!("http://{host}/")), "a=1");
    }
}

#[test]
fn paths_match_whole_segments() {
    let table = [
        ("/a/b", "a=1", "/a/c", true),
        ("/a/b", "a=1", "/a", true),
        ("/a/b", "a=1", "/", false),
        ("/a/b", "a=1", "/ab", false),
        ("/", "a=1; Path=/docs", "/docs", true),
        ("/", "a=1; Path=/docs", "/docs/", true),
        ("/", "a=1; Path=/docs", "/docs/x?y", true),
        ("/", "a=1; Path=/docs", "/docsets", false),
        ("/", "a=1; Path=/docs/", "/docs", false),
        ("/a/b", "a=1; Path=docs", "/a/c", true),
        ("/a/b", "a=1; Path=/", "/", true),
    ];
    for (from, set_cookie, to, is_sent) in table {
        let jar = jar(&format!("http://example.com{from}"), &[set_cookie]);
        let sent = sent(&jar, &format!("http://example.com{to}"));
        assert_eq!(sent == "a=1", is_sent, "{from} {set_cookie} {to}");
    }
}

#[test]
fn secure_cookies_are_not_sent_in_clear() {
    let jar = jar("https://example.com/", &["a=1; Secure", "b=2; HttpOnly"]);
    assert_eq!(sent(&jar, "https://example.com/"), "a=1; b=2");
    assert_eq!(sent(&jar, "http://example.com/"), "b=2");
}

#[test]
fn prefixes_are_kept_to() {
    let table = [
        ("https://example.com/", "__Host-a=1; Secure; Path=/", true),
        ("https://example.com/", "__Host-a=1; Path=/", false),
        ("https://example.com/", "__host-a=1; Secure", false),
        (
            "https://example.com/",
            "__Host-a=1; Secure; Path=/; Domain=example.com",
            false,
        ),
        (
            "https://github.io/",
            "__Host-a=1; Secure; Path=/; Domain=github.io",
            false,
        ),
        ("http://example.com/", "__Host-a=1; Secure; Path=/", false),
        ("http://localhost:1/", "__Host-a=1; Secure; Path=/", true),
        ("https://example.com/", "__Secure-a=1; Secure", true),
        ("https://example.com/", "__Secure-a=1", false),
        ("http://example.com/", "__Secure-a=1; Secure", false),
    ];
    for (from, set_cookie, is_stored) in table {
        let jar = jar(from, &[set_cookie]);
        assert_eq!(!jar.list().is_empty(), is_stored, "{from} {set_cookie}");
    }
}

#[test]
fn cookies_end_when_they_are_told_to() {
    let from = "http://example.com/";
    let mut jar = jar(
        from,
        &[
            "session=1",
            "hour=2; Max-Age=3600; Expires=Wed, 21 Oct 2015 07:28:00 GMT",
            "far=3; Expires=Fri, 31 Dec 9999 23:59:59 GMT",
            "past=4; Expires=Wed, 21 Oct 2015 07:28:00 GMT",
            "zero=5; Max-Age=0",
            "minus=6; Max-Age=-1",
        ],
    );
    assert_eq!(sent(&jar, from), "session=1; hour=2; far=3");
    let ends: Vec<bool> = jar.list().iter().map(|c| c.expires_ms.is_some()).collect();
    assert_eq!(ends, [false, true, true]);
    jar.store(&url(from), &["hour=; Max-Age=0"]);
    assert_eq!(sent(&jar, from), "session=1; far=3");
    jar.store(
        &url(from),
        &["session=; Expires=Thu, 01 Jan 1970 00:00:00 GMT"],
    );
    assert_eq!(sent(&jar, from), "far=3");
    // A different path means a different cookie.
    jar.store(&url(from), &["far=; Path=/x; Max-Age=0"]);
    assert_eq!(sent(&jar, from), "far=3");
}

#[test]
fn longer_paths_go_first_and_then_older_ones() {
    let from = "http://example.com/a/b/c";
    let mut jar = jar(
        from,
        &[
            "one=1; Path=/",
            "two=2; Path=/a/b",
            "three=3; Path=/",
            "four=4; Path=/a",
        ],
    );
    assert_eq!(sent(&jar, from), "two=2; four=4; one=1; three=3");
    // A new value keeps the creation order; a deleted cookie starts over.
    jar.store(&url(from), &["one=x; Path=/"]);
    assert_eq!(sent(&jar, from), "two=2; four=4; one=x; three=3");
    jar.store(&url(from), &["one=; Path=/; Max-Age=0", "one=y; Path=/"]);
    assert_eq!(sent(&jar, from), "two=2; four=4; three=3; one=y");
}

#[test]
fn bad_ones_are_ignored() {
    let long = format!("a={}", "x".repeat(MAX_SET_COOKIE_BYTES));
    for bad in [
        "",
        "a",
        "=1",
        ";",
        "a=\u{1}",
        "a=1\r\nb: c",
        "a=1; Path=/\0",
        &long,
    ] {
        assert_eq!(jar("http://example.com/", &[bad]).list(), [], "{bad:?}");
    }
    let jar = jar(
        "http://example.com/",
        &["bad", "a=\"q u\"; Unknown=1", "b="],
    );
    assert_eq!(sent(&jar, "http://example.com/"), "a=\"q u\"; b=");
}

#[test]
fn the_oldest_of_too_many_go() {
    let mut jar = CookieJar::new();
    for number in 0..60 {
        jar.store(&url("http://example.com/"), &[&format!("n{number}=1")]);
    }
    let names: Vec<String> = jar.list().into_iter().map(|cookie| cookie.name).collect();
    assert_eq!(names.len(), MAX_COOKIES_PER_DOMAIN);
    assert_eq!(names[0], "n10");
    let fifty: Vec<String> = (0..50).map(|number| format!("m{number}=1")).collect();
    let fifty: Vec<&str> = fifty.iter().map(String::as_str).collect();
    for host in 0..60 {
        jar.store(&url(&format!("http://h{host}.example.org/")), &fifty);
    }
    assert_eq!(jar.list().len(), MAX_COOKIES);
    assert_eq!(sent(&jar, "http://example.com/"), "");
    assert_ne!(sent(&jar, "http://h0.example.org/"), "");
    assert_eq!(jar.born.len(), MAX_COOKIES);
}

#[test]
fn clearing_counts_what_went() {
    let mut jar = jar(
        "http://a.example.com/",
        &["a=1", "b=2; Domain=example.com", "c=3"],
    );
    assert_eq!(jar.clear(Some("example.org")), 0);
    assert_eq!(jar.clear(Some(".Example.com")), 1);
    assert_eq!(sent(&jar, "http://a.example.com/"), "a=1; c=3");
    assert_eq!(jar.clear(None), 2);
    assert_eq!(jar.clear(None), 0);
    assert_eq!(jar.list(), []);
}

#[test]
fn a_saved_jar_comes_back() {
    let from = "https://a.example.com/x/y";
    let jar = jar(
        from,
        &[
            "z=1; Path=/",
            "b=\"2 3\"; Domain=example.com; Secure; HttpOnly; SameSite=Lax; Max-Age=3600",
            "__Host-c=3; Secure; Path=/; SameSite=None",
            "d=; SameSite=Strict; Expires=Fri, 31 Dec 9999 23:59:59 GMT",
        ],
    );
    assert_eq!(jar.list().len(), 4);
    let again = CookieJar::from_json(&jar.to_json()).expect("it was just saved");
    assert_eq!(again.list(), jar.list());
    assert_eq!(again.pairs(&url(from)), jar.pairs(&url(from)));
    let empty = CookieJar::from_json(&CookieJar::new().to_json()).expect("it was just saved");
    assert_eq!(empty.list(), []);
}

#[test]
fn the_list_has_the_names_of_json() {
    let jar = jar("https://example.com/", &["a=1; Secure; SameSite=lax"]);
    let expected = serde_json::json!([{
        "name": "a", "value": "1", "domain": "example.com", "path": "/",
        "expiresMs": null, "secure": true, "httpOnly": false,
        "sameSite": "Lax", "hostOnly": true,
    }]);
    assert_eq!(serde_json::json!(jar.list()), expected);
}

#[test]
fn what_no_server_could_set_is_not_read_back() {
    let good = jar("https://example.com/", &["a=1; Domain=example.com"]).to_json();
    for (from, to) in [
        ("\"1\"", "\"1; Domain=x\""),
        ("\"1\"", "\"1\\r\\nX: y\""),
        ("\"a\"", "\"\""),
        ("\"example.com\"", "\"example.com:80\""),
        ("\"example.com\"", "\"com\""),
        ("\"example.com\"", "\"\""),
        ("\"/\"", "\"x\""),
        ("\"expiresMs\":null", "\"expiresMs\":9223372036854775807"),
        ("\"expiresMs\":null", "\"expiresMs\":-1"),
        ("\"sameSite\":null", "\"sameSite\":\"x\""),
    ] {
        let bad = good.replace(from, to);
        assert_ne!(good, bad, "{from} is in the text");
        let jar = CookieJar::from_json(&bad).expect("the JSON is right");
        assert_eq!(jar.list(), [], "{to}");
    }
    for bad in ["", "[]", "{}", "{\"cookies\":[{}]}"] {
        let error = CookieJar::from_json(bad).expect_err("these are no jars");
        assert!(error.contains("stored cookies"), "{error}");
    }
    let past = good.replace("\"expiresMs\":null", "\"expiresMs\":1000");
    let jar = CookieJar::from_json(&past).expect("it is only old");
    assert_eq!(jar.list(), []);
}
