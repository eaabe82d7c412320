//! What a report says of the run itself: which one, what it sent, and as what it
//! was asked for.

use serde_json::{Map, Value, json};

/// Settings that are repeated in the report, where the run has them.
const SETTINGS: [&str; 10] = [
    "mode",
    "duration",
    "rampUpDuration",
    "targetRps",
    "iterations",
    "startConcurrency",
    "concurrency",
    "maxConnections",
    "timeout",
    "comment",
];

/// A run as its report tells of it.
#[derive(Clone, Copy, Debug)]
pub struct ReportedRun<'a> {
    /// Its id.
    pub id: &'a str,
    /// What it is: `load` or `design`.
    pub kind: &'a str,
    /// How far it has come.
    pub status: &'a str,
    /// When it was accepted, in milliseconds since the Unix epoch.
    pub start_time: i64,
    /// When it ended, in milliseconds since the Unix epoch, if it has.
    pub end_time: Option<i64>,
    /// What was asked for, as JSON text.
    pub config_snapshot: &'a str,
}

impl ReportedRun<'_> {
    /// Adds `metadata` to a report, and to its `summary` what is known by the
    /// clock on the wall only: the time that was not load.
    pub fn add_to(&self, report: &mut Value) {
        let load_seconds = report["summary"]["testDuration"].as_f64();
        report["summary"]["setupOverhead"] = self.setup_seconds(load_seconds.unwrap_or(0.0)).into();
        report["metadata"] = self.metadata();
    }

    /// Seconds from start to end that were not load; 0 before the end.
    fn setup_seconds(&self, load_seconds: f64) -> f64 {
        let end_time = self.end_time.unwrap_or(self.start_time);
        let whole = (end_time - self.start_time) as f64 / 1000.0;
        (whole - load_seconds).max(0.0)
    }

    fn metadata(&self) -> Value {
        let settings: Map<String, Value> =
            serde_json::from_str(self.config_snapshot).unwrap_or_default();
        // A run of a single request is stored without the frame of a load run.
        let request = settings.get("request").and_then(Value::as_object);
        let request = request.unwrap_or(&settings);
        json!({
            "runId": self.id,
            "runType": self.kind,
            "status": self.status,
            "startTime": self.start_time,
            "endTime": self.end_time,
            "requestUrl": request.get("url"),
            "requestMethod": request.get("method"),
            "configuration": configuration(&settings),
        })
    }
}

fn configuration(settings: &Map<String, Value>) -> Map<String, Value> {
    let known = SETTINGS
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), settings.get(*name)?.clone())));
    known.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(config_snapshot: &str) -> ReportedRun<'_> {
        ReportedRun {
            id: "run_1",
            kind: "load",
            status: "completed",
            start_time: 1_000,
            end_time: Some(4_500),
            config_snapshot,
        }
    }

    #[test]
    fn a_report_says_what_the_run_was() {
        let table = [
            (
                r#"{"request":{"method":"GET","url":"http://a/"},"mode":"constant","duration":"3s","targetRps":5,"comment":"c","seed":1}"#,
                json!(["GET", "http://a/"]),
                json!({"mode": "constant", "duration": "3s", "targetRps": 5, "comment": "c"}),
            ),
            (
                r#"{"method":"POST","url":"http://b/"}"#,
                json!(["POST", "http://b/"]),
                json!({}),
            ),
            ("not JSON", json!([null, null]), json!({})),
        ];
        for (snapshot, request, configuration) in table {
            let metadata = run(snapshot).metadata();
            let named = json!([metadata["requestMethod"], metadata["requestUrl"]]);
            assert_eq!(named, request, "{snapshot}");
            assert_eq!(metadata["configuration"], configuration, "{snapshot}");
            assert_eq!(metadata["runId"], "run_1");
            assert_eq!(metadata["endTime"], 4_500);
        }
    }

    #[test]
    fn what_was_not_load_is_overhead_once_the_run_has_ended() {
        for (end_time, load, overhead) in [
            (Some(4_500), json!(3.0), 0.5),
            (Some(4_500), json!(9.0), 0.0),
            (None, json!(3.0), 0.0),
            (Some(2_000), Value::Null, 1.0),
        ] {
            let mut report = json!({"summary": {"testDuration": load}});
            let run = ReportedRun {
                end_time,
                ..run("{}")
            };
            run.add_to(&mut report);
            assert_eq!(
                report["summary"]["setupOverhead"], overhead,
                "{end_time:?} {load}"
            );
        }
    }
}
