//! The Manager App's calls, made the way the app makes them: each with its CORS preflight, from its own page
//! or from its development server.

use serde_json::Value;

use crate::{Answer, Engine, Event, raw, stream};

/// Origins of the app's pages: a local file, and the development server.
pub const PAGES: [&str; 2] = ["null", "http://localhost:5173"];

/// The app on a page of one origin.
pub struct App<'a> {
    engine: &'a Engine,
    page: &'static str,
}

impl<'a> App<'a> {
    /// Creates the app on a page with the origin `page`.
    #[must_use]
    pub fn new(engine: &'a Engine, page: &'static str) -> Self {
        Self { engine, page }
    }

    /// Makes a call with its preflight. CORS has to permit it.
    ///
    /// # Panics
    /// Panics if CORS does not permit it.
    #[must_use]
    pub fn call(&self, method: &str, path: &str, body: &str) -> Answer {
        self.preflight(method, path);
        let headers = [
            ("origin", self.page),
            ("content-type", "application/json"),
            ("ngrok-skip-browser-warning", "true"),
        ];
        let answer = raw(method, &self.engine.url(path), &headers, body);
        let told = answer.header("access-control-allow-origin");
        assert_eq!(told, Some(self.page), "{method} {path}: {answer:?}");
        answer
    }

    /// Returns the events of a stream as the app's `EventSource` reads them, without a preflight.
    ///
    /// # Panics
    /// Panics if CORS does not permit it.
    #[must_use]
    pub fn events(&self, path: &str) -> Vec<Event> {
        let url = self.engine.url(path);
        let answer = raw("GET", &url, &[("origin", self.page)], "");
        let told = answer.header("access-control-allow-origin");
        assert_eq!(told, Some(self.page), "GET {path}: {answer:?}");
        stream(&url, None)
    }

    /// Sends the preflight that a browser sends before each of the app's calls.
    fn preflight(&self, method: &str, path: &str) {
        let headers = [
            ("origin", self.page),
            ("access-control-request-method", method),
            (
                "access-control-request-headers",
                "content-type,ngrok-skip-browser-warning",
            ),
        ];
        let answer = raw("OPTIONS", &self.engine.url(path), &headers, "");
        let header = |name| answer.header(name).unwrap_or_default();
        assert!((200..300).contains(&answer.status), "{path}: {answer:?}");
        assert_eq!(header("access-control-allow-origin"), self.page, "{path}");
        assert!(header("access-control-allow-methods").contains(method));
        for name in ["content-type", "ngrok-skip-browser-warning"] {
            assert!(header("access-control-allow-headers").contains(name));
        }
    }

    /// Sends `GET path`, which has to succeed.
    ///
    /// # Panics
    /// Panics if the status is not 200.
    #[must_use]
    pub fn get(&self, path: &str) -> Value {
        let answer = self.call("GET", path, "");
        assert_eq!(answer.status, 200, "GET {path}: {answer:?}");
        answer.body
    }

    /// Sends `POST path` with a JSON body.
    #[must_use]
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.call("POST", path, &body.to_string())
    }

    /// Starts a run, follows its stream to the end and returns the run id.
    ///
    /// # Panics
    /// Panics if the run is rejected, or if the engine warns about a field that is unknown to it.
    #[must_use]
    pub fn run(&self, body: &Value) -> String {
        let answer = self.post("/run", body);
        assert_eq!(answer.status, 202, "{body}: {answer:?}");
        let id = answer.body["runId"].as_str().expect("an id").to_owned();
        // The app sends every field in every mode, so warnings about unused fields are expected; a warning
        // about an unknown field is not.
        let warnings = answer.body["warnings"].as_array().into_iter().flatten();
        let mut warnings = warnings.filter_map(|warning| warning.as_str());
        assert!(
            warnings.all(|warning| warning.contains("is not used by this kind of run")),
            "{body}: {answer:?}"
        );
        let _ = self.call("GET", &format!("/stats/{id}"), "");
        id
    }
}
