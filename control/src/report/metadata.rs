//! The metadata of a report: which run it is, its request and its settings.

use serde_json::value::RawValue;
use serde_json::{Map, Value};
use vayu_shared::json::{self, Members};

use super::body::{Metadata, Report};

/// Settings that are repeated in the report, if the run has them.
const SETTINGS: [&str; 11] = [
    "mode",
    "duration",
    "rampUpDuration",
    "targetRps",
    "pacing",
    "iterations",
    "startConcurrency",
    "concurrency",
    "maxConnections",
    "timeout",
    "comment",
];

/// A stored run, as input of its report.
#[derive(Clone, Copy, Debug)]
pub struct ReportedRun<'a> {
    /// Run id.
    pub id: &'a str,
    /// Type of the run: `load` or `design`.
    pub kind: &'static str,
    /// Status of the run.
    pub status: &'static str,
    /// When the run was accepted, in milliseconds since the Unix epoch.
    pub start_time: i64,
    /// When the run ended, in milliseconds since the Unix epoch, if it has.
    pub end_time: Option<i64>,
    /// The request body that started the run, as JSON text.
    pub config_snapshot: &'a str,
}

impl ReportedRun<'_> {
    /// Adds `metadata` to a report, and to its `summary` the time without load, which only wall-clock times
    /// can tell.
    pub fn add_to(&self, report: &mut Report) {
        let load_seconds = report.summary.test_duration;
        report.summary.setup_overhead = Some(self.setup_seconds(load_seconds));
        report.metadata = Some(self.metadata());
    }

    /// Returns the seconds from start to end without load; 0 before the end.
    fn setup_seconds(&self, load_seconds: f64) -> f64 {
        let end_time = self.end_time.unwrap_or(self.start_time);
        let whole = (end_time - self.start_time) as f64 / 1000.0;
        (whole - load_seconds).max(0.0)
    }

    fn metadata(&self) -> Metadata {
        let settings = Settings::read(self.config_snapshot);
        // A run of a single request is stored without the outer object of a load run.
        let request = settings.text("request").map(Settings::read);
        let request = request.filter(|request| !request.0.is_empty());
        let request = request.as_ref().unwrap_or(&settings);
        Metadata {
            run_id: self.id.to_owned(),
            run_type: self.kind,
            status: self.status,
            start_time: self.start_time,
            end_time: self.end_time,
            request_url: request.value("url"),
            request_method: request.value("method"),
            configuration: configuration(&settings),
        }
    }
}

fn configuration(settings: &Settings<'_>) -> Map<String, Value> {
    let known = SETTINGS
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), settings.value(name)?)));
    known.collect()
}

/// The members of an object as text. Parsed values of all of them may take a hundred times the memory of the
/// text.
struct Settings<'a>(Vec<(String, &'a RawValue)>);

impl<'a> Settings<'a> {
    /// Parses the members of an object. Returns none for any other text.
    fn read(text: &'a str) -> Self {
        let members = serde_json::from_str(text).map(|Members(members)| members);
        Self(members.unwrap_or_default())
    }

    /// Returns the text of the last member with this name.
    fn text(&self, name: &str) -> Option<&'a str> {
        let found = self.0.iter().rfind(|(member, _)| member == name);
        found.map(|(_, value)| value.get())
    }

    fn value(&self, name: &str) -> Option<Value> {
        json::read(self.text(name)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::RunSummary;
    use serde_json::json;
    use vayu_shared::units::SECOND;

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
            let metadata = json!(run(snapshot).metadata());
            let named = json!([metadata["requestMethod"], metadata["requestUrl"]]);
            assert_eq!(named, request, "{snapshot}");
            assert_eq!(metadata["configuration"], configuration, "{snapshot}");
            assert_eq!(metadata["runId"], "run_1");
            assert_eq!(metadata["endTime"], 4_500);
        }
    }

    #[test]
    fn what_was_not_load_is_overhead_once_the_run_has_ended() {
        for (end_time, load_s, overhead) in [
            (Some(4_500), 3, 0.5),
            (Some(4_500), 9, 0.0),
            (None, 3, 0.0),
            (Some(2_000), 0, 1.0),
        ] {
            let mut report = Report::new(&RunSummary {
                elapsed_ns: load_s * SECOND,
                ..RunSummary::default()
            });
            let run = ReportedRun {
                end_time,
                ..run("{}")
            };
            run.add_to(&mut report);
            let told = report.summary.setup_overhead;
            assert_eq!(told, Some(overhead), "{end_time:?} {load_s}");
        }
    }
}
