//! Instruction counts of the hot-path kernels. Run `cargo bench --bench instructions`.
//!
//! Instruction counts do not depend on other load on the machine, so they expose regressions that timing
//! noise would hide. The bench runs itself under valgrind's cachegrind with N calls and with 2N calls; the
//! difference is the cost of N calls. It fails if a kernel exceeds the value in `benches/instructions.json`
//! by more than 10 %. `BLESS=1` rewrites that file. Only release builds by the same compiler are comparable,
//! so a smoke test does not compare.

mod common;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, bail, ensure};

use common::{is_smoke, print};

/// Allowed growth of a kernel, as a fraction.
const SLACK: f64 = 0.1;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, flag, name, count] = arguments.as_slice()
        && flag == "--calls"
    {
        return call(name, count.parse()?);
    }
    let known = Path::new(env!("CARGO_MANIFEST_DIR")).join("instructions.json");
    let before: BTreeMap<String, f64> = match std::fs::read_to_string(&known) {
        Ok(text) => serde_json::from_str(&text)?,
        Err(_) => BTreeMap::new(),
    };
    let calls = if is_smoke() { 20 } else { 2_000 };
    print("| kernel | instructions | before |\n|---|---|---|\n");
    let (mut now, mut grown) = (BTreeMap::new(), Vec::new());
    for (name, _) in common::kernels::all() {
        let calls = if name == common::kernels::SLOW {
            calls.min(20)
        } else {
            calls
        };
        let (once, twice) = (counted(name, calls)?, counted(name, 2 * calls)?);
        let each = (twice.saturating_sub(once) as f64 / calls as f64).round();
        let told = before.get(name).map_or("–".to_owned(), f64::to_string);
        print(&format!("| {name} | {each} | {told} |\n"));
        if before
            .get(name)
            .is_some_and(|before| each > before * (1.0 + SLACK))
        {
            grown.push(name);
        }
        now.insert(name, each);
    }
    if is_smoke() {
        ensure!(now.values().all(|each| *each > 0.0), "a kernel did nothing");
        return Ok(());
    }
    if std::env::var("BLESS").is_ok() {
        let text = serde_json::to_string_pretty(&now)? + "\n";
        return std::fs::write(&known, text).context("cannot write the file");
    }
    ensure!(
        grown.is_empty(),
        "instruction counts increased: {}. If this is intended, rerun with BLESS=1",
        grown.join(", ")
    );
    Ok(())
}

fn call(name: &str, count: u64) -> anyhow::Result<()> {
    let found = common::kernels::all()
        .into_iter()
        .find(|(known, _)| *known == name);
    let (_, make) = found.with_context(|| format!("there is no kernel \"{name}\""))?;
    let mut kernel = make();
    (0..count).for_each(|_| kernel());
    Ok(())
}

/// Returns the instruction count of a process that calls a kernel `calls` times.
fn counted(name: &str, calls: u64) -> anyhow::Result<u64> {
    let output = Command::new("valgrind")
        .args([
            "--tool=cachegrind",
            "--cache-sim=no",
            "--cachegrind-out-file=/dev/null",
        ])
        .arg(std::env::current_exe()?)
        .args(["--calls", name, &calls.to_string()])
        .output()
        .context("valgrind does not start (apt-get install valgrind)")?;
    let told = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        bail!("valgrind failed:\n{told}");
    }
    // ==123== I   refs:      1,234,567
    let line = told.lines().find(|line| line.contains("refs:"));
    let number = line.and_then(|line| line.split("refs:").nth(1));
    let number = number.with_context(|| format!("valgrind counted nothing:\n{told}"))?;
    Ok(number.trim().replace(',', "").parse()?)
}
