//! The OpenAPI document, tested with schemathesis: calls generated from it, valid and invalid, one by one and
//! in sequences that follow its links. Every field of the document is read. Also the page that shows it.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use vayu_tests::{Engine, Origin, get_text, print_line, raw};

/// Path where `./dev` installs it.
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
    // It writes notes into its working directory.
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
    // Without followed links and successful calls, it would have tested little.
    let links = told.lines().find(|line| line.contains("API Links:"));
    let links = links.unwrap_or_else(|| panic!("no links were followed\n{told}"));
    print_line(links.trim());
    assert!(engine.get("/health").status == 200, "the engine is gone");
}

#[test]
fn the_page_that_shows_it_is_whole_without_a_network() {
    let engine = Engine::start();
    let page = get_text(&engine.url("/docs/"));
    // Everything that a page may load, by the attributes that refer to it.
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

/// Fields that accept any JSON.
const ANYTHING: &str = "body";

/// Returns the schemas of bodies, the route, the object in its body where they are read, and a valid body.
fn bodies() -> Vec<(&'static str, &'static str, &'static str, Value)> {
    let run = json!({
        "request": {"method": "GET", "url": "http://127.0.0.1:1/"}, "mode": "constant",
        "targetRps": 1, "duration": "1s", "pacing": {}, "connection": {"dns": {}, "tls": {}}
    });
    let single = json!({"method": "GET", "url": "http://127.0.0.1:1/"});
    vec![
        ("RunBody", "/run", "", run.clone()),
        ("RequestConfig", "/run", "request", run.clone()),
        ("Pacing", "/run", "pacing", run.clone()),
        ("Connection", "/run", "connection", run.clone()),
        ("Dns", "/run", "connection.dns", run.clone()),
        ("Tls", "/run", "connection.tls", run),
        ("DesignBody", "/request", "", single),
        (
            "CollectionEdit",
            "/collections",
            "",
            json!({"id": "c", "name": "n"}),
        ),
        (
            "RequestEdit",
            "/requests",
            "",
            json!({"id": "r", "collectionId": "c", "name": "n", "method": "GET", "url": "u"}),
        ),
        (
            "EnvironmentEdit",
            "/environments",
            "",
            json!({"id": "e", "name": "n"}),
        ),
        ("GlobalsEdit", "/globals", "", json!({"variables": {}})),
    ]
}

/// Returns the properties of a schema, including those of the schemas it is composed of.
fn properties(document: &Value, schema: &Value) -> Vec<String> {
    if let Some(reference) = schema["$ref"].as_str() {
        let schema = document.pointer(reference.trim_start_matches('#'));
        return properties(document, schema.expect("it is in the document"));
    }
    let own = schema["properties"].as_object().into_iter().flatten();
    let mut names: Vec<String> = own.map(|(name, _)| name.clone()).collect();
    for part in schema["allOf"].as_array().into_iter().flatten() {
        names.extend(properties(document, part));
    }
    names
}

/// Asserts that the call is refused for this field.
fn assert_refused(engine: &Engine, path: &str, body: &Value, field: &str) {
    let answer = engine.post(path, body);
    assert_eq!(answer.status, 400, "{path} {body}: {answer:?}");
    let message = answer.message();
    // For a list, the message names the entry.
    let named = ["`", "["].map(|end| format!("`{field}{end}"));
    let named = named.iter().any(|name| message.starts_with(name));
    assert!(named, "{field} of {path} is not read: {message}");
}

#[test]
fn every_field_it_describes_is_read() {
    let engine = Engine::start();
    let document = engine.get("/openapi.json").body;
    for (schema, path, within, legal) in bodies() {
        let schema = &document["components"]["schemas"][schema];
        for name in properties(&document, schema) {
            if name == ANYTHING {
                continue;
            }
            let mut body = legal.clone();
            let pointer = within.split('.').filter(|part| !part.is_empty());
            let pointer: String = pointer.map(|part| format!("/{part}")).collect();
            let object = body.pointer_mut(&pointer).expect("it is in the legal body");
            // Saved parameters may be a list; no other field may.
            object[&name] = if name == "params" {
                json!(7)
            } else {
                json!([[7]])
            };
            let field = format!("{within}.{name}");
            assert_refused(&engine, path, &body, field.trim_start_matches('.'));
        }
    }
    assert_eq!(engine.get("/runs").body, json!([]), "nothing was stored");
}

#[test]
fn every_field_of_every_type_of_auth_is_read() {
    let engine = Engine::start();
    let document = engine.get("/openapi.json").body;
    let forms = document["components"]["schemas"]["AuthConfig"]["anyOf"].as_array();
    // Each type occurs twice: flat, and nested as in collections.
    let flat = forms.expect("a list of types").iter().step_by(2);
    let mut count = 0;
    for form in flat {
        let kind = &form["properties"]["type"]["enum"][0];
        for name in properties(&document, form) {
            // The second name of the URL is read if the first one is missing, and the user if the grant
            // requires one.
            let mut auth = json!({"grantType": "password"});
            if name != "tokenUrl" {
                auth["accessTokenUrl"] = json!("http://127.0.0.1:1/");
            }
            for required in form["required"].as_array().into_iter().flatten() {
                auth[required.as_str().expect("a name")] = json!("x");
            }
            auth["username"] = json!("x");
            auth["type"] = kind.clone();
            auth[&name] = json!([[7]]);
            let mut body = json!({"method": "GET", "url": "http://127.0.0.1:1/", "auth": auth});
            let field = format!("auth.{name}");
            assert_refused(&engine, "/request", &body, &field);
            let request = body.take();
            let run = json!({"request": request, "mode": "iterations", "iterations": 1,
                             "concurrency": 1});
            assert_refused(&engine, "/run", &run, &format!("request.{field}"));
            count += 1;
        }
    }
    assert!(count > 20, "only {count} fields");
}
