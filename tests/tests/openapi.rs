//! The OpenAPI document, put to the test by schemathesis: calls made up from it,
//! legal and not, one by one and in sequences that follow its links. And the page
//! that shows it.

use std::path::{Path, PathBuf};
use std::process::Command;

use vayu_tests::{Engine, Origin, get_text, raw, tell};

/// Where `./dev` installs it.
const SCHEMATHESIS: &str = "target/tools/schemathesis/bin/st";

fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("the workspace").to_owned()
}

#[test]
fn no_call_made_up_from_the_document_is_answered_otherwise_than_it_says() {
    let (engine, origin) = (Engine::start(), Origin::start());
    let program = root().join(SCHEMATHESIS);
    assert!(
        program.exists(),
        "{} is missing: run ./dev tools",
        program.display()
    );
    let settings = root().join("tests/schemathesis");
    // It leaves notes where it runs.
    let notes = tempfile::tempdir().expect("a temporary directory");
    let output = Command::new(program)
        .current_dir(notes.path())
        .env("SCHEMATHESIS_HOOKS", "hooks")
        .env("PYTHONPATH", &settings)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("VAYU_TARGET", origin.url("/"))
        .arg("--no-color")
        .arg("--config-file")
        .arg(settings.join("schemathesis.toml"))
        .args(["run", &engine.url("/openapi.json")])
        .args([
            "--max-examples",
            "50",
            "--request-timeout",
            "20",
            "--seed",
            "1",
        ])
        .output()
        .expect("schemathesis starts");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}");
    // Without links followed and calls that succeed, it would have shown little.
    let links = told.lines().find(|line| line.contains("API Links:"));
    let links = links.unwrap_or_else(|| panic!("no links were followed\n{told}"));
    tell(links.trim());
    assert!(engine.get("/health").status == 200, "the engine is gone");
}

#[test]
fn the_page_that_shows_it_is_whole_without_a_network() {
    let engine = Engine::start();
    let page = get_text(&engine.url("/docs/"));
    // Everything a page may load, by the attributes that say so.
    let links = ["src=\"", "href=\""];
    let files: Vec<&str> = links
        .iter()
        .flat_map(|link| page.split(link).skip(1))
        .filter_map(|rest| rest.split('"').next())
        .collect();
    assert!(files.len() >= 4, "{page}");
    for file in files {
        assert!(!file.contains("//"), "{file} comes from elsewhere");
        let path = format!("/docs/{}", file.trim_start_matches("./"));
        let answer = raw("GET", &engine.url(&path), &[], "");
        assert_eq!(answer.status, 200, "{path}");
    }
    let settings = get_text(&engine.url("/docs/swagger-initializer.js"));
    assert!(settings.contains("\"/openapi.json\""), "{settings}");
    assert!(!settings.contains("http"), "{settings}");
    let missing = raw("GET", &engine.url("/docs/nothing.js"), &[], "");
    assert_eq!((missing.status, missing.code()), (404, "NOT_FOUND"));
}
