//! An nginx from the distribution: a server that nobody here has written, plain
//! ([`Nginx::start`]) or with TLS ([`Nginx::start_tls`]).
//!
//! It answers every path with 100 bytes. What its TLS can be is in `nginx_tls`.

use std::fs::File;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use crate::nginx_tls::{self, Tls, TlsRequest};

/// See the module.
pub struct Nginx {
    child: Child,
    directory: tempfile::TempDir,
    port: u16,
    /// Scheme and host of its URLs.
    base: &'static str,
}

/// What differs between one nginx and another, as lines of its configuration.
pub(crate) struct Site {
    /// In the http block: `log_format line`, and what it needs.
    pub http: &'static str,
    /// In the server block: where it listens and how.
    pub server: String,
    /// The level of the error log.
    pub log_level: &'static str,
}

/// Locations for an API client to try: redirects, cookies, encodings, passwords.
/// The page at `/echo` tells what came of a request.
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
    /// One worker that answers 100 bytes and closes a connection after 1,000 requests.
    ///
    /// # Panics
    /// When nginx is not installed or does not start.
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

    /// One with pages for an API client to try: see `CLIENT_SITE`.
    ///
    /// # Panics
    /// As [`Self::start`].
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

    /// The same with TLS on 127.0.0.1 and, where the machine has it, ::1.
    ///
    /// # Panics
    /// When nginx is not installed or does not start, as with protocols or ciphers
    /// that its OpenSSL does not know.
    #[must_use]
    pub fn start_tls(tls: &Tls) -> Self {
        let port = free_port();
        Self::launch(port, "https://localhost", &nginx_tls::site(tls, port))
    }

    fn launch(port: u16, base: &'static str, site: &Site) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let configuration = directory.path().join("nginx.conf");
        std::fs::write(&configuration, config(directory.path(), site)).expect("a file");
        // For `/basic`: the user `lab` with the password `secret`.
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

    /// The URL of a path: by address without TLS, by `localhost` with it, so that the
    /// client has a name to send (SNI) and to check.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}:{}{path}", self.base, self.port)
    }

    /// Its port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Requests in its access log.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.access_log().lines().count() as u64
    }

    /// What it has logged of every request with TLS, in the order of their ends.
    /// A handshake that failed is in [`Nginx::error_log`] only.
    ///
    /// # Panics
    /// When it was started without TLS.
    #[must_use]
    pub fn tls_requests(&self) -> Vec<TlsRequest> {
        let log = self.access_log();
        log.lines().map(TlsRequest::parse).collect()
    }

    /// Its error log. With TLS it tells why a handshake failed, and which alert the
    /// client has sent.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn error_log(&self) -> String {
        self.log("error.log")
    }

    fn access_log(&self) -> String {
        self.log("access.log")
    }

    /// A file that nginx writes to.
    fn log(&self, name: &str) -> String {
        // Lines are written when a request ends, a moment after its answer.
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
        // QUIT ends the worker too, which a kill of the master would not.
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
