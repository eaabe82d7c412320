//! Options that describe a load run, converted to the body of `POST /run`.
//!
//! They are validated by the same code as the API, so the command line and the API cannot diverge.

use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};

use super::UsageError;
use super::connection_args::ConnectionArgs;
use super::exclusive::{Exclusive, refuse};
use super::request_args::RequestArgs;

/// What to send and how often.
#[derive(Clone, Debug, Args)]
pub struct LoadArgs {
    #[command(flatten)]
    request: RequestArgs,
    /// Load model [default: implied by the other options]
    #[arg(long, value_enum)]
    mode: Option<Mode>,
    /// Arrival rate per second, like 1000 or 0.5, independent of the target's responses (mode constant)
    #[arg(long, value_name = "N")]
    rps: Option<f64>,
    /// Arrivals at random instants (a Poisson process) instead of evenly (with --rps)
    #[arg(long, requires = "rps")]
    poisson: bool,
    /// Seed of the random arrivals: the same seed repeats them (with --poisson) [default: 0]
    #[arg(long, value_name = "N", requires = "poisson")]
    seed: Option<u64>,
    /// Send arrivals within this time together, like 1ms: less CPU per request, but bursts (with --rps)
    /// [default: each at its own instant]
    #[arg(long, value_name = "DURATION", value_parser = span, requires = "rps")]
    quantum: Option<String>,
    /// Number of virtual users, each with one request in flight (not with --rps) [default: 1]
    #[arg(short, long, value_name = "N")]
    concurrency: Option<u64>,
    /// Duration of the load, like 30s or 1m30s; a bare number is seconds. With --iterations, the run ends at
    /// whichever comes first [default: 10s, or no limit with --iterations]
    #[arg(short, long)]
    duration: Option<String>,
    /// Total number of requests [default: no limit]
    #[arg(short = 'n', long, value_name = "N")]
    iterations: Option<u64>,
    /// Duration of the ramp from --start-concurrency to --concurrency (mode ramp-up) [default: the whole
    /// duration]
    #[arg(long, value_name = "DURATION")]
    ramp: Option<String>,
    /// Number of virtual users at the start of the ramp (mode ramp-up) [default: 1]
    #[arg(long, value_name = "N")]
    start_concurrency: Option<u64>,
    /// Timeout of a request, like 5s, from its first byte sent to the last byte of the response
    /// [default: 30s]
    #[arg(long, value_name = "DURATION", value_parser = span)]
    timeout: Option<String>,
    /// Timeout of the DNS look-up, the connect and the TLS handshake, each [default: 10s]
    #[arg(long, value_name = "DURATION", value_parser = span)]
    connect_timeout: Option<String>,
    /// Time for requests in flight to complete after the end of the load [default: 2s]
    #[arg(long, value_name = "DURATION", value_parser = span)]
    graceful_stop: Option<String>,
    /// Maximum number of open connections [default: 10000]
    #[arg(long, value_name = "N")]
    max_connections: Option<u64>,
    /// Count requests slower than this many milliseconds in the report
    #[arg(long, value_name = "MS")]
    slow_ms: Option<f64>,
    /// Record the phases of requests and report their means
    #[arg(long)]
    timing: bool,
    #[command(flatten)]
    connection: ConnectionArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Mode {
    /// A rate (--rps) or a number of virtual users (--concurrency)
    Constant,
    /// A number of requests (--iterations), sent by virtual users (--concurrency)
    Iterations,
    /// A number of virtual users that ramps up or down (--ramp)
    #[value(alias = "ramp_up")]
    RampUp,
}

impl LoadArgs {
    /// Returns the body of `POST /run`.
    ///
    /// # Errors
    /// Returns a usage error if options contradict each other.
    pub fn to_run_body(&self) -> anyhow::Result<Value> {
        self.check()?;
        let mut body = Map::new();
        body.insert("request".into(), self.request.to_json()?);
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
        body.extend(self.load());
        Ok(Value::Object(body))
    }

    /// Refuses options that would have no effect in combination with others.
    fn check(&self) -> Result<(), UsageError> {
        let given = |option: &str| match option {
            "--mode constant" => self.mode == Some(Mode::Constant),
            "--mode iterations" => self.mode == Some(Mode::Iterations),
            "--mode ramp-up" => self.mode == Some(Mode::RampUp),
            "--rps" => self.rps.is_some(),
            "--concurrency" => self.concurrency.is_some(),
            "--iterations" => self.iterations.is_some(),
            "--ramp" => self.ramp.is_some(),
            "--start-concurrency" => self.start_concurrency.is_some(),
            other => self.connection.given(other),
        };
        refuse(&EXCLUSIVE, given)?;
        if self.mode == Some(Mode::Iterations) && self.iterations.is_none() {
            let problem = "--mode iterations needs --iterations N, the number of requests";
            return Err(UsageError(problem.to_owned()));
        }
        Ok(())
    }

    /// Returns the fields that describe the load.
    fn load(&self) -> Map<String, Value> {
        let duration = self.duration.clone().map(Value::from);
        let iterations = self.iterations.map(Value::from);
        let long_enough = || Value::from("10s");
        // A number of requests ends the run; otherwise it needs a duration.
        let ends = match (&duration, &iterations) {
            (None, None) => Some(long_enough()),
            _ => duration.clone(),
        };
        let concurrency = Some(self.concurrency.unwrap_or(1).into());
        let fields = match self.mode.unwrap_or_else(|| self.implied_mode()) {
            Mode::Constant => [
                ("mode", Some("constant".into())),
                ("duration", ends),
                ("iterations", iterations),
                ("targetRps", self.rps.map(Value::from)),
                ("concurrency", concurrency.filter(|_| self.rps.is_none())),
            ],
            Mode::Iterations => [
                ("mode", Some("iterations".into())),
                ("duration", duration),
                ("iterations", iterations),
                ("targetRps", None),
                ("concurrency", concurrency),
            ],
            Mode::RampUp => [
                ("mode", Some("ramp_up".into())),
                (
                    "rampUpDuration",
                    self.ramp.clone().map(Value::from).or(ends.clone()),
                ),
                ("duration", ends),
                ("startConcurrency", self.start_concurrency.map(Value::from)),
                ("concurrency", concurrency),
            ],
        };
        let given = fields.into_iter();
        let given = given.filter_map(|(name, value)| Some((name.to_owned(), value?)));
        given.collect()
    }

