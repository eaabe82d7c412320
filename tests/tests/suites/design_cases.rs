//! The corpus of design mode: requests and their expected results, as data in `tests/cases/design`.
//!
//! `request` is sent to `POST /request` with `{{origin}}` and `{{nginx}}` filled in. `expect` maps positions
//! in the response to their values. A prefix of the position changes the comparison: `~` expects a part of
//! the string, `!` another value, `#` this number of characters, `<N` a smaller number. Errors have `code`
//! and a part of `message` instead.

use std::path::{Path, PathBuf};

use serde_json::Value;
use vayu_tests::{Answer, Engine, Nginx, Origin, print_line};

/// Minimum number of cases. With fewer, the corpus was not found.
const MIN_CASES: usize = 100;

fn corpus() -> Vec<(PathBuf, Value)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/design");
    let files = std::fs::read_dir(directory).expect("the corpus");
    let mut paths: Vec<PathBuf> = files.flatten().map(|file| file.path()).collect();
    paths.sort();
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).expect("readable");
        let value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path:?}: {error}"));
        (path, value)
    };
    paths.into_iter().map(read).collect()
}

/// Returns a case with the addresses of this run filled in.
fn filled(case: &Value, origin: &Origin, nginx: &Nginx) -> Value {
    let plain = origin.url("");
    let text = case
        .to_string()
        .replace("{{origin-tls}}", &plain.replace("http:", "https:"))
        .replace("{{origin}}", &plain)
        .replace("{{nginx}}", &nginx.url(""));
    serde_json::from_str(&text).expect("still JSON")
}

fn problem(case: &Value, answer: &Answer) -> Option<String> {
    if answer.status != case["status"].as_u64().unwrap_or_default() as u16 {
        return Some(format!("answered {}", answer.status));
    }
    if let Some(code) = case.get("code") {
        let part = case["message"].as_str().unwrap_or_default();
        let fits = answer.code() == code && answer.message().contains(part);
        return (!fits).then(|| format!("is no {code} with {part:?}"));
    }
    let places = case["expect"].as_object().expect("places").iter();
    places
        .filter(|(place, wanted)| !holds(place, wanted, &answer.body))
        .map(|(place, wanted)| format!("{place} is not {wanted}"))
        .next()
}

fn holds(place: &str, wanted: &Value, body: &Value) -> bool {
    let (kind, pointer) = place.split_at(place.find('/').expect("a place"));
    let found = body.pointer(pointer);
    let text = found.and_then(Value::as_str);
    match kind {
        "" => found == Some(wanted),
        "~" => text
            .zip(wanted.as_str())
            .is_some_and(|(text, part)| text.contains(part)),
        "!" => found.is_some_and(|found| found != wanted),
        "#" => text.map(|text| text.chars().count() as u64) == wanted.as_u64(),
        limit => {
            let limit = limit
                .strip_prefix('<')
                .and_then(|limit| limit.parse::<f64>().ok());
            found.and_then(Value::as_f64) < limit
        }
    }
}

#[test]
fn every_case_turns_out_as_it_is_written() {
    let (engine, origin, nginx) = (Engine::start(), Origin::start(), Nginx::start_client_site());
    let mut problems = Vec::new();
    let mut count = 0;
    for (path, file) in corpus() {
        for case in file["cases"].as_array().expect("cases") {
            let case = filled(case, &origin, &nginx);
            let mut request = case["request"].clone();
            // Cookies are shared, so cases about something else use none.
            if request.get("cookies").is_none() {
                request["cookies"] = false.into();
            }
            let answer = engine.post("/request", &request);
            if let Some(problem) = problem(&case, &answer) {
                let file = path.file_name().unwrap_or_default().to_string_lossy();
                problems.push(format!(
                    "{file}: {}: {problem}\n  {}",
                    case["name"], answer.body
                ));
            }
            count += 1;
        }
    }
    print_line(&format!("{count} cases"));
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(count >= MIN_CASES, "only {count} cases were found");
}
