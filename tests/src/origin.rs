//! A `vayu-origin` process on a free port.

use std::process::Command;

use serde_json::Value;

use crate::process::{Server, binary};
use crate::{get, post};

/// A running origin. Dropping the value kills the process.
pub struct Origin(Server);

impl Origin {
    /// Starts an origin on the last core.
    #[must_use]
    pub fn start() -> Self {
        let mut command = Command::new(binary("vayu-origin"));
        let last = std::thread::available_parallelism().map_or(0, |cores| cores.get() - 1);
        command.args(["--port", "0", "--cpus", &last.to_string()]);
        Self(Server::start(command))
    }

    /// Returns the process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.0.pid()
    }

    /// Returns the URL of a path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.0.address)
    }

    /// Returns its counters.
    #[must_use]
    pub fn stats(&self) -> Value {
        get(&self.url("/stats")).body
    }

    /// Returns the number of requests it has received.
    ///
    /// # Panics
    /// Panics if the counters have no request count.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.stats()["requests"]
            .as_u64()
            .expect("the origin counts requests")
    }

    /// Resets its counters to zero.
    pub fn reset(&self) {
        let answer = post(&self.url("/stats/reset"), &Value::Null);
        assert_eq!(answer.status, 200, "{answer:?}");
    }
}
