//! The compared tools. Each generates the same load with the same checks and reports its request count.
//! Contains the scripts of each tool.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use vayu_tests::{Engine, number};

use crate::common::target::Target;
use crate::common::{cpu_times, in_path, parse_wrk_output, run_on};

/// Connections per tool.
const CONNECTIONS: u32 = 64;

/// A tool with a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contestant {
    Wrk,
    WrkHook,
    VayuPlain,
    VayuCheck,
    VayuFive,
    VayuJson,
    VayuParsed,
    K6Check,
    K6Five,
}

const ALL: [Contestant; 9] = [
    Contestant::Wrk,
    Contestant::WrkHook,
    Contestant::VayuPlain,
    Contestant::VayuCheck,
    Contestant::VayuFive,
    Contestant::VayuJson,
    Contestant::VayuParsed,
    Contestant::K6Check,
    Contestant::K6Five,
];

/// Standard snippets of the Postman editor: name, assertion, and the equivalent check in k6.
const SNIPPETS: [[&str; 3]; 5] = [
    [
        "Status code is 200",
        "pm.response.to.have.status(200)",
        "r.status === 200",
    ],
    [
        "Response time is less than 200ms",
        "pm.expect(pm.response.responseTime).to.be.below(200)",
        "r.timings.duration < 200",
    ],
    [
        "Content-Length is present",
        "pm.response.to.have.header('Content-Length')",
        "r.headers['Content-Length'] !== undefined",
    ],
    [
        "Successful request",
        "pm.expect(pm.response.code).to.be.oneOf([200, 201, 202])",
        "[200, 201, 202].includes(r.status)",
    ],
    [
        "Body matches string",
        "pm.expect(pm.response.text()).to.include('x')",
        "r.body.includes('x')",
    ],
];

const ONE_CHECK: &str = "pm.test('ok', () => { pm.expect(pm.response.code).to.equal(200); });";
const PARSED: &str = "pm.test('id', () => { pm.expect(pm.response.json().id).to.equal(7); });";

/// The wrk script. `done` prints the counts, which prove that the hook was called.
const HOOK: &str = r#"
local threads = {}
function setup(thread) table.insert(threads, thread) end
function init(args) passed, failed = 0, 0 end
function response(status, headers, body)
  if status == 200 then passed = passed + 1 else failed = failed + 1 end
end
function done(summary, latency, requests)
  local passed, failed = 0, 0
  for _, thread in ipairs(threads) do
    passed, failed = passed + thread:get("passed"), failed + thread:get("failed")
  end
  print("checked " .. passed .. " failed " .. failed)
end
"#;

impl Contestant {
    /// Returns the label in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Wrk => "wrk",
            Self::WrkHook => "wrk, a `response` hook in Lua",
            Self::VayuPlain => "vayu",
            Self::VayuCheck => "vayu, one check",
            Self::VayuFive => "vayu, five standard snippets",
            Self::VayuJson => "vayu, 1.1 KB of JSON",
            Self::VayuParsed => "vayu, a check on parsed JSON of 1.1 KB",
            Self::K6Check => "k6, one check",
            Self::K6Five => "k6, five checks",
        }
    }
}

/// Measurements of one run.
pub struct Used {
    /// Requests per second.
    pub rate: f64,
    /// CPU time per request, in microseconds.
    pub cpu_us: f64,
}

/// The engine, programs and files that the contestants need.
pub struct Contestants {
    engine: Engine,
    url: String,
    core: usize,
    seconds: u64,
    k6: Option<PathBuf>,
    wrk: Option<PathBuf>,
    // The directory is removed on drop.
    directory: tempfile::TempDir,
}

impl Contestants {
    /// Starts an engine on `core` and writes the scripts of the other tools.
    ///
    /// # Errors
    /// Returns an error if the files cannot be written.
    pub fn start(target: &Target, core: usize, seconds: u64) -> anyhow::Result<Self> {
        let directory = tempfile::tempdir()?;
        let url = target.url(false);
        std::fs::write(directory.path().join("hook.lua"), HOOK)?;
        for (name, checks) in [("one.js", &SNIPPETS[..1]), ("five.js", &SNIPPETS[..])] {
            let script = k6_script(checks, &url, seconds);
            std::fs::write(directory.path().join(name), script)?;
        }
        Ok(Self {
            engine: Engine::with(&["--cpus", &core.to_string()]),
            url,
            core,
            seconds,
            k6: in_path("k6"),
            wrk: in_path("wrk"),
            directory,
        })
    }

    /// Returns the installed contestants.
    pub fn installed(&self) -> Vec<Contestant> {
        let is_there = |contestant: &Contestant| match contestant {
            Contestant::Wrk | Contestant::WrkHook => self.wrk.is_some(),
            Contestant::K6Check | Contestant::K6Five => self.k6.is_some(),
            _ => true,
        };
        ALL.into_iter().filter(is_there).collect()
    }

