//! The target of the comparisons: an nginx with one worker, pinned to its own core. It serves 100 bytes over
//! plain HTTP and over TLS 1.3, with keep-alive. `/json` is a JSON document.

use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use super::cpu_times;

/// A running nginx target. See the module documentation.
pub struct Target {
    nginx: Child,
    plain: SocketAddr,
    encrypted: SocketAddr,
    // The directory is removed on drop.
    _directory: tempfile::TempDir,
}

impl Target {
    /// Starts nginx on `core`.
    ///
    /// # Errors
    /// Returns an error if nginx is not installed or does not start.
    pub fn start(core: usize) -> anyhow::Result<Self> {
        let directory = tempfile::tempdir()?;
        let at = directory.path();
        let identity = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
        fs::write(at.join("cert.pem"), identity.cert.pem())?;
        fs::write(at.join("key.pem"), identity.signing_key.serialize_pem())?;
        let (plain, encrypted) = (free_address()?, free_address()?);
        let body = "x".repeat(100);
        let json = json_document();
        let dir = at.display();
        let configuration = format!(
            "daemon off; master_process off; pid {dir}/pid; error_log {dir}/error.log;\n\
             events {{ worker_connections 20000; }}\n\
             http {{ access_log off; keepalive_requests 1000000000;\n\
               client_body_temp_path {dir}/a; proxy_temp_path {dir}/b; fastcgi_temp_path {dir}/c;\n\
               uwsgi_temp_path {dir}/d; scgi_temp_path {dir}/e;\n\
               server {{ listen {plain} backlog=8192; listen {encrypted} ssl backlog=8192;\n\
                 ssl_certificate {dir}/cert.pem; ssl_certificate_key {dir}/key.pem;\n\
                 ssl_protocols TLSv1.3; location / {{ return 200 {body}; }}\n\
                 location /json {{ default_type application/json; return 200 '{json}'; }} }} }}\n"
        );
        fs::write(at.join("nginx.conf"), configuration)?;
        let nginx = Command::new("taskset")
            .args(["-c", &core.to_string(), "nginx", "-c"])
            .arg(at.join("nginx.conf"))
            .spawn()
            .context("nginx does not start (apt-get install nginx-light)")?;
        let mut target = Self {
            nginx,
            plain,
            encrypted,
            _directory: directory,
        };
        target.wait_until_ready()?;
        Ok(target)
    }

    fn wait_until_ready(&mut self) -> anyhow::Result<()> {
        let until = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect(self.encrypted).is_err() {
            if let Some(status) = self.nginx.try_wait()? {
                bail!("nginx exited immediately: {status}");
            }
            if Instant::now() > until {
                bail!("nginx does not listen after 10 s");
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }

    /// Returns the URL it listens on.
    pub fn url(&self, tls: bool) -> String {
        if tls {
            format!("https://localhost:{}/", self.encrypted.port())
        } else {
            format!("http://{}/", self.plain)
        }
    }

    /// Returns the address it listens on without TLS.
    pub fn address(&self) -> SocketAddr {
        self.plain
    }

    /// Returns the CPU time nginx has used, in seconds.
    ///
    /// # Errors
    /// Returns an error if the process no longer exists.
    pub fn cpu_seconds(&self) -> anyhow::Result<f64> {
        let stat = format!("/proc/{}/stat", self.nginx.id());
        Ok(cpu_times(stat.as_ref(), 0)?.iter().sum())
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        // The process may have ended already. Both calls are best-effort.
        let _ = self.nginx.kill();
        let _ = self.nginx.wait();
    }
}

/// Returns a JSON object of 1.1 KB that contains an array.
fn json_document() -> String {
    let item = |n: u32| {
        let price = f64::from(n) * 1.5;
        format!(r#"{{"sku": "A-{n}", "price": {price:?}, "tags": ["a", "b"]}}"#)
    };
    let items: Vec<String> = (0..22).map(item).collect();
    format!(r#"{{"id": 7, "items": [{}]}}"#, items.join(", "))
}

fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}
