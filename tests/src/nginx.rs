//! An nginx from the distribution: a server that nobody here has written.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// See the module.
pub struct Nginx {
    child: Child,
    directory: tempfile::TempDir,
    port: u16,
}

impl Nginx {
    /// One worker that answers 100 bytes and closes a connection after 1,000 requests.
    ///
    /// # Panics
    /// When nginx is not installed or does not start.
    #[must_use]
    pub fn start() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let port = free.expect("a free port").port();
        let configuration = directory.path().join("nginx.conf");
        std::fs::write(&configuration, config(directory.path(), port)).expect("a file");
        let child = Command::new("nginx")
            .arg("-c")
            .arg(&configuration)
            .stderr(Stdio::null())
            .spawn()
            .expect("nginx is installed (apt-get install nginx-light)");
        let nginx = Self {
            child,
            directory,
            port,
        };
        nginx.wait_until_ready();
        nginx
    }

    /// The URL of a path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Requests in its access log.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn requests(&self) -> u64 {
        // Lines are written when a request ends, a moment after its answer.
        std::thread::sleep(Duration::from_millis(200));
        let log = std::fs::read_to_string(self.directory.path().join("access.log"));
        log.expect("nginx logs").lines().count() as u64
    }

    fn wait_until_ready(&self) {
        let until = Instant::now() + Duration::from_secs(10);
        while std::net::TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(
                Instant::now() < until,
                "nginx does not listen on port {}",
                self.port
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let pid = self.child.id().to_string();
        // QUIT ends the worker too, which a kill of the master would not.
        let _ = Command::new("kill").args(["-s", "TERM", &pid]).status();
        let _ = self.child.wait();
    }
}

fn config(directory: &std::path::Path, port: u16) -> String {
    let directory = directory.display();
    let body = "x".repeat(100);
    format!(
        "daemon off; worker_processes 1; pid {directory}/pid; error_log {directory}/error.log;
         events {{ worker_connections 4096; }}
         http {{ log_format short '$status'; access_log {directory}/access.log short;
           client_body_temp_path {directory}/body; proxy_temp_path {directory}/proxy;
           fastcgi_temp_path {directory}/fastcgi; uwsgi_temp_path {directory}/uwsgi;
           scgi_temp_path {directory}/scgi;
           server {{ listen 127.0.0.1:{port} backlog=4096; location / {{ return 200 {body}; }} }} }}"
    )
}
