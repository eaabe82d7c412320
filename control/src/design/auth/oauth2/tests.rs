//! Tests of token requests against the examples of RFC 6749, of responses as servers send them, and of
//! secrets not being leaked.

use proptest::prelude::*;
use serde_json::json;

use super::{AccessToken, ClientAuth, Grant, TokenCache, TokenSpec};

/// The client of the RFC's examples.
fn spec(grant: Grant, client_auth: ClientAuth) -> TokenSpec {
    TokenSpec {
        token_url: "https://server.example.com/token?key=urlsecret".to_owned(),
        grant,
        client_id: "s6BhdRkqt3".to_owned(),
        client_secret: "gX1fBat3bV".to_owned(),
        scope: None,
        audience: None,
        client_auth,
    }
}

fn password() -> Grant {
    Grant::Password {
        username: "johndoe".to_owned(),
        password: "A3ddj3w".to_owned(),
    }
}

fn parse(answer: &serde_json::Value) -> AccessToken {
    let body = answer.to_string();
    AccessToken::parse(200, body.as_bytes(), 1_000_000).unwrap_or_else(|error| panic!("{error}"))
}

fn failure(status: u16, body: &[u8]) -> String {
    match AccessToken::parse(status, body, 0) {
        Err(error) => error,
        Ok(token) => panic!("{token:?}"),
    }
}

#[test]
fn the_requests_of_the_rfc() {
    let basic = Some("Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW".to_owned());
    for (grant, refresh_token, body) in [
        (
            password(),
            None,
            "grant_type=password&username=johndoe&password=A3ddj3w",
        ),
        (
            Grant::ClientCredentials,
            None,
            "grant_type=client_credentials",
        ),
        (
            password(),
            Some("tGzv3JOkF0XG5Qx2TlKWIA"),
            "grant_type=refresh_token&refresh_token=tGzv3JOkF0XG5Qx2TlKWIA",
        ),
    ] {
        let request = spec(grant, ClientAuth::Header).request(refresh_token);
        assert_eq!(request.body, body);
        assert_eq!(request.authorization, basic);
    }
}

#[test]
fn credentials_in_the_body() {
    let request = spec(Grant::ClientCredentials, ClientAuth::Body).request(Some("r/1"));
    assert_eq!(
        request.body,
        "grant_type=refresh_token&refresh_token=r%2F1\
         &client_id=s6BhdRkqt3&client_secret=gX1fBat3bV"
    );
    assert_eq!(request.authorization, None);
}

#[test]
fn scope_and_audience_are_asked_for_once_and_only_when_there_are_any() {
    let spec = TokenSpec {
        scope: Some("read write:all".to_owned()),
        audience: Some("https://api.example/".to_owned()),
        ..spec(Grant::ClientCredentials, ClientAuth::Header)
    };
    let first = "grant_type=client_credentials&scope=read+write%3Aall\
                 &audience=https%3A%2F%2Fapi.example%2F";
    assert_eq!(spec.request(None).body, first);
    let refresh = "grant_type=refresh_token&refresh_token=r";
    assert_eq!(spec.request(Some("r")).body, refresh);
    let empty = TokenSpec {
        scope: Some(String::new()),
        audience: None,
        ..spec
    };
    assert_eq!(empty.request(None).body, "grant_type=client_credentials");
}

#[test]
fn the_parts_of_basic_are_form_encoded() {
    let spec = TokenSpec {
        client_id: "a:b c".to_owned(),
        client_secret: "\u{e9}%+".to_owned(),
        ..spec(Grant::ClientCredentials, ClientAuth::Header)
    };
    let expected = vayu_shared::auth::basic::basic("a%3Ab+c", "%C3%A9%25%2B");
    assert_eq!(spec.request(None).authorization, Some(expected));
}

#[test]
fn what_a_client_does_not_have_is_not_sent() {
    let public = |client_auth| TokenSpec {
        client_secret: String::new(),
        ..spec(Grant::ClientCredentials, client_auth)
    };
    let body = public(ClientAuth::Body).request(None).body;
    assert_eq!(body, "grant_type=client_credentials&client_id=s6BhdRkqt3");
    let header = public(ClientAuth::Header).request(None).authorization;
    assert_eq!(
        header,
        Some(vayu_shared::auth::basic::basic("s6BhdRkqt3", ""))
    );
    let nobody = TokenSpec {
        client_id: String::new(),
        ..public(ClientAuth::Header)
    };
    assert_eq!(nobody.request(None).authorization, None);
}

