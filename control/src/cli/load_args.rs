//! The options that describe a load run, turned into the body of `POST /run`.
//!
//! The same validation judges them that judges the API, so the command line and
//! the API cannot drift apart.

use std::fs::File;
use std::io::Read;

use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};
use vayu_shared::body::as_base64;
use vayu_shared::http::Method;
use vayu_shared::limits;

use super::Usage;
use super::connection_args::ConnectionArgs;

/// What to send and how often.
#[derive(Clone, Debug, Args)]
pub struct LoadArgs {
    /// Target, like http://127.0.0.1:8080/path; without a scheme, http:// is meant
    url: String,
    /// Send path and query as typed: dot segments are kept, nothing is encoded
    #[arg(long)]
    path_as_is: bool,
    /// How load is put on the target [default: what the other options imply]
    #[arg(long, value_enum)]
    mode: Option<Mode>,
    /// Arrivals per second, like 1000 or 0.5 (mode constant)
    #[arg(
        long,
        value_name = "N",
        conflicts_with_all = ["concurrency", "iterations", "ramp", "start_concurrency"]
    )]
    rps: Option<f64>,
    /// Arrivals at random instants (a Poisson process) instead of evenly (with --rps)
    #[arg(
        long,
        requires = "rps",
        // A requirement that another option excludes would be waived.
        conflicts_with_all = ["concurrency", "iterations", "ramp", "start_concurrency"]
    )]
    poisson: bool,
    /// Which random instants: the same seed repeats them (with --poisson) [default: 0]
    #[arg(long, value_name = "N", requires = "poisson")]
    seed: Option<u64>,
    /// Send the arrivals of so much time together, like 1ms: less CPU per request, at the
    /// price of bursts (with --rps) [default: each at its own instant]
    #[arg(
        long,
        value_name = "DURATION",
        value_parser = span,
        requires = "rps",
        conflicts_with_all = ["concurrency", "iterations", "ramp", "start_concurrency"]
    )]
    quantum: Option<String>,
    /// Requests at once (every mode but constant with --rps) [default: 1]
    #[arg(short, long, value_name = "N")]
    concurrency: Option<u64>,
    /// How long, like 30s or 1m30s; a bare number is seconds [default: 10s]
    #[arg(short, long)]
    duration: Option<String>,
    /// How many requests in all (mode iterations)
    #[arg(short = 'n', long, value_name = "N")]
    iterations: Option<u64>,
    /// How long concurrency takes from start to target (mode ramp-up)
    #[arg(long, value_name = "DURATION")]
    ramp: Option<String>,
    /// Concurrency at the beginning of the ramp (mode ramp-up)
    #[arg(long, value_name = "N")]
    start_concurrency: Option<u64>,
    /// HTTP method: any token, sent as typed unless it is a known one [default: GET, or POST
    /// with --body]
    #[arg(short = 'X', long)]
    method: Option<String>,
    /// Header line, like "Accept: text/html"; repeatable
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE")]
    headers: Vec<String>,
    /// Request body: text, @FILE for a file's bytes, or @- for standard input; JSON is sent as
    /// application/json
    #[arg(short, long)]
    body: Option<String>,
    /// Timeout of a request, like 5s, from its first byte to the last of its answer
    #[arg(long, value_name = "DURATION", value_parser = span)]
    timeout: Option<String>,
    /// Timeout of a look-up, a connect and a TLS handshake, each [default: 10s]
    #[arg(long, value_name = "DURATION", value_parser = span)]
    connect_timeout: Option<String>,
    /// How long requests in flight at the end may still take [default: 2s]
    #[arg(long, value_name = "DURATION", value_parser = span)]
    graceful_stop: Option<String>,
    /// Most connections at once
    #[arg(long, value_name = "N")]
    max_connections: Option<u64>,
    /// Report requests slower than this many milliseconds
    #[arg(long, value_name = "MS")]
    slow_ms: Option<f64>,
    /// Keep the phases of requests, and report their means
    #[arg(long)]
    timing: bool,
    #[command(flatten)]
    connection: ConnectionArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Mode {
    /// A rate (--rps) or a number of requests at once (--concurrency), for a time
    Constant,
    /// A number of requests (--iterations)
    Iterations,
    /// Concurrency that rises or falls (--ramp)
    #[value(alias = "ramp_up")]
    RampUp,
}

