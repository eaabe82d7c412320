//! Child processes that are killed when their value is dropped.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// Returns the path of a binary of this build; for `cargo bench`, of a binary of the profile `dist`.
///
/// # Panics
/// Panics if the binary was not built.
#[must_use]
pub fn binary(name: &str) -> PathBuf {
    let program = std::env::current_exe().expect("a program knows its own path");
    let deps = program.parent().expect("target/PROFILE/deps");
    let profile = deps.parent().expect("target/PROFILE");
    let is_bench = std::env::args().any(|argument| argument == "--bench");
    let (directory, command) = if is_bench {
        (profile.with_file_name("dist"), "./dev dist")
    } else {
        (profile.to_owned(), "cargo build --workspace --all-targets")
    };
    let path = directory.join(name);
    assert!(
        path.exists(),
        "{} is missing: run {command}",
        path.display()
    );
    path
}

/// A server process that has printed its address.
pub struct Server {
    child: Child,
    /// `127.0.0.1:PORT`.
    pub address: String,
}

impl Server {
    /// Starts `command` and waits for a first line that ends in an address.
    ///
    /// # Panics
    /// Panics if it does not start.
    #[must_use]
    pub fn start(command: Command) -> Self {
        Self::try_start(command).expect("it says where it listens")
    }

    /// Like [`Self::start`], but returns `None` if the process exits without having printed an address.
    ///
    /// # Panics
    /// Panics if the program does not exist.
    #[must_use]
    pub fn try_start(mut command: Command) -> Option<Self> {
        let mut child = command
            .stdout(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let mut line = String::new();
        let stdout = child.stdout.as_mut().expect("it is piped");
        BufReader::new(stdout)
            .read_line(&mut line)
            .expect("it says where it listens");
        let address = line
            .split("://")
            .nth(1)
            .and_then(|rest| rest.split_whitespace().next());
        let Some(address) = address.map(str::to_owned) else {
            // It has exited, or has printed something else and cannot be used.
            let _ = child.kill();
            let _ = child.wait();
            return None;
        };
        Some(Self { child, address })
    }

    /// Returns the process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal by name, for example `TERM`.
    pub fn signal(&self, name: &str) {
        let pid = self.pid().to_string();
        let sent = Command::new("kill").args(["-s", name, &pid]).status();
        assert!(
            sent.is_ok_and(|status| status.success()),
            "kill -s {name} {pid} failed"
        );
    }

    /// Waits at most `most` for the process to exit.
    pub fn wait(&mut self, most: Duration) -> ExitStatus {
        let until = Instant::now() + most;
        loop {
            if let Some(status) = self.child.try_wait().expect("a child can be waited for") {
                return status;
            }
            assert!(
                Instant::now() < until,
                "process {} has not ended in {most:?}",
                self.pid()
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have exited before; it is gone after this in either case.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
