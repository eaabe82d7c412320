//! How bodies are parsed: messages for invalid values and unknown fields.

use serde_json::{Value, json};

use super::*;

fn refusal(value: &Value) -> String {
    let read = read::<ConnectionBody>(value, "connection", &mut Vec::new());
    read.expect_err("it is wrong").to_string()
}

#[test]
fn an_error_names_the_path_the_value_and_what_is_right() {
    for (value, told) in [
        (
            json!("fast"),
            "`connection` is \"fast\"; expected an object",
        ),
        (json!([true]), "`connection` is [true]; expected an object"),
        (
            json!({"dns": ["ttl"]}),
            "`connection.dns` is [\"ttl\"]; expected an object",
        ),
        (
            json!({"keepAlive": "yes"}),
            "`connection.keepAlive` is \"yes\"; expected true or false",
        ),
        (
            json!({"maxRequests": 1.5}),
            "`connection.maxRequests` is 1.5; expected a whole number from 1 to 1000000000000",
        ),
        (
            json!({"maxConnections": "7"}),
            "`connection.maxConnections` is \"7\"; expected a whole number from 1 to 100000",
        ),
        (
            json!({"localAddresses": "10.0.0.1"}),
            "`connection.localAddresses` is \"10.0.0.1\"; expected a list",
        ),
        (
            json!({"localAddresses": ["::1", 5]}),
            "`connection.localAddresses[1]` is 5; expected a string",
        ),
        (
            json!({"localAddresses": ["10.0.0"]}),
            "`connection.localAddresses[0]` is \"10.0.0\", which is not an IP address",
        ),
        (
            json!({"resolve": {"a:1": {"b": "1.1.1.1"}}}),
            "`connection.resolve.a:1` is {\"b\":\"1.1.1.1\"}; expected a string or a list of strings",
        ),
        (
            json!({"resolve": {"a:1": ["b"]}}),
            "`connection.resolve.a:1[0]` is \"b\", which is not an IP address",
        ),
        (
            json!({"dns": {"policy": "always"}}),
            "`connection.dns.policy` is \"always\"; expected one of \"once\", \"ttl\", \"connection\"",
        ),
        (
            json!({"dns": {"policy": 5}}),
            "`connection.dns.policy` is 5; expected one of \"once\", \"ttl\", \"connection\"",
        ),
        (
            json!({"dns": {"policy": {"once": null}}}),
            "`connection.dns.policy` is {\"once\":null}; expected one of \"once\", \"ttl\", \"connection\"",
        ),
        (
            json!({"dns": {"servers": ["a, expected b"]}}),
            "`connection.dns.servers[0]` is \"a, expected b\"; expected an address like \"10.0.0.53:53\"",
        ),
        (
            json!({"tls": {"key": ["s3cret"]}}),
            "`connection.tls.key` has to be a string",
        ),
        (
            json!({"tls": {"ca": ["x".repeat(100)]}}),
            "`connection.tls.ca` is [\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...; expected a string",
        ),
    ] {
        assert_eq!(refusal(&value), told, "{value}");
    }
}

#[test]
fn null_is_as_good_as_absent_and_numbers_may_have_a_point() {
    let body =
        json!({"keepAlive": null, "tls": null, "maxRequests": 5.0, "resolve": {"a:1": "::1"}});
    let mut warnings = Vec::new();
    let read: ConnectionBody = read(&body, "connection", &mut warnings).expect("legal");
    assert_eq!((read.keep_alive, read.tls.is_none()), (None, true));
    assert_eq!(read.max_requests.map(|most| most.0), Some(5));
    assert_eq!(warnings, [""; 0]);
    let written: Value = serde_json::from_str("{\"maxRequests\": 5.00}").expect("JSON");
    let read = super::read::<ConnectionBody>(&written, "connection", &mut warnings);
    assert_eq!(
        read.expect("legal").max_requests.map(|most| most.0),
        Some(5)
    );
}

#[test]
fn an_unknown_field_is_warned_of_with_the_likely_one() {
    let body = json!({"keep_alive": true, "tls": {"serverName": "a", "server-name": "b"}, "servername": "c",
                      "dns": {"other": {"x": 1}}});
    let mut warnings = Vec::new();
    let _: ConnectionBody = read(&body, "connection", &mut warnings).expect("legal");
    assert_eq!(
        warnings,
        [
            "unknown field `connection.keep_alive` ignored; did you mean `connection.keepAlive`?",
            "unknown field `connection.tls.server-name` ignored; did you mean `connection.tls.serverName`?",
            "unknown field `connection.servername` ignored; did you mean `connection.tls.serverName`?",
            "unknown field `connection.dns.other` ignored",
        ]
    );
}

#[test]
fn a_missing_field_is_described() {
    let read = |body: &Value| RunBody::read(body, &mut Vec::new()).expect_err("incomplete");
    for (body, told) in [
        (
            json!({}),
            "`request` is missing: the `method` and `url` to send, and what else belongs to the request",
        ),
        (
            json!({"request": {"url": "http://a/"}}),
            "`request.method` is missing: GET, POST, PUT, DELETE, PATCH, HEAD, OPTIONS or another method \
             of the IANA registry, in any case, or with `customMethod` any token",
        ),
        (
            json!({"request": {"method": "GET", "url": null}}),
            "`request.url` is missing: an http or https URL, like `http://127.0.0.1:8080/`",
        ),
        (
            json!({"request": {"method": "GET", "url": "u"}}),
            "`mode` is missing: the kind of load: `constant`, `iterations` or `ramp_up`",
        ),
        (
            json!({"request": {"method": "GET", "url": "u"}, "mode": {"iterations": null}}),
            "`mode` is {\"iterations\":null}; expected one of \"constant\", \"iterations\", \"ramp_up\"",
        ),
    ] {
        assert_eq!(read(&body).to_string(), told);
    }
}

#[test]
fn what_is_unknown_to_both_parts_of_a_body_is_warned_of_once() {
    let body = json!({"method": "GET", "url": "u", "timeOut": 1, "other": {"a": 1},
                      "connection": {"dns": {"x": 1}}, "a.b": 1, "cookies": true});
    let mut warnings = Vec::new();
    DesignBody::read(&body, &mut warnings).expect("legal");
    assert_eq!(
        warnings,
        [
            "unknown field `timeOut` ignored; did you mean `timeout`?",
            "unknown field `other` ignored",
            "unknown field `a.b` ignored",
            "unknown field `connection.dns.x` ignored",
        ]
    );
}