#[test]
fn cache_keys_differ_with_every_part_and_show_none() {
    let base = spec(password(), ClientAuth::Header);
    let with = |change: &dyn Fn(&mut TokenSpec)| {
        let mut spec = base.clone();
        change(&mut spec);
        spec.cache_key()
    };
    let mut keys = vec![
        base.cache_key(),
        with(&|spec| spec.token_url.push('x')),
        with(&|spec| spec.grant = Grant::ClientCredentials),
        with(&|spec| {
            spec.grant = Grant::Password {
                username: "johndoeA".to_owned(),
                password: "3ddj3w".to_owned(),
            }
        }),
        with(&|spec| spec.client_id.push('x')),
        with(&|spec| spec.client_secret.push('x')),
        with(&|spec| spec.scope = Some("a".to_owned())),
        with(&|spec| spec.audience = Some("a".to_owned())),
        with(&|spec| spec.client_auth = ClientAuth::Body),
    ];
    assert_eq!(base.cache_key(), base.clone().cache_key());
    let all = keys.len();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), all);
    assert!(keys.iter().all(|key| key.len() == 64));
}

#[test]
fn the_answer_of_the_rfc() {
    let token = parse(&json!({
        "access_token": "2YotnFZFEjr1zCsicMWpAA",
        "token_type": "bearer",
        "expires_in": 3600,
        "refresh_token": "tGzv3JOkF0XG5Qx2TlKWIA",
        "example_parameter": "example_value"
    }));
    assert_eq!(token.authorization(), "Bearer 2YotnFZFEjr1zCsicMWpAA");
    assert_eq!(
        token.refresh_token.as_deref(),
        Some("tGzv3JOkF0XG5Qx2TlKWIA")
    );
    assert_eq!(token.expires_at_ms, Some(4_600_000));
    assert!(token.is_fresh(4_569_999));
    assert!(!token.is_fresh(4_570_000));
}

#[test]
fn lives_of_all_kinds() {
    for (expires_in, expires_at, renew_at) in [
        (json!(60), Some(1_060_000), Some(1_054_000)),
        (json!("300"), Some(1_300_000), Some(1_270_000)),
        (json!(0.5), Some(1_000_500), Some(1_000_450)),
        (json!(0), Some(1_000_000), Some(1_000_000)),
        (json!(1e300), Some(u64::MAX), Some(u64::MAX - 30_000)),
        (json!(-1), None, None),
        (json!("soon"), None, None),
        (json!(null), None, None),
    ] {
        let token = parse(&json!({"access_token": "a", "expires_in": expires_in}));
        assert_eq!(token.expires_at_ms, expires_at, "{expires_in}");
        assert_eq!(token.renew_at_ms, renew_at, "{expires_in}");
        assert_eq!(token.is_fresh(u64::MAX), expires_at.is_none());
        assert_eq!(token.authorization(), "Bearer a");
    }
    let other = parse(&json!({"access_token": "a", "token_type": "DPoP"}));
    assert_eq!(other.authorization(), "DPoP a");
}

#[test]
fn a_refresh_token_lives_on_until_another_comes() {
    let first = parse(&json!({"access_token": "a", "refresh_token": "r1"}));
    let second = parse(&json!({"access_token": "b"})).succeeding(&first);
    assert_eq!(second.refresh_token.as_deref(), Some("r1"));
    assert_eq!(second.access_token, "b");
    let third = parse(&json!({"access_token": "c", "refresh_token": "r2"})).succeeding(&second);
    assert_eq!(third.refresh_token.as_deref(), Some("r2"));
}

#[test]
fn refusals_are_told_in_the_servers_words() {
    for (status, body, expected) in [
        (
            400,
            r#"{"error": "invalid_grant", "error_description": "Wrong\r\nuser"}"#,
            "the token endpoint answered 400: invalid_grant: Wrong  user",
        ),
        (
            200,
            r#"{"error": "bad_verification_code", "access_token": "hush"}"#,
            "the token endpoint answered 200: bad_verification_code",
        ),
        (
            502,
            "<html>hush</html>",
            "the token endpoint answered 502 without an OAuth error",
        ),
    ] {
        assert_eq!(failure(status, body.as_bytes()), expected);
    }
    let long = json!({"error": "x".repeat(10_000)}).to_string();
    assert!(failure(400, long.as_bytes()).len() < 400);
}

