//! A `vayu-engine` process on a free port with its own data directory.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, ExitStatus};
use std::time::Duration;

use serde_json::Value;

use std::sync::Arc;

use crate::process::{Server, binary};
use crate::{Answer, Contract, Event, delete, get, post, stream};

/// A running engine. Dropping the value kills the process.
pub struct Engine {
    server: Server,
    data_dir: tempfile::TempDir,
    contract: Option<Arc<Contract>>,
}

/// A run that was started.
pub struct RunHandle {
    engine: String,
    contract: Option<Arc<Contract>>,
    /// The run id.
    pub id: String,
}

impl Engine {
    /// Starts an engine with one shard on the first core.
    #[must_use]
    pub fn start() -> Self {
        Self::with(&["--cpus", "0"])
    }

    /// Starts an engine with `shards` shards.
    #[must_use]
    pub fn with_shards(shards: usize) -> Self {
        Self::with(&["--workers", &shards.to_string()])
    }

    /// Starts an engine with these command-line options.
    ///
    /// # Panics
    /// Panics if it does not start.
    #[must_use]
    pub fn with(options: &[&str]) -> Self {
        let data_dir = own_directory();
        Self::in_directory(data_dir, options)
    }

    /// Starts an engine with these options on a directory that may hold data.
    #[must_use]
    pub fn in_directory(data_dir: tempfile::TempDir, options: &[&str]) -> Self {
        Self::launch(data_dir, options, &[])
    }

    /// Starts an engine with one shard and these environment variables.
    ///
    /// # Panics
    /// Panics if it does not start.
    #[must_use]
    pub fn with_environment(variables: &[(&str, &str)]) -> Self {
        let data_dir = own_directory();
        Self::launch(data_dir, &["--cpus", "0"], variables)
    }

    fn launch(data_dir: tempfile::TempDir, options: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut command = Command::new(binary("vayu-engine"));
        command
            .args(["--port", "0", "--data-dir"])
            .arg(data_dir.path())
            .args(options)
            .envs(variables.iter().copied());
        Self {
            server: Server::start(command),
            data_dir,
            // The document describes the `reference` dialect and is fetched without a token.
            contract: (!options.contains(&"manager")
                && !options
                    .iter()
                    .any(|option| ["--token", "--token-file", "--tls-cert"].contains(option)))
            .then(Arc::default),
        }
    }

    /// Returns the URL of a path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.server.address)
    }

    /// Returns `host:port`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.server.address
    }

    /// Returns the process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.server.pid()
    }

    /// Returns the data directory.
    #[must_use]
    pub fn data_dir(&self) -> &Path {
        self.data_dir.path()
    }

    /// Sends `GET path`.
    #[must_use]
    pub fn get(&self, path: &str) -> Answer {
        self.checked("GET", path, get(&self.url(path)))
    }

    /// Sends `POST path` with a JSON body.
    #[must_use]
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.checked("POST", path, post(&self.url(path), body))
    }

    /// Sends `DELETE path`.
    #[must_use]
    pub fn delete(&self, path: &str) -> Answer {
        self.checked("DELETE", path, delete(&self.url(path)))
    }

    /// Checks a response against the engine's OpenAPI document and returns it.
    fn checked(&self, method: &str, path: &str, answer: Answer) -> Answer {
        if let Some(contract) = &self.contract {
            contract.check(&self.url(""), method, path, &answer);
        }
        answer
    }

    /// Starts a run that has to be accepted.
    ///
    /// # Panics
    /// Panics if it is rejected.
    #[must_use]
    pub fn run(&self, body: &Value) -> RunHandle {
        let started = self.try_run(body);
        started.unwrap_or_else(|answer| panic!("POST /run {body}: {answer:?}"))
    }

    /// Starts a load run.
    ///
    /// # Errors
    /// Returns the response if the run is rejected.
    pub fn try_run(&self, body: &Value) -> Result<RunHandle, Box<Answer>> {
        let answer = self.post("/run", body);
        if answer.status != 202 {
            return Err(Box::new(answer));
        }
        let id = answer.body["runId"].as_str().expect("a run id").to_owned();
        Ok(RunHandle {
            engine: self.url(""),
            contract: self.contract.clone(),
            id,
        })
    }

    /// Sends a signal to the process.
    pub fn signal(&self, name: &str) {
        self.server.signal(name);
    }

    /// Waits for the process to exit by itself and returns its exit status and data directory.
    #[must_use]
    pub fn wait(mut self, most: Duration) -> (ExitStatus, tempfile::TempDir) {
        (self.server.wait(most), self.data_dir)
    }

    /// Shuts the engine down with SIGTERM and returns its data directory.
    ///
    /// # Panics
    /// Panics if it does not exit successfully.
    #[must_use]
    pub fn end(self) -> tempfile::TempDir {
        self.signal("TERM");
        let (status, data_dir) = self.wait(Duration::from_secs(15));
        assert!(status.success(), "the engine ended with {status}");
        data_dir
    }
}

/// Creates a directory with mode 0700, as the engine would have created it.
fn own_directory() -> tempfile::TempDir {
    let owners = std::fs::Permissions::from_mode(0o700);
    let made = tempfile::Builder::new().permissions(owners).tempdir();
    made.expect("a temporary directory")
}

impl RunHandle {
    /// Follows the run's event stream to its end.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        stream(&format!("{}/stats/{}", self.engine, self.id), None)
    }

    /// Returns the run as `GET /run/:id` reports it.
    #[must_use]
    pub fn show(&self) -> Value {
        self.checked("GET", "", get(&format!("{}/run/{}", self.engine, self.id)))
            .body
    }

    /// Returns the report of the run.
    ///
    /// # Panics
    /// Panics if there is none.
    #[must_use]
    pub fn report(&self) -> Value {
        let answer = get(&format!("{}/run/{}/report", self.engine, self.id));
        let answer = self.checked("GET", "/report", answer);
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body
    }

    /// Requests a stop of the run.
    #[must_use]
    pub fn stop(&self) -> Answer {
        let answer = post(
            &format!("{}/run/{}/stop", self.engine, self.id),
            &Value::Null,
        );
        self.checked("POST", "/stop", answer)
    }

    /// Checks a response of this run's routes against the engine's OpenAPI document and returns it.
    fn checked(&self, method: &str, route: &str, answer: Answer) -> Answer {
        if let Some(contract) = &self.contract {
            let path = format!("/run/{}{route}", self.id);
            contract.check(&self.engine, method, &path, &answer);
        }
        answer
    }

    /// Waits for the run to end and returns its report.
    ///
    /// # Panics
    /// Panics if the run does not complete.
    #[must_use]
    pub fn finish(&self) -> Value {
        let events = self.events();
        let last = events.last().expect("a stream has events");
        assert_eq!(last.name, "complete", "{last:?}");
        assert_eq!(
            last.data["status"],
            "completed",
            "{} {}",
            last.data,
            self.show()
        );
        self.report()
    }
}
