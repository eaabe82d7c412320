//! A `vayu-origin` on a free port.

use std::process::Command;

use serde_json::Value;

use crate::process::{Server, binary};
use crate::{get, post};

/// See the module.
pub struct Origin(Server);

impl Origin {
    /// An origin on the last core.
    #[must_use]
    pub fn start() -> Self {
        let mut command = Command::new(binary("vayu-origin"));
        let last = std::thread::available_parallelism().map_or(0, |cores| cores.get() - 1);
        command.args(["--port", "0", "--cpus", &last.to_string()]);
        Self(Server::start(command))
    }

    /// The process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.0.pid()
    }

    /// The URL of a path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.0.address)
    }

    /// What it has counted.
    #[must_use]
    pub fn stats(&self) -> Value {
        get(&self.url("/stats")).body
    }

    /// Requests it has received.
    ///
    /// # Panics
    /// When it does not tell.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.stats()["requests"]
            .as_u64()
            .expect("the origin counts requests")
    }

    /// Sets its counters to zero.
    pub fn reset(&self) {
        let answer = post(&self.url("/stats/reset"), &Value::Null);
        assert_eq!(answer.status, 200, "{answer:?}");
    }
}
