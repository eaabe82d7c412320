//! Selects the translation for a call of the Manager App.

use serde_json::{Map, Value};

use super::{envelope, exchange, ids, load_run, workspace};

/// A call that deviates from the contract, in its body or in what the app reads of the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DialectCall {
    /// Creates or updates a stored object whose generated ids have this prefix.
    Save(&'static str),
    /// Creates or updates a stored request.
    SaveRequest,
    /// Reads stored requests.
    ShowRequests,
    /// Executes one request.
    Execute,
    /// Starts a load run.
    StartRun,
    /// Reads runs.
    ShowRuns,
    /// Reads a report.
    Report,
}

impl DialectCall {
    /// Returns the call with this method and path, if it needs a translation.
    #[must_use]
    pub fn of(method: &str, path: &str) -> Option<Self> {
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        Some(match (method, &segments[..]) {
            ("POST", ["collections"]) => Self::Save("col"),
            ("POST", ["environments"]) => Self::Save("env"),
            ("POST", ["requests"]) => Self::SaveRequest,
            ("GET", ["requests"] | ["requests", _]) => Self::ShowRequests,
            ("POST", ["request"]) => Self::Execute,
            ("POST", ["run"]) => Self::StartRun,
            ("GET", ["runs"] | ["run", _]) => Self::ShowRuns,
            ("GET", ["run", _, "report"]) => Self::Report,
            _ => return None,
        })
    }

    /// Returns whether the call has a body to translate.
    #[must_use]
    pub fn has_body(self) -> bool {
        match self {
            Self::Save(_) | Self::SaveRequest | Self::Execute | Self::StartRun => true,
            Self::ShowRequests | Self::ShowRuns | Self::Report => false,
        }
    }

    /// Translates the app's body to the contract's. Values that the contract refuses stay unchanged, for the
    /// handler to refuse. Returns the fields that the app must be able to read back as it sent them.
    pub fn translate_request(self, body: &mut Value) -> Map<String, Value> {
        let Value::Object(body) = body else {
            return Map::new();
        };
        match self {
            Self::Save(prefix) => ids::provide(body, prefix),
            Self::SaveRequest => ids::provide(body, "req"),
            Self::Execute => {
                envelope::open(body);
                body.entry("scriptErrors").or_insert("report".into());
            }
            Self::StartRun => return load_run::unfold(body),
            Self::ShowRequests | Self::ShowRuns | Self::Report => {}
        }
        Map::new()
    }

    /// Translates the contract's response to what the app reads.
    pub fn translate_answer(self, answer: &mut Value) {
        match self {
            Self::SaveRequest | Self::ShowRequests => each(answer, workspace::show_request),
            Self::ShowRuns => each(answer, load_run::show),
            Self::Execute => exchange::show(answer),
            Self::Save(_) | Self::StartRun | Self::Report => {}
        }
    }
}

type Change = fn(&mut Map<String, Value>);

/// Applies a change to an object, to all objects of a list, or to all objects of a page, which is an object
/// that contains a list.
fn each(answer: &mut Value, change: Change) {
    match answer {
        Value::Array(things) => things.iter_mut().for_each(|thing| each(thing, change)),
        Value::Object(thing) if thing.contains_key("id") => change(thing),
        Value::Object(page) => {
            let lists = page.values_mut().filter(|value| value.is_array());
            lists.for_each(|list| each(list, change));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_departs_from_the_contract_is_touched() {
        let table = [
            ("POST", "/collections", Some(DialectCall::Save("col"))),
            ("POST", "/environments", Some(DialectCall::Save("env"))),
            ("POST", "/requests", Some(DialectCall::SaveRequest)),
            ("GET", "/requests", Some(DialectCall::ShowRequests)),
            ("GET", "/requests/req_1", Some(DialectCall::ShowRequests)),
            ("POST", "/request", Some(DialectCall::Execute)),
            ("POST", "/run", Some(DialectCall::StartRun)),
            ("GET", "/runs", Some(DialectCall::ShowRuns)),
            ("GET", "/run/run_1", Some(DialectCall::ShowRuns)),
            ("GET", "/run/run_1/report", Some(DialectCall::Report)),
            ("GET", "/collections", None),
            ("GET", "/environments", None),
            ("POST", "/globals", None),
            ("POST", "/config", None),
            ("DELETE", "/requests/req_1", None),
            ("POST", "/run/run_1/stop", None),
            ("GET", "/stats/run_1", None),
            ("GET", "/metrics/live/run_1", None),
            ("GET", "/health", None),
            ("GET", "/", None),
        ];
        for (method, path, expected) in table {
            assert_eq!(DialectCall::of(method, path), expected, "{method} {path}");
        }
    }

    #[test]
    fn lists_pages_and_single_things_are_changed_alike() {
        let mark: Change = |thing| {
            thing.insert("seen".into(), true.into());
        };
        let table = [
            (json!({"id": 1}), json!({"id": 1, "seen": true})),
            (json!([{"id": 1}]), json!([{"id": 1, "seen": true}])),
            (
                json!({"data": [{"id": 1}], "total": 1}),
                json!({"data": [{"id": 1, "seen": true}], "total": 1}),
            ),
            (json!("text"), json!("text")),
        ];
        for (mut answer, expected) in table {
            each(&mut answer, mark);
            assert_eq!(answer, expected);
        }
    }

    #[test]
    fn script_errors_are_reported_unless_asked_otherwise() {
        for (mut body, expected) in [
            (json!({}), json!({"scriptErrors": "report"})),
            (json!({"scriptErrors": "x"}), json!({"scriptErrors": "x"})),
        ] {
            let _ = DialectCall::Execute.translate_request(&mut body);
            assert_eq!(body, expected);
        }
    }
}
