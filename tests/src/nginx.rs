//! An nginx from the distribution: an independent server, plain ([`Nginx::start`]) or with TLS
//! ([`Nginx::start_tls`]).
//!
//! It answers every path with 100 bytes. Its TLS options are in `nginx_tls`.

use std::fs::File;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use crate::nginx_tls::{self, Tls, TlsRequest};

/// A running nginx. Dropping the value ends it.
pub struct Nginx {
    child: Child,
    directory: tempfile::TempDir,
    port: u16,
    /// Scheme and host of its URLs.
    base: &'static str,
}

/// The parts of the configuration that differ between servers.
pub(crate) struct Site {
    /// Directives of the http block: `log_format line` and what it depends on.
    pub http: &'static str,
    /// Directives of the server block: `listen` and its options.
    pub server: String,
    /// Level of the error log.
    pub log_level: &'static str,
}

/// Locations for tests of an API client: redirects, cookies, encodings, passwords. `/echo` returns the
/// request as received.
const CLIENT_SITE: &str = r#"
  location /echo { default_type text/plain;
    return 200 "$request_method $request_uri auth=$http_authorization cookie=$http_cookie type=$content_type length=$content_length"; }
  location = /r301 { return 301 /echo/301; }
  location = /r302 { return 302 /echo/302; }
  location = /r303 { return 303 /echo/303; }
  location = /r307 { return 307 /echo/307; }
  location = /r308 { return 308 /echo/308; }
  location = /abroad { return 302 http://localhost:$server_port/echo/abroad; }
  location = /loop { return 302 /loop; }
  location = /twice { return 302 /r302; }
  location = /nowhere { return 302 ftp://files.example/; }
  location = /cookie { add_header Set-Cookie "a=1; Path=/"; add_header Set-Cookie "b=2; Path=/echo/b; HttpOnly"; return 200 "set"; }
  location = /cookie-then { add_header Set-Cookie "c=3; Path=/" always; return 302 /echo/c; }
  location = /expire { add_header Set-Cookie "a=; Max-Age=0; Path=/"; return 200 "gone"; }
  location = /foreign { add_header Set-Cookie "d=4; Domain=example.com"; return 200 "no"; }
  location = /gzip { gzip on; gzip_min_length 1; gzip_types text/plain; default_type text/plain; return 200 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"; }
  location = /basic { auth_basic "lab"; auth_basic_user_file @DIR@/passwords; alias @DIR@/page; default_type text/plain; }
  location = /json { default_type application/json; return 200 '{"n":1,"list":[true,null]}'; }
  location = /bad-json { default_type application/json; return 200 '{"n":'; }
  location = /upload { client_max_body_size 1m; proxy_pass http://127.0.0.1:$server_port/echo/upload; }
  location = /teapot { return 418 "short and stout"; }
  location = /empty { return 204; }
"#;

impl Nginx {
    /// Starts an nginx with one worker that answers 100 bytes and closes a connection after 1,000 requests.
    ///
    /// # Panics
    /// Panics if nginx is not installed or does not start.
    #[must_use]
    pub fn start() -> Self {
        let port = free_port();
        let plain = Site {
            http: "log_format line '$status';",
            server: format!("listen 127.0.0.1:{port} backlog=4096;"),
            log_level: "error",
        };
        Self::launch(port, "http://127.0.0.1", &plain)
    }

    /// Starts an nginx with the locations of `CLIENT_SITE`.
    ///
    /// # Panics
    /// Panics under the same conditions as [`Self::start`].
    #[must_use]
    pub fn start_client_site() -> Self {
        let port = free_port();
        let site = Site {
            http: "log_format line '$request';",
            server: format!("listen 127.0.0.1:{port}; listen [::1]:{port}; {CLIENT_SITE}"),
            log_level: "error",
        };
        Self::launch(port, "http://127.0.0.1", &site)
    }

    /// Starts an nginx with TLS on 127.0.0.1 and, if the machine has IPv6, on ::1.
    ///
    /// # Panics
    /// Panics if nginx is not installed or does not start, for example because its OpenSSL does not support
    /// the protocols or ciphers.
    #[must_use]
    pub fn start_tls(tls: &Tls) -> Self {
        let port = free_port();
        Self::launch(port, "https://localhost", &nginx_tls::site(tls, port))
    }

    fn launch(port: u16, base: &'static str, site: &Site) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let configuration = directory.path().join("nginx.conf");
        std::fs::write(&configuration, config(directory.path(), site)).expect("a file");
        // For `/basic`: user `lab`, password `secret`.
        let passwords = directory.path().join("passwords");
        std::fs::write(passwords, "lab:{PLAIN}secret\n").expect("a file");
        std::fs::write(directory.path().join("page"), "welcome").expect("a file");
        let stderr = File::create(directory.path().join("stderr")).expect("a file");
        let child = Command::new("nginx")
            .arg("-c")
            .arg(&configuration)
            .stderr(stderr)
            .spawn()
            .expect("nginx is installed (apt-get install nginx-light)");
        let nginx = Self {
            child,
            directory,
            port,
            base,
        };
        nginx.wait_until_ready();
        nginx
    }

    /// Returns the URL of a path: with the address if plain, with `localhost` if TLS, so that the client has
    /// a name to send (SNI) and to verify.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}:{}{path}", self.base, self.port)
    }

    /// Returns the port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the number of requests in the access log.
    ///
    /// # Panics
    /// Panics if there is no access log.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.access_log().lines().count() as u64
    }

    /// Returns the log entries of all TLS requests, in the order of completion. A failed handshake appears in
    /// [`Nginx::error_log`] only.
    ///
    /// # Panics
    /// Panics if the server was started without TLS.
    #[must_use]
    pub fn tls_requests(&self) -> Vec<TlsRequest> {
        let log = self.access_log();
        log.lines().map(TlsRequest::parse).collect()
    }

    /// Returns the error log. With TLS it contains the reason of a failed handshake and the alert that the
    /// client sent.
    ///
    /// # Panics
    /// Panics if there is no error log.
    #[must_use]
    pub fn error_log(&self) -> String {
        self.log("error.log")
    }

    fn access_log(&self) -> String {
        self.log("access.log")
    }

    /// Reads a file that nginx writes.
    fn log(&self, name: &str) -> String {
        // nginx writes a line when the request ends, shortly after the response.
        std::thread::sleep(Duration::from_millis(200));
        std::fs::read_to_string(self.directory.path().join(name)).expect("nginx logs")
    }

    fn wait_until_ready(&self) {
        let until = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(
                Instant::now() < until,
                "nginx does not listen on port {}: {}",
                self.port,
                self.log("stderr")
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let pid = self.child.id().to_string();
        // SIGTERM makes the master end its worker, too; SIGKILL would leave the worker running.
        let _ = Command::new("kill").args(["-s", "TERM", &pid]).status();
        let _ = self.child.wait();
    }
}

fn free_port() -> u16 {
    let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    free.expect("a free port").port()
}

fn config(directory: &Path, site: &Site) -> String {
    let directory = directory.display();
    let body = "x".repeat(100);
    let Site {
        http,
        server,
        log_level,
    } = site;
    let server = server.replace("@DIR@", &directory.to_string());
    format!(
        "daemon off; worker_processes 1; pid {directory}/pid;
         error_log {directory}/error.log {log_level};
         events {{ worker_connections 4096; }}
         http {{ {http} access_log {directory}/access.log line;
           client_body_temp_path {directory}/body; proxy_temp_path {directory}/proxy;
           fastcgi_temp_path {directory}/fastcgi; uwsgi_temp_path {directory}/uwsgi;
           scgi_temp_path {directory}/scgi;
           server {{ {server} location / {{ return 200 {body}; }} }} }}"
    )
}
