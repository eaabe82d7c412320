//! Warnings about valid fields of a load run that have no effect, which the user probably does not expect.
//! Invalid fields are refused elsewhere.

use std::net::IpAddr;

use vayu_shared::connection::ConnectionSpec;
use vayu_shared::http::Endpoint;
use vayu_shared::spec::{Bounds, Load};

use super::RunBody;
use crate::contract::connection::ConnectionBody;
use crate::contract::mode::Mode;

/// Returns warnings for fields that this kind of load does not use.
pub fn load_fields(body: &RunBody, load: &Load) -> Vec<String> {
    let (is_ramp, is_rate) = (body.mode == Mode::RampUp, matches!(load, Load::Rate { .. }));
    let rows = [
        ("targetRps", body.target_rps.is_some() && !is_rate),
        ("pacing", body.pacing.is_some() && !is_rate),
        ("iterations", body.iterations.is_some() && is_ramp),
        ("concurrency", body.concurrency.is_some() && is_rate),
        (
            "rampUpDuration",
            body.ramp_up_duration.is_some() && !is_ramp,
        ),
        (
            "startConcurrency",
            body.start_concurrency.is_some() && !is_ramp,
        ),
    ];
    let mode = body.mode.name();
    let given = rows.into_iter().filter(|(_, is_unused)| *is_unused);
    given
        .map(|(name, _)| format!("`{name}` is not used by this kind of run (`mode` {mode})"))
        .collect()
}

/// Returns warnings for fields of `connection` that have no effect with this target or because of another
/// field.
pub fn connection_fields(
    body: &ConnectionBody,
    spec: &ConnectionSpec,
    endpoint: &Endpoint,
) -> Vec<String> {
    let is_plain = !endpoint.tls;
    let is_unverified = body.verify_ssl == Some(false);
    let has_ca = !spec.tls.authorities.is_empty();
    let has_address = !spec.resolve.is_empty() || is_address(&endpoint.host);
    let rows = [
        (
            "tls",
            body.tls.is_some() && is_plain,
            "the URL of the request is no https URL",
        ),
        (
            "verifySsl",
            is_unverified && is_plain,
            "the URL of the request is no https URL",
        ),
        (
            "tls.ca",
            has_ca && !is_plain && is_unverified,
            "`verifySsl` is false, so every certificate is accepted",
        ),
        (
            "dns",
            body.dns.is_some() && has_address,
            "the address of the target is given, so no name is looked up",
        ),
        (
            "maxRequests",
            body.max_requests.is_some() && !spec.keep_alive,
            "`keepAlive` is false, so every connection has one request",
        ),
    ];
    let without_effect = rows.into_iter().filter(|(_, applies, _)| *applies);
    without_effect
        .map(|(name, _, why)| format!("`connection.{name}` is not used: {why}"))
        .collect()
}

fn is_address(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.parse::<IpAddr>().is_ok()
}

/// Returns a warning if there are more virtual users than connections.
pub fn virtual_users(load: &Load, bounds: &Bounds) -> Option<String> {
    let users = match load {
        Load::Rate { .. } => return None,
        Load::Concurrency(schedule) => schedule.most(),
        Load::Iterations {
            vus, iterations, ..
        } => *vus.min(iterations),
    };
    let connections = bounds.max_connections;
    (users > connections).then(|| {
        format!(
            "`maxConnections` is {connections}, fewer than the {users} virtual users: \
             the others wait for a connection"
        )
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::contract::{Defaults, run_spec};

    fn warnings(url: &str, extra: &Value) -> Vec<String> {
        let mut body = json!({"request": {"method": "GET", "url": url}, "mode": "constant",
                              "duration": "1s", "concurrency": 4});
        let extra = extra.as_object().expect("rows are objects").clone();
        body.as_object_mut().expect("an object").extend(extra);
        run_spec(&body, &Defaults::default())
            .unwrap_or_else(|error| panic!("{body}: {error}"))
            .warnings
    }

    #[test]
    fn what_a_connection_has_no_use_for_is_pointed_out() {
        for (url, connection, field) in [
            ("http://a/", json!({"tls": {"serverName": "b"}}), "tls"),
            ("http://a/", json!({"verifySsl": false}), "verifySsl"),
            ("http://10.0.0.1/", json!({"dns": {"policy": "ttl"}}), "dns"),
            ("http://[::1]/", json!({"dns": {"policy": "ttl"}}), "dns"),
            (
                "https://a/",
                json!({"dns": {"policy": "ttl"}, "resolve": {"a:443": "10.0.0.1"}}),
                "dns",
            ),
            (
                "http://a/",
                json!({"keepAlive": false, "maxRequests": 5}),
                "maxRequests",
            ),
        ] {
            let told = warnings(url, &json!({"connection": connection}));
            let expected = format!("`connection.{field}` is not used: ");
            assert_eq!(told.len(), 1, "{url} {connection}: {told:?}");
            assert!(told[0].starts_with(&expected), "{told:?}");
        }
        let used = json!({"connection": {"tls": {"serverName": "b"}, "verifySsl": false,
                                         "dns": {"policy": "ttl"}, "maxRequests": 5}});
        assert_eq!(warnings("https://a/", &used), [""; 0]);
    }

    #[test]
    fn virtual_users_without_a_connection_are_pointed_out() {
        let few = json!({"maxConnections": 3});
        let told = warnings("http://a/", &few);
        assert!(
            told.len() == 1 && told[0].contains("is 3, fewer than the 4 virtual users"),
            "{told:?}"
        );
        assert_eq!(
            warnings("http://a/", &json!({"maxConnections": 4})),
            [""; 0]
        );
        let fewer = json!({"maxConnections": 3, "iterations": 3});
        assert_eq!(warnings("http://a/", &fewer), [""; 0]);
    }
}