#[test]
fn broken_answers_are_told_without_what_they_hold() {
    for (body, expected) in [
        ("access_token=hush", ", but its body is not a JSON object"),
        (r#"["hush"]"#, ", but its body is not a JSON object"),
        (r#"{"accessToken": "hush"}"#, " without an access_token"),
        (r#"{"access_token": ""}"#, " without an access_token"),
        (
            r#"{"access_token": "hush\r\nX: y"}"#,
            " with an access_token that is not printable ASCII and cannot be sent in a header",
        ),
        (
            r#"{"access_token": "hush", "token_type": "é"}"#,
            " with a token_type that is not printable ASCII and cannot be sent in a header",
        ),
    ] {
        let expected = format!("the token endpoint answered 200{expected}");
        assert_eq!(failure(200, body.as_bytes()), expected);
    }
}

#[test]
fn debug_shows_no_secret() {
    let spec = spec(password(), ClientAuth::Body);
    let token = parse(&json!({"access_token": "accsecret", "refresh_token": "refsecret"}));
    let mut cache = TokenCache::default();
    cache.put(spec.cache_key(), token.clone());
    let header = TokenSpec {
        client_auth: ClientAuth::Header,
        ..spec.clone()
    };
    let requests = (spec.request(None), header.request(Some("refsecret")));
    let text = format!("{spec:?} {token:?} {cache:?} {requests:?}");
    for secret in [
        "A3ddj3w",
        "gX1fBat3bV",
        "accsecret",
        "refsecret",
        "urlsecret",
        "czZC",
    ] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    assert!(text.contains("johndoe"), "{text}");
}

#[test]
fn the_oldest_token_goes_when_there_are_too_many() {
    let token = |name: &str| parse(&json!({"access_token": name}));
    let mut cache = TokenCache::default();
    for number in 0..TokenCache::CAPACITY {
        cache.put(number.to_string(), token("old"));
    }
    // Replacing the second token makes it the newest and does not evict the first.
    cache.put("1".to_owned(), token("new"));
    assert!(cache.get("0").is_some());
    for key in ["more", "still more"] {
        cache.put(key.to_owned(), token("old"));
    }
    assert!(cache.get("0").is_none());
    assert!(cache.get("2").is_none());
    assert_eq!(cache.get("1"), Some(&token("new")));
    assert_eq!(cache.get("3"), Some(&token("old")));
}

#[test]
fn a_refused_token_is_used_no_more() {
    let plain = parse(&json!({"access_token": "a", "expires_in": 3_600}));
    let refreshed = parse(&json!({"access_token": "a", "refresh_token": "r"}));
    let other = parse(&json!({"access_token": "b"}));
    let mut cache = TokenCache::default();
    cache.put("k".to_owned(), plain.clone());
    cache.refuse("k", &other);
    assert_eq!(cache.get("k"), Some(&plain), "another one was refused");
    cache.refuse("k", &plain);
    assert_eq!(cache.get("k"), None);
    cache.put("k".to_owned(), refreshed.clone());
    cache.refuse("k", &refreshed);
    let kept = cache.get("k").expect("it can still be refreshed");
    assert!(!kept.is_fresh(0) && kept.refresh_token.is_some());
    cache.put("l".to_owned(), other);
    assert_eq!((cache.clear(), cache.clear()), (2, 0));
}

proptest! {
    #[test]
    fn no_answer_makes_the_reader_panic(
        status in any::<u16>(),
        seconds in any::<f64>(),
        body in any::<Vec<u8>>(),
        now in any::<u64>(),
    ) {
        let known = json!({"access_token": "a", "expires_in": seconds}).to_string();
        let read = AccessToken::parse(status, known.as_bytes(), now);
        prop_assert_eq!(read.is_ok(), (200..300).contains(&status));
        prop_assert!(AccessToken::parse(status, &body, now).is_err());
    }
}