    /// Runs a contestant to completion.
    ///
    /// # Errors
    /// Returns an error if the run fails or one of its checks fails.
    pub fn run(&self, contestant: Contestant) -> anyhow::Result<Used> {
        let five = || {
            let test = |[name, assertion, _]: [&str; 3]| {
                format!("pm.test({name:?}, function () {{ {assertion}; }});\n")
            };
            SNIPPETS.map(test).concat()
        };
        match contestant {
            Contestant::Wrk => self.wrk(false),
            Contestant::WrkHook => self.wrk(true),
            Contestant::VayuPlain => self.vayu("", ""),
            Contestant::VayuCheck => self.vayu("", ONE_CHECK),
            Contestant::VayuFive => self.vayu("", &five()),
            Contestant::VayuJson => self.vayu("json", ""),
            Contestant::VayuParsed => self.vayu("json", PARSED),
            Contestant::K6Check => self.k6("one.js"),
            Contestant::K6Five => self.k6("five.js"),
        }
        .with_context(|| format!("{} failed", contestant.name()))
    }

    fn vayu(&self, path: &str, script: &str) -> anyhow::Result<Used> {
        let stat = format!("/proc/{}/stat", self.engine.pid());
        let cpu = || cpu_times(Path::new(&stat), 0).map(|times| times.iter().sum::<f64>());
        let before = cpu()?;
        let run = self.engine.run(&json!({
            "request": {
                "method": "GET", "url": format!("{}{path}", self.url), "postRequestScript": script,
            },
            "mode": "constant", "concurrency": CONNECTIONS, "duration": self.seconds,
            "success_sample_rate": 0,
        }));
        let report = run.finish();
        let used = cpu()? - before;
        let checks = report["checks"].as_array().map_or(&[][..], Vec::as_slice);
        let is_right = |check: &Value| check["failed"] == 0 && check["passed"] != 0;
        ensure!(checks.iter().all(is_right), "checks failed: {checks:?}");
        ensure!(script.is_empty() || !checks.is_empty(), "nothing checked");
        let requests = number(&report, "summary/totalRequests");
        Ok(Used {
            rate: number(&report, "summary/avgRps"),
            cpu_us: used * 1e6 / requests,
        })
    }

    fn wrk(&self, has_hook: bool) -> anyhow::Result<Used> {
        let program = self.wrk.as_deref().context("wrk is not installed")?;
        let (told, used) = run_on(self.core, program, |command| {
            let load = format!("-t1 -c{CONNECTIONS} -d{}s", self.seconds);
            command.args(load.split(' '));
            if has_hook {
                command
                    .arg("-s")
                    .arg(self.directory.path().join("hook.lua"));
            }
            command.arg(&self.url);
        })?;
        ensure!(
            told.contains("checked ") == has_hook && (!has_hook || told.contains(" failed 0\n")),
            "the hook failed: {told}"
        );
        let read = parse_wrk_output(&told);
        let (requests, seconds) = read.with_context(|| {
            format!("cannot find the request count in the output of wrk: {told}")
        })?;
        Ok(Used {
            rate: requests / seconds,
            cpu_us: used * 1e6 / requests,
        })
    }

    fn k6(&self, script: &str) -> anyhow::Result<Used> {
        let program = self.k6.as_deref().context("k6 is not installed")?;
        let summary = self.directory.path().join("summary.json");
        let (_, used) = run_on(self.core, program, |command| {
            command
                .env("GOMAXPROCS", "1")
                .args(["run", "-q", "--no-usage-report", "--summary-export"])
                .arg(&summary)
                .arg(self.directory.path().join(script));
        })?;
        let summary: Value = serde_json::from_slice(&std::fs::read(&summary)?)?;
        let metrics = &summary["metrics"];
        ensure!(metrics["checks"]["fails"] == 0, "checks failed: {metrics}");
        Ok(Used {
            rate: number(metrics, "http_reqs/rate"),
            cpu_us: used * 1e6 / number(metrics, "http_reqs/count"),
        })
    }
}

fn k6_script(checks: &[[&str; 3]], url: &str, seconds: u64) -> String {
    let rules: Vec<String> = checks
        .iter()
        .map(|[name, _, rule]| format!("{name:?}: (r) => {rule}"))
        .collect();
    format!(
        "import http from 'k6/http';\nimport {{ check }} from 'k6';\n\
         export const options = {{ vus: {CONNECTIONS}, duration: '{seconds}s' }};\n\
         export default function () {{ check(http.get('{url}'), {{ {} }}); }}\n",
        rules.join(", ")
    )
}
