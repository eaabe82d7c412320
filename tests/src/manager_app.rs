//! The Manager App's calls, made as the app makes them: each with its preflight,
//! from its own page or from its development server.

use serde_json::Value;

use crate::{Answer, Engine, Event, raw, stream};

/// The origins of its pages: a file, and the development server.
pub const PAGES: [&str; 2] = ["null", "http://localhost:5173"];

/// The app on a page of this origin.
pub struct App<'a> {
    engine: &'a Engine,
    page: &'static str,
}

impl<'a> App<'a> {
    /// The app on a page of the origin `page`.
    #[must_use]
    pub fn new(engine: &'a Engine, page: &'static str) -> Self {
        Self { engine, page }
    }

    /// A call with its preflight; the page has to be let in.
    ///
    /// # Panics
    /// When it is not.
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

    /// The events of a stream, as its `EventSource` reads them: that one has no
    /// preflight.
    ///
    /// # Panics
    /// When the page is not let in.
    #[must_use]
    pub fn events(&self, path: &str) -> Vec<Event> {
        let url = self.engine.url(path);
        let answer = raw("GET", &url, &[("origin", self.page)], "");
        let told = answer.header("access-control-allow-origin");
        assert_eq!(told, Some(self.page), "GET {path}: {answer:?}");
        stream(&url, None)
    }

    /// What a browser does before each of the app's calls.
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

    /// `GET path`, which has to succeed.
    ///
    /// # Panics
    /// When it does not.
    #[must_use]
    pub fn get(&self, path: &str) -> Value {
        let answer = self.call("GET", path, "");
        assert_eq!(answer.status, 200, "GET {path}: {answer:?}");
        answer.body
    }

    /// `POST path` with JSON.
    #[must_use]
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.call("POST", path, &body.to_string())
    }

    /// Starts a run and follows its stream to the end.
    ///
    /// # Panics
    /// When it is not accepted, or for reasons the app does not have.
    #[must_use]
    pub fn run(&self, body: &Value) -> String {
        let answer = self.post("/run", body);
        assert_eq!(answer.status, 202, "{body}: {answer:?}");
        let id = answer.body["runId"].as_str().expect("an id").to_owned();
        // The app sends every field in every mode; none of them may be unknown.
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
