//! Load runs as the Manager App starts and lists them.
//!
//! The app sends the fields of the request at the top level instead of in `request`, has two names for
//! constant load, and expects the settings of a run back as an object, as it sent them.

use serde_json::{Map, Value};

use super::envelope;
use crate::api::body::ORIGINAL_FIELDS_KEY;
use crate::contract::RequestConfig;

/// Translates the app's body of `POST /run` to the contract's. Returns the changed fields as the app sent
/// them, because it must be able to read them back.
pub fn unfold(body: &mut Map<String, Value>) -> Map<String, Value> {
    let is_flat = ["method", "url"].iter().all(|key| body.contains_key(*key));
    if is_flat && !body.contains_key("request") {
        let parts = RequestConfig::field_names().into_iter();
        let parts = parts.map(|key| body.shift_remove_entry(&key));
        let request: Map<String, Value> = parts.flatten().collect();
        body.insert("request".into(), request.into());
    }
    if let Some(Value::Object(request)) = body.get_mut("request") {
        envelope::open(request);
    }
    translate_mode(body, is_flat)
}

/// Translates the mode. The app sends every field in every mode, so fields that would end the run differently
/// from what the app means are removed.
fn translate_mode(body: &mut Map<String, Value>, is_flat: bool) -> Map<String, Value> {
    let mode = body.get("mode").and_then(Value::as_str).unwrap_or_default();
    let (is_own, idle): (bool, &[&str]) = match mode {
        "constant_rps" => (true, &["iterations"]),
        // `targetRps` would take precedence over the requested concurrency.
        "constant_concurrency" => (true, &["iterations", "targetRps"]),
        "constant" | "ramp_up" if is_flat => (false, &["iterations"]),
        "iterations" if is_flat => (false, &["duration"]),
        _ => (false, &[]),
    };
    let taken = idle
        .iter()
        .map(|key| Some(((*key).to_owned(), body.shift_remove(*key)?)));
    let mut sent: Map<String, Value> = taken.flatten().collect();
    if is_own && let Some(name) = body.insert("mode".into(), "constant".into()) {
        sent.insert("mode".into(), name);
    }
    sent
}

/// Replaces the settings of a run by an object with `method` and `url` at the top level.
pub fn show(run: &mut Map<String, Value>) {
    let Some(Value::String(text)) = run.get("configSnapshot") else {
        return;
    };
    let settings = serde_json::from_str(text).unwrap_or_default();
    run.insert("configSnapshot".into(), flat(settings).into());
}

/// Returns the fields of a run's stored settings that the app sent differently.
pub fn sent(config_snapshot: &str) -> Map<String, Value> {
    let mut settings: Map<String, Value> =
        serde_json::from_str(config_snapshot).unwrap_or_default();
    take_sent(&mut settings)
}

fn take_sent(settings: &mut Map<String, Value>) -> Map<String, Value> {
    match settings.shift_remove(ORIGINAL_FIELDS_KEY) {
        Some(Value::Object(sent)) => sent,
        _ => Map::new(),
    }
}

/// Returns the settings of a run as the app sent them, with the request's method and URL at the top level.
fn flat(mut settings: Map<String, Value>) -> Map<String, Value> {
    let sent = take_sent(&mut settings);
    settings.extend(sent);
    for key in ["method", "url"] {
        let inner = settings.get("request").and_then(|request| request.get(key));
        if let (Some(inner), None) = (inner.cloned(), settings.get(key)) {
            settings.insert(key.into(), inner);
        }
    }
    settings
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn flat_runs_are_unfolded() {
        let table = [
            (
                json!({"method": "GET", "url": "http://a/", "headers": {"A": "b"},
                       "mode": "constant_rps", "duration": "60s", "targetRps": 5, "concurrency": 2,
                       "comment": "c", "success_sample_rate": 0}),
                json!({"mode": "constant", "duration": "60s", "targetRps": 5, "concurrency": 2,
                       "comment": "c", "success_sample_rate": 0,
                       "request": {"method": "GET", "url": "http://a/", "headers": {"A": "b"}}}),
                json!({"mode": "constant_rps"}),
            ),
            (
                json!({"method": "POST", "url": "u", "body": {"mode": "text", "content": "x"},
                       "mode": "constant_concurrency", "targetRps": 5, "concurrency": 2,
                       "iterations": 7}),
                json!({"mode": "constant", "concurrency": 2,
                       "request": {"method": "POST", "url": "u", "body": "x"}}),
                json!({"mode": "constant_concurrency", "targetRps": 5, "iterations": 7}),
            ),
            (
                json!({"method": "GET", "url": "u", "mode": "iterations", "duration": "60s",
                       "iterations": 7}),
                json!({"mode": "iterations", "iterations": 7,
                       "request": {"method": "GET", "url": "u"}}),
                json!({"duration": "60s"}),
            ),
            (
                json!({"method": "GET", "url": "u", "mode": "ramp_up", "iterations": 7}),
                json!({"mode": "ramp_up", "request": {"method": "GET", "url": "u"}}),
                json!({"iterations": 7}),
            ),
        ];
        for (mut body, expected, sent) in table {
            let told = unfold(body.as_object_mut().expect("rows are objects"));
            assert_eq!((body, json!(told)), (expected, sent));
        }
    }

    #[test]
    fn what_is_not_flat_is_left_alone_but_for_its_body() {
        let table = [
            json!({"request": {"method": "GET", "url": "u"}, "mode": "constant",
                   "iterations": 7}),
            json!({"request": {"method": "GET", "url": "u"}, "mode": "iterations",
                   "duration": "1s"}),
            json!({"request": {"method": "GET"}, "method": "GET", "url": "u"}),
            json!({"url": "u", "mode": "ramp_up"}),
            json!({"mode": 7}),
            json!({}),
        ];
        for body in table {
            let mut unfolded = body.clone();
            let sent = unfold(unfolded.as_object_mut().expect("rows are objects"));
            assert_eq!((&unfolded, sent.len()), (&body, 0));
        }
        let mut body = json!({"request": {"body": {"mode": "text", "content": "x"}}});
        unfold(body.as_object_mut().expect("an object"));
        assert_eq!(body, json!({"request": {"body": "x"}}));
    }

    #[test]
    fn settings_are_an_object_with_the_request_on_top() {
        let table = [
            (
                r#"{"request":{"method":"GET","url":"u"},"mode":"constant"}"#,
                json!({"request": {"method": "GET", "url": "u"}, "mode": "constant",
                       "method": "GET", "url": "u"}),
            ),
            (
                r#"{"method":"POST","url":"u"}"#,
                json!({"method": "POST", "url": "u"}),
            ),
            (
                r#"{"request":{"method":"GET","url":"u"},"mode":"constant","sentAs":{"mode":"constant_rps","iterations":7}}"#,
                json!({"request": {"method": "GET", "url": "u"}, "mode": "constant_rps",
                       "iterations": 7, "method": "GET", "url": "u"}),
            ),
            ("not JSON", json!({})),
            ("[1]", json!({})),
        ];
        for (text, expected) in table {
            let mut run = json!({"id": "run_1", "configSnapshot": text});
            show(run.as_object_mut().expect("an object"));
            assert_eq!(run["configSnapshot"], expected, "{text}");
        }
    }
}
