//! Rules of the source tree: import directions, file lengths, and words that do not belong in it.

use std::fs;
use std::path::{Path, PathBuf};

/// Maximum lines of a Rust file.
const MAX_LINES: usize = 450;
/// Maximum lines of a function. Tests are exempt, because their tables are long.
const MAX_FUNCTION_LINES: usize = 70;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the workspace")
        .to_owned()
}

fn files(directory: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory)
        .expect("a readable directory")
        .flatten()
    {
        let path = entry.path();
        let name = entry.file_name();
        if path.is_dir() && name != "target" && name != ".git" {
            files(&path, extension, found);
        } else if path.extension().is_some_and(|known| known == extension) {
            found.push(path);
        }
    }
}

fn sources(under: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    files(&root().join(under), "rs", &mut found);
    let read = |path: PathBuf| {
        let name = path
            .strip_prefix(root())
            .expect("below the root")
            .display()
            .to_string();
        (name, fs::read_to_string(path).expect("text"))
    };
    found.into_iter().map(read).collect()
}

/// Asserts that no file under `under`, except those under `except`, contains any of `words`.
fn assert_absent(under: &str, except: &[&str], words: &[&str], why: &str) {
    for (name, text) in sources(under) {
        if except.iter().any(|path| name.starts_with(path)) {
            continue;
        }
        for word in words {
            let line = text.lines().position(|line| line.contains(word));
            assert!(
                line.is_none(),
                "{name}:{}: {word:?}: {why}",
                line.unwrap_or(0) + 1
            );
        }
    }
}

#[test]
fn imports_go_one_way() {
    let upward = "imports go shared <- worker <- control, never up";
    assert_absent(
        "shared/src",
        &[],
        &["vayu_worker", "vayu_control", "std::thread", "Instant::now"],
        upward,
    );
    assert_absent(
        "worker/src",
        &[],
        &["vayu_control", "tokio", "actix", "diesel"],
        upward,
    );
    let within = "within the worker: engine, shard, exchange, net, runtime; never up";
    assert_absent(
        "worker/src/exchange",
        &[],
        &["crate::shard", "crate::engine"],
        within,
    );
    assert_absent(
        "worker/src/net",
        &[],
        &["crate::shard", "crate::engine", "crate::exchange"],
        within,
    );
    assert_absent(
        "worker/src/runtime",
        &[],
        &[
            "crate::shard",
            "crate::engine",
            "crate::exchange",
            "crate::net",
        ],
        within,
    );
    let within = "within control: api, design, run, store, contract; never up";
    assert_absent(
        "control/src/contract",
        &[],
        &[
            "crate::api",
            "crate::design",
            "crate::run",
            "crate::store",
            "actix",
        ],
        within,
    );
    assert_absent(
        "control/src/design",
        &[],
        &["crate::api", "crate::cli", "crate::server", "actix"],
        within,
    );
    assert_absent(
        "control/src/run",
        &[],
        &["crate::api", "crate::design", "crate::cli", "crate::server"],
        within,
    );
    assert_absent(
        "control/src/store",
        &[],
        &["crate::api", "crate::run", "crate::cli"],
        within,
    );
    assert_absent(
        "control/src/report",
        &[],
        &["crate::api", "crate::run", "crate::store"],
        within,
    );
}

#[test]
fn packages_are_named_where_they_belong() {
    assert_absent(
        "worker/src",
        &["worker/src/runtime/ring.rs"],
        &["monoio::"],
        "only runtime/ring.rs names monoio",
    );
    assert_absent(
        "control/src",
        &["control/src/store"],
        &["diesel"],
        "only the store names diesel",
    );
    assert_absent(
        "control/src",
        &["control/src/run/resolver"],
        &["hickory"],
        "only the resolver names hickory",
    );
    let machine = "facts of the machine know nothing of runs";
    assert_absent(
        "control/src/machine",
        &[],
        &["crate::api", "crate::run", "crate::store", "crate::cli"],
        machine,
    );
    let statuses = "only api/error.rs knows error statuses";
    assert_absent(
        "control/src/api",
        &["control/src/api/error.rs"],
        &["StatusCode"],
        statuses,
    );
    for clock in ["SystemTime", "tracing::", "Mutex"] {
        assert_absent(
            "worker/src",
            // The waker of a simulated task must be `Sync`.
            &["worker/src/runtime/simulation.rs"],
            &[clock],
            "no wall clock, log or lock in the worker",
        );
    }
}

#[test]
fn files_stay_small_and_have_a_head() {
    for part in ["shared", "worker", "control", "benches", "tests"] {
        for (name, text) in sources(part) {
            let lines = text.lines().count();
            assert!(lines <= MAX_LINES, "{name} has {lines} lines; split it");
            assert!(
                text.starts_with("//!") || text.starts_with("#!["),
                "{name} has no module head"
            );
        }
    }
}

/// Returns the functions of a file and their lengths: from the line with `fn` to the closing brace with the
/// same indentation.
fn functions(text: &str) -> Vec<(&str, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (first, line) in lines.iter().enumerate() {
        let code = line.trim_start();
        let words = code.split("fn ").next().unwrap_or_default();
        let is_function = code.contains("fn ")
            && words.split_whitespace().all(|word| {
                word.starts_with("pub") || matches!(word, "const" | "async" | "unsafe")
            });
        if !is_function || code.ends_with(';') {
            continue;
        }
        let end = format!("{}}}", &line[..line.len() - code.len()]);
        let last = lines[first..].iter().position(|line| *line == end);
        found.push((code, last.unwrap_or(0) + 1));
    }
    found
}

#[test]
fn functions_fit_the_eye() {
    for part in ["shared", "worker", "control", "benches"] {
        for (name, text) in sources(part) {
            let code = text.split("\nmod tests {").next().unwrap_or_default();
            if name.contains("tests") {
                continue;
            }
            for (function, lines) in functions(code) {
                assert!(
                    lines <= MAX_FUNCTION_LINES,
                    "{name}: {function} has {lines} lines; split it"
                );
            }
        }
    }
    let sample = "fn a() {\n}\n    pub(crate) async fn b(\n    ) {\n        {\n        }\n    }\nlet fn_c = 1;\n";
    let lengths: Vec<usize> = functions(sample).iter().map(|found| found.1).collect();
    assert_eq!(lengths, [2, 5]);
}

#[test]
fn nothing_is_left_for_later() {
    let words = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("X", "XX"),
        concat!("dbg", "!("),
        concat!("#[", "ignore"),
    ];
    for part in ["shared", "worker", "control", "benches", "tests"] {
        assert_absent(part, &[], &words, "finish it, or leave it out");
    }
}
