//! The corpus of scripts (`tests/cases/scripts`) and the server that the scripts call.
//!
//! `responses.json` holds canned responses by path; `/echo` returns the request. Files `pm_*.json` hold cases
//! with expected results, which are those of Postman unless a case states otherwise; the other files hold
//! scripts whose tests all have to pass.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::scripted::{ReceivedRequest, Scripted};

/// A case and the file that contains it.
#[derive(Clone, Debug)]
pub struct ScriptCase {
    /// Name of the file.
    pub file: String,
    /// The case.
    pub case: Value,
}

/// Returns the cases of all files whose name `takes` accepts.
///
/// # Panics
/// Panics if a file is not JSON.
#[must_use]
pub fn script_cases(takes: impl Fn(&str) -> bool) -> Vec<ScriptCase> {
    let files = std::fs::read_dir(folder()).expect("the corpus");
    let mut paths: Vec<PathBuf> = files.flatten().map(|file| file.path()).collect();
    paths.sort();
    let name = |path: &Path| {
        path.file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned()
    };
    paths.retain(|path| name(path) != "responses.json" && takes(&name(path)));
    let cases = paths.iter().flat_map(|path| {
        let file = read(path);
        let cases = file["cases"].as_array().cloned().unwrap_or_default();
        let file = name(path);
        cases.into_iter().map(move |case| ScriptCase {
            file: file.clone(),
            case,
        })
    });
    cases.collect()
}

/// Returns the scripts that leave state behind (`tests/cases/isolation`).
///
/// # Panics
/// Panics if the file is not JSON.
#[must_use]
pub fn leaking_scripts() -> Vec<Value> {
    let file = read(&folder().with_file_name("isolation").join("leaks.json"));
    file["cases"].as_array().cloned().unwrap_or_default()
}

/// Starts the server of the corpus.
///
/// # Panics
/// Panics if no port is free.
#[must_use]
pub fn script_server() -> Scripted {
    let responses = read(&folder().join("responses.json"));
    Scripted::start(move |asked| {
        let target = asked.line.split(' ').nth(1).unwrap_or_default();
        let name = target.split(['/', '?']).nth(1).unwrap_or_default();
        match responses.get(name) {
            Some(response) => canned(response),
            None => echo(asked, target),
        }
    })
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/scripts")
}

fn read(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).expect("readable");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn canned(response: &Value) -> Vec<u8> {
    let status = &response["status"];
    let reason = response["reason"].as_str().unwrap_or_default();
    let body = response["body"].as_str().unwrap_or_default();
    let mut text = format!("HTTP/1.1 {status} {reason}\r\n");
    for line in response["headers"].as_array().into_iter().flatten() {
        let part = |place: usize| line[place].as_str().unwrap_or_default();
        text += &format!("{}: {}\r\n", part(0), part(1));
    }
    if status != &json!(204) {
        text += &format!("Content-Length: {}\r\n", body.len());
    }
    text += "Connection: close\r\n\r\n";
    text += body;
    text.into_bytes()
}

fn echo(asked: &ReceivedRequest, target: &str) -> Vec<u8> {
    let headers: Map<String, Value> = asked
        .headers
        .iter()
        .map(|(name, value)| (name.clone(), value.clone().into()))
        .collect();
    let method = asked.line.split(' ').next();
    let told = json!({"method": method, "path": target, "headers": headers, "body": asked.text()});
    let json = "Content-Type: application/json";
    crate::scripted::response("200 OK", &[json], told.to_string().as_bytes())
}