impl LoadArgs {
    /// The body of `POST /run`.
    ///
    /// # Errors
    /// A usage error where options contradict each other.
    pub fn to_run_body(&self) -> anyhow::Result<Value> {
        let mode = self.mode.unwrap_or_else(|| self.implied_mode());
        let mut body = Map::new();
        body.insert("request".into(), self.request()?);
        let mut put = |name: &str, value: Option<Value>| {
            value.map(|value| body.insert(name.into(), value));
        };
        put("arrivals", self.poisson.then(|| "poisson".into()));
        put("seed", self.seed.map(Value::from));
        put(
            "pacing",
            self.quantum.as_ref().map(|span| json!({"quantum": span})),
        );
        put("timeout", self.timeout.clone().map(Value::from));
        put(
            "connectTimeout",
            self.connect_timeout.clone().map(Value::from),
        );
        put("gracefulStop", self.graceful_stop.clone().map(Value::from));
        put("maxConnections", self.max_connections.map(Value::from));
        put("save_timing_breakdown", self.timing.then(|| true.into()));
        put("connection", self.connection.to_json()?);
        put("slow_threshold_ms", self.slow_ms.map(Value::from));
        let duration = Value::from(self.duration.clone().unwrap_or_else(|| "10s".into()));
        let concurrency = Value::from(self.concurrency.unwrap_or(1));
        match mode {
            Mode::Constant => {
                put("mode", Some("constant".into()));
                put("duration", Some(duration));
                match self.rps {
                    Some(rps) => put("targetRps", Some(rps.into())),
                    None => put("concurrency", Some(concurrency)),
                }
            }
            Mode::Iterations => {
                put("mode", Some("iterations".into()));
                put("iterations", Some(self.iterations.unwrap_or(1).into()));
                put("concurrency", Some(concurrency));
            }
            Mode::RampUp => {
                put("mode", Some("ramp_up".into()));
                put("duration", Some(duration.clone()));
                put(
                    "rampUpDuration",
                    Some(self.ramp.clone().map_or(duration, Value::from)),
                );
                put("startConcurrency", self.start_concurrency.map(Value::from));
                put("concurrency", Some(concurrency));
            }
        }
        Ok(Value::Object(body))
    }

    fn implied_mode(&self) -> Mode {
        if self.iterations.is_some() {
            Mode::Iterations
        } else if self.ramp.is_some() || self.start_concurrency.is_some() {
            Mode::RampUp
        } else {
            Mode::Constant
        }
    }

    fn request(&self) -> anyhow::Result<Value> {
        let mut headers = Map::new();
        for line in &self.headers {
            let (name, value) = line.split_once(':').ok_or_else(|| {
                Usage(format!(
                    "--header \"{line}\" has no colon; write \"Name: value\""
                ))
            })?;
            headers.insert(name.trim().to_owned(), value.trim().into());
        }
        let implied = if self.body.is_some() { "POST" } else { "GET" };
        let bytes = self.body.as_deref().map(body_bytes).transpose()?;
        let text = bytes.as_deref().map(std::str::from_utf8);
        let is_json = text.and_then(Result::ok).is_some_and(|text| {
            let value = serde_json::from_str(text);
            matches!(value, Ok(Value::Object(_) | Value::Array(_)))
        });
        let is_named = |name: &String| name.eq_ignore_ascii_case("content-type");
        if is_json && !headers.keys().any(is_named) {
            headers.insert("Content-Type".into(), "application/json".into());
        }
        let method = self.method.as_deref().unwrap_or(implied);
        let mut request = json!({
            "method": method,
            "url": with_scheme(&self.url),
            "headers": headers,
            // As it was written: numbers, blanks and all.
            "body": bytes.map(|bytes| match String::from_utf8(bytes) {
                Ok(text) => text.into(),
                Err(bytes) => as_base64(bytes.as_bytes()),
            }),
        });
        if Method::parse(method).is_none() {
            request["customMethod"] = true.into();
        }
        if self.path_as_is {
            request["pathAsIs"] = true.into();
        }
        Ok(request)
    }
}

/// A span of time with its unit: what a bare number means differs from option to option.
fn span(text: &str) -> Result<String, String> {
    match text.trim().parse::<f64>() {
        Ok(_) => Err(format!("it has no unit; write {0}s or {0}ms", text.trim())),
        Err(_) => Ok(text.to_owned()),
    }
}

/// A URL with `http://` before it, where it has no scheme.
fn with_scheme(url: &str) -> String {
    let is_scheme = |text: &str| {
        let mut chars = text.chars();
        chars.all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    };
    let url = url.trim();
    match url.split_once("://") {
        Some((scheme, _)) if is_scheme(scheme) => url.to_owned(),
        _ => format!("http://{}", url.trim_start_matches("//")),
    }
}

