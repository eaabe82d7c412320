//! Every route called by every kind of client: by the host name it uses for the engine, by its Origin, and by
//! its token.
//!
//! The expected result is computed here a second time, from only these three and the scope that
//! docs/security.md assigns to the route.

use std::process::{Command, Stdio};

use vayu_tests::{Answer, Server, binary, raw};

const TOKENS: &str = "viewer read t-read\nci run t-run\nlab admin t-admin\n";

/// Values of Host, and whether they name the engine itself; `{port}` is its port.
const HOSTS: [(&str, bool); 6] = [
    ("127.0.0.1:{port}", true),
    ("localhost:{port}", true),
    ("LOCALHOST", true),
    ("rebound.example:{port}", false),
    ("127.0.0.1.rebound.example", false),
    ("[::1]:{port}", false),
];

/// Values of Origin, and whether pages from there are allowed.
const ORIGINS: [(Option<&str>, bool); 7] = [
    (None, true),
    (Some("http://localhost:5173"), true),
    (Some("http://[::1]:1"), true),
    (Some("https://lab.example"), true),
    (Some("https://evil.example"), false),
    (Some("http://localhost.evil.example"), false),
    (Some("null"), false),
];

/// Values of Authorization and the scope they grant: 0 read, 1 run, 2 admin.
const TOKENS_SENT: [(Option<&str>, Option<usize>); 6] = [
    (Some("Bearer t-admin"), Some(2)),
    (Some("bearer t-run"), Some(1)),
    (Some("Bearer t-read"), Some(0)),
    (None, None),
    (Some("Basic t-admin"), None),
    (Some("Bearer t-other"), None),
];

/// Routes that require the scope run. GET requires read, all others admin.
const OF_RUNS: [&str; 5] = [
    "POST /run",
    "POST /request",
    "POST /run/never/stop",
    "POST /run/never/pin",
    "DELETE /run/never/pin",
];

/// Returns the routes of the document and the pages. The one that ends the engine comes last.
fn routes(document: &str) -> Vec<String> {
    let token = [("authorization", "Bearer t-read")];
    let document = raw("GET", document, &token, "").body;
    let mut routes: Vec<String> = vec!["GET /docs/".to_owned()];
    for (path, item) in document["paths"].as_object().expect("paths") {
        for method in item.as_object().expect("operations").keys() {
            let path = path.replace("{id}", "never");
            routes.push(format!("{} {path}", method.to_uppercase()));
        }
    }
    assert!(routes.len() > 35, "{routes:?}");
    // It requires its token itself.
    routes.retain(|route| route != "POST /session");
    routes.sort_by_key(|route| route == "POST /shutdown");
    routes
}

fn needed(route: &str) -> usize {
    match route {
        _ if route.starts_with("GET ") || route == "DELETE /session" => 0,
        _ if OF_RUNS.contains(&route) => 1,
        _ => 2,
    }
}

/// Returns what is wrong with a response.
fn mistake(answer: &Answer, is_known: bool, worth: Option<usize>, needed: usize) -> Option<String> {
    let told = (answer.status, answer.code());
    let right = match worth {
        _ if !is_known => told == (403, "FORBIDDEN"),
        // The number of guesses is limited.
        None if answer.status == 429 => told == (429, "TOO_MANY_ATTEMPTS"),
        None => {
            told == (401, "UNAUTHORIZED")
                && answer.header("www-authenticate") == Some("Bearer realm=\"vayu\"")
        }
        Some(worth) if worth < needed => {
            told == (403, "FORBIDDEN") && answer.message().contains("has the scope")
        }
        Some(_) => ![401, 403, 429].contains(&answer.status),
    };
    (!right).then(|| format!("{told:?} {}", answer.message()))
}

#[test]
fn each_route_is_for_known_hosts_pages_and_scopes_only() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("tokens");
    std::fs::write(&file, TOKENS).expect("writable");
    let path = file.to_str().expect("UTF-8");
    let mut command = Command::new(binary("vayu-engine"));
    command
        .args(["--cpus", "0", "--port", "0", "--token-file", path])
        .args(["--allow-origin", "https://lab.example", "--data-dir"])
        .arg(folder.path())
        // It logs a warning for each refusal.
        .stderr(Stdio::null());
    let engine = Server::start(command);
    let url = |path: &str| format!("http://{}{path}", engine.address);
    let port = engine.address.rsplit(':').next().expect("a port");
    let (mut asked, mut mistakes) = (0, Vec::new());
    for route in routes(&url("/openapi.json")) {
        let (method, path) = route.split_once(' ').expect("two words");
        for (host, is_own) in HOSTS {
            let host = host.replace("{port}", port);
            for (origin, may_ask) in ORIGINS {
                for (token, worth) in TOKENS_SENT {
                    let ends = route == "POST /shutdown" && is_own && may_ask && worth == Some(2);
                    if ends {
                        continue;
                    }
                    let origin_line = origin.map(|origin| ("origin", origin));
                    let token_line = token.map(|token| ("authorization", token));
                    let mut headers = vec![("host", host.as_str())];
                    headers.extend(origin_line.into_iter().chain(token_line));
                    let answer = raw(method, &url(path), &headers, "");
                    let wrong = mistake(&answer, is_own && may_ask, worth, needed(&route));
                    mistakes.extend(wrong.map(|what| {
                        format!("{route}, Host {host}, Origin {origin:?}, {token:?}: {what}")
                    }));
                    asked += 1;
                }
            }
        }
    }
    assert!(
        mistakes.is_empty(),
        "{} of {asked}:\n{}",
        mistakes.len(),
        mistakes.join("\n")
    );
    let admin = [("authorization", "Bearer t-admin")];
    assert_eq!(
        raw("POST", &url("/shutdown"), &admin, "").status,
        200,
        "the one left out"
    );
}