    fn implied_mode(&self) -> Mode {
        if self.ramp.is_some() || self.start_concurrency.is_some() {
            Mode::RampUp
        } else if self.iterations.is_some() && self.rps.is_none() {
            Mode::Iterations
        } else {
            Mode::Constant
        }
    }
}

/// Pairs of options of which one would have no effect with the other.
const EXCLUSIVE: [Exclusive; 15] = [
    Exclusive {
        options: ["--rps", "--concurrency"],
        remedy: "a rate opens as many connections as its arrivals need; leave --concurrency out, \
                 or write --max-connections to bound them",
    },
    Exclusive {
        options: ["--rps", "--ramp"],
        remedy: ONE_MODEL,
    },
    Exclusive {
        options: ["--rps", "--start-concurrency"],
        remedy: ONE_MODEL,
    },
    Exclusive {
        options: ["--iterations", "--ramp"],
        remedy: RAMP_ENDS,
    },
    Exclusive {
        options: ["--iterations", "--start-concurrency"],
        remedy: RAMP_ENDS,
    },
    Exclusive {
        options: ["--mode constant", "--ramp"],
        remedy: OTHER_MODE,
    },
    Exclusive {
        options: ["--mode constant", "--start-concurrency"],
        remedy: OTHER_MODE,
    },
    Exclusive {
        options: ["--mode iterations", "--rps"],
        remedy: "leave --mode out for a number of requests at a rate",
    },
    Exclusive {
        options: ["--mode iterations", "--ramp"],
        remedy: OTHER_MODE,
    },
    Exclusive {
        options: ["--mode iterations", "--start-concurrency"],
        remedy: OTHER_MODE,
    },
    Exclusive {
        options: ["--mode ramp-up", "--rps"],
        remedy: ONE_MODEL,
    },
    Exclusive {
        options: ["--mode ramp-up", "--iterations"],
        remedy: RAMP_ENDS,
    },
    Exclusive {
        options: ["--no-keepalive", "--max-requests-per-connection"],
        remedy: "without keep-alive a connection has one request; leave one of them out",
    },
    Exclusive {
        options: ["--no-keepalive", "--no-stale-retry"],
        remedy: "without keep-alive no connection can be stale; leave --no-stale-retry out",
    },
    Exclusive {
        options: ["--insecure", "--cacert"],
        remedy: "--insecure accepts every certificate; leave it out to check the target's \
                 against --cacert",
    },
];
const ONE_MODEL: &str = "only a number of virtual users can be ramped, not a rate; leave one out";
const RAMP_ENDS: &str = "a ramp ends with its --duration; leave --iterations out, or the ramp";
const OTHER_MODE: &str = "leave --mode out, or use --mode ramp-up";

/// Parses a time span. A unit is required, because the meaning of a bare number differs between options.
fn span(text: &str) -> Result<String, String> {
    match text.trim().parse::<f64>() {
        Ok(_) => Err(format!("it has no unit; write {0}s or {0}ms", text.trim())),
        Err(_) => Ok(text.to_owned()),
    }
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
                "-n 9 -d 3s -c 2",
                json!({"mode": "iterations", "iterations": 9, "duration": "3s", "concurrency": 2}),
            ),
            (
                "-n 9 --rps 5",
                json!({"mode": "constant", "iterations": 9, "targetRps": 5.0}),
            ),
            (
                "-n 9 --rps 5 -d 1s --poisson",
                json!({"mode": "constant", "iterations": 9, "targetRps": 5.0, "duration": "1s",
                       "arrivals": "poisson"}),
            ),
            (
                "--mode constant -n 9 -c 2",
                json!({"mode": "constant", "iterations": 9, "concurrency": 2}),
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
    fn options_that_need_others_are_refused_without_them() {
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
    fn options_without_effect_are_refused_with_a_remedy() {
        for exclusive in EXCLUSIVE {
            let words: Vec<String> = exclusive.options.into_iter().map(with_value).collect();
            let line = words.join(" ");
            let words = ["x", "http://a/"].into_iter().chain(line.split(' '));
            let refused = Line::parse_from(words).load.to_run_body();
            let told = refused.expect_err(&line).to_string();
            for part in exclusive.options.into_iter().chain([exclusive.remedy]) {
                assert!(told.contains(part), "{line}: {told}");
            }
        }
        let without_a_number = ["x", "http://a/", "--mode", "iterations"];
        let refused = Line::parse_from(without_a_number).load.to_run_body();
        assert!(refused.is_err_and(|error| error.to_string().contains("needs --iterations N")));
    }

    /// Returns an option as it may be typed.
    fn with_value(option: &str) -> String {
        match option {
            "--no-keepalive" | "--no-stale-retry" | "--insecure" => option.to_owned(),
            _ if option.starts_with("--mode") => option.to_owned(),
            "--ramp" => "--ramp 1s".to_owned(),
            _ => format!("{option} 5"),
        }
    }
}