/// The bytes of `--body`: itself, or what is in the file after an `@`, `-` for standard
/// input.
fn body_bytes(body: &str) -> anyhow::Result<Vec<u8>> {
    let most = limits::REQUEST_BODY_BYTES;
    let read = |input: &mut dyn Read| {
        let mut bytes = Vec::new();
        // One byte more tells a longer body.
        input.take(most + 1).read_to_end(&mut bytes).map(|_| bytes)
    };
    let Some(path) = body.strip_prefix('@') else {
        return Ok(body.as_bytes().to_vec());
    };
    let bytes = match path {
        "-" => read(&mut std::io::stdin().lock()),
        path => File::open(path).and_then(|mut file| read(&mut file)),
    };
    let bytes = bytes.map_err(|error| Usage(format!("--body @{path}: {error}")))?;
    if bytes.len() as u64 > most {
        let problem = format!("--body @{path} is longer than the {most} bytes that are sent");
        return Err(Usage(problem).into());
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        load: LoadArgs,
    }

    fn body(line: &str) -> Value {
        let words = ["x", "http://a/"]
            .into_iter()
            .chain(line.split_whitespace());
        Line::parse_from(words)
            .load
            .to_run_body()
            .expect("consistent options")
    }

    #[test]
    fn options_become_the_body_of_the_api() {
        let request = json!({"method": "GET", "url": "http://a/", "headers": {}, "body": null});
        let table = [
            (
                "--rps 50",
                json!({"mode": "constant", "targetRps": 50.0, "duration": "10s"}),
            ),
            (
                "--rps 50 --quantum 2ms",
                json!({"mode": "constant", "targetRps": 50.0, "duration": "10s",
                       "pacing": {"quantum": "2ms"}}),
            ),
            (
                "--rps 50 --poisson --seed 7",
                json!({"mode": "constant", "targetRps": 50.0, "duration": "10s",
                       "arrivals": "poisson", "seed": 7}),
            ),
            (
                "-n 9 -k --no-keepalive --resolve a:1=10.0.0.1 --resolve a:1=10.0.0.2 --dns ttl",
                json!({"mode": "iterations", "iterations": 9, "concurrency": 1, "connection": {
                    "keepAlive": false, "verifySsl": false, "dns": {"policy": "ttl"},
                    "resolve": {"a:1": ["10.0.0.1", "10.0.0.2"]}}}),
            ),
            (
                "-c 7 -d 3s",
                json!({"mode": "constant", "concurrency": 7, "duration": "3s"}),
            ),
            (
                "-n 9",
                json!({"mode": "iterations", "iterations": 9, "concurrency": 1}),
            ),
            (
                "--ramp 2s --start-concurrency 5 -c 9 -d 4s",
                json!({"mode": "ramp_up", "rampUpDuration": "2s", "startConcurrency": 5, "concurrency": 9, "duration": "4s"}),
            ),
            (
                "--mode ramp_up -c 9",
                json!({"mode": "ramp_up", "rampUpDuration": "10s", "concurrency": 9, "duration": "10s"}),
            ),
        ];
        for (line, mut expected) in table {
            expected["request"] = request.clone();
            assert_eq!(body(line), expected, "{line}");
        }
    }

    #[test]
    fn spans_that_are_no_duration_of_the_load_need_a_unit() {
        for option in [
            "--timeout",
            "--connect-timeout",
            "--graceful-stop",
            "--rps 5 --quantum",
        ] {
            let parse = |value: &str| {
                let line = format!("x http://a/ {option} {value}");
                Line::try_parse_from(line.split(' ')).map(drop)
            };
            assert!(parse("5s").is_ok() && parse("5ms").is_ok(), "{option}");
            for bare in ["5", "0", "1.5"] {
                let told = parse(bare).expect_err(option).to_string();
                let right = format!("write {bare}s or {bare}ms");
                assert!(told.contains(&right), "{told}");
            }
        }
        assert_eq!(body("-d 5")["duration"], "5", "seconds, as everywhere");
    }

    #[test]
    fn a_url_without_a_scheme_means_http() {
        for (typed, meant) in [
            ("localhost:8080/x", "http://localhost:8080/x"),
            ("127.0.0.1/?u=http://b/", "http://127.0.0.1/?u=http://b/"),
            ("u:p@a/", "http://u:p@a/"),
            ("[::1]:9", "http://[::1]:9"),
            ("//a/x", "http://a/x"),
            (" https://a/ ", "https://a/"),
            ("ftp://a/", "ftp://a/"),
        ] {
            assert_eq!(with_scheme(typed), meant);
        }
    }

    #[test]
    fn random_arrivals_need_a_rate_and_a_seed_needs_them() {
        for line in [
            "--poisson",
            "--poisson -c 5",
            "--rps 5 --seed 1",
            "--quantum 1ms -c 5",
        ] {
            let words = ["x", "http://a/"].into_iter().chain(line.split(' '));
            assert!(Line::try_parse_from(words).is_err(), "{line}");
        }
    }

    #[test]
    fn a_body_makes_it_a_post() {
        assert_eq!(body("--body {\"a\":1}")["request"]["method"], "POST");
        let written = "{\"a\":1.10}";
        let request = &body(&format!("--body {written}"))["request"];
        assert_eq!(request["body"], written, "as it was written");
        assert_eq!(request["headers"]["Content-Type"], "application/json");
        assert_eq!(body("--body 5 -X put")["request"]["body"], "5");
        assert!(body("-X purge")["request"].get("customMethod").is_none());
        assert_eq!(body("-X Frob")["request"]["customMethod"], true);
    }
}
