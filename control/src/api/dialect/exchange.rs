//! The response of `POST /request` as the Manager App reads it: `timing` has short names in addition to the
//! contract's, the size of the body is added, and console lines are plain strings.

use serde_json::{Map, Value};

/// The app's names of the phases, with the contract's names.
pub const PHASES: [(&str, &str); 6] = [
    ("total", "total_ms"),
    ("dns", "dns_ms"),
    ("connect", "connect_ms"),
    ("tls", "tls_ms"),
    ("firstByte", "first_byte_ms"),
    ("download", "download_ms"),
];

/// Translates the response of one request.
pub fn show(answer: &mut Value) {
    let Value::Object(answer) = answer else {
        return;
    };
    let size = body_size(answer);
    if let Some(size) = &size {
        answer.insert("bodySize".into(), size.clone());
    }
    if let Some(Value::Object(timing)) = answer.get_mut("timing") {
        add_short_names(timing);
        timing.extend(size.map(|size| ("bodySize".to_owned(), size)));
    }
    if let Some(Value::Object(headers)) = answer.get_mut("headers") {
        headers.values_mut().for_each(join);
    }
    if let Some(Value::Array(lines)) = answer.get_mut("consoleLogs") {
        lines.iter_mut().for_each(|line| *line = plain(line));
    }
}

/// Returns the contract's `bodySize`, or the length of the raw body in bytes.
fn body_size(answer: &Map<String, Value>) -> Option<Value> {
    let own = answer.get("bodySize").cloned();
    own.or_else(|| Some(answer.get("bodyRaw")?.as_str()?.len().into()))
}

/// Joins the values of a repeated header into one string.
fn join(values: &mut Value) {
    if let Value::Array(all) = values {
        let texts: Vec<&str> = all.iter().filter_map(Value::as_str).collect();
        *values = texts.join(", ").into();
    }
}

fn add_short_names(timing: &mut Map<String, Value>) {
    for (short, name) in PHASES {
        if let Some(span) = timing.get(name).cloned() {
            timing.insert(short.into(), span);
        }
    }
}

/// Returns a console line as text; a line of the pre-request script gets a prefix.
fn plain(line: &Value) -> Value {
    let Some(message) = line.get("message").and_then(Value::as_str) else {
        return line.clone();
    };
    let is_pre = line.get("script").and_then(Value::as_str) == Some("pre");
    let prefix = if is_pre { "[pre] " } else { "" };
    format!("{prefix}{message}").into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_contracts_answer_gets_the_apps_names() {
        let mut answer = json!({
            "status": 201, "bodyRaw": "häh",
            "headers": {"a": "1", "set-cookie": ["b=2", "c=3"]},
            "timing": {"total_ms": 6.5, "dns_ms": 1.0, "connect_ms": 0.5, "tls_ms": 0.0,
                       "first_byte_ms": 3.0, "download_ms": 2.0},
            "consoleLogs": [
                {"level": "log", "message": "a", "script": "pre"},
                {"level": "error", "message": "b", "script": "post"},
                {"level": "log", "message": "c"},
                "d"
            ]
        });
        show(&mut answer);
        let expected = json!({
            "status": 201, "bodyRaw": "häh", "bodySize": 4,
            "headers": {"a": "1", "set-cookie": "b=2, c=3"},
            "timing": {"total_ms": 6.5, "dns_ms": 1.0, "connect_ms": 0.5, "tls_ms": 0.0,
                       "first_byte_ms": 3.0, "download_ms": 2.0,
                       "total": 6.5, "dns": 1.0, "connect": 0.5, "tls": 0.0,
                       "firstByte": 3.0, "download": 2.0, "bodySize": 4},
            "consoleLogs": ["[pre] a", "b", "c", "d"]
        });
        assert_eq!(answer, expected);
    }

    #[test]
    fn what_is_not_there_is_not_made_up() {
        for answer in [json!({"status": 0, "errorCode": "TIMEOUT"}), json!([])] {
            let mut shown = answer.clone();
            show(&mut shown);
            assert_eq!(shown, answer);
        }
    }
}
