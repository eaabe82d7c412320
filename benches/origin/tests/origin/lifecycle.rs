//! Starting and stopping the origin, and its process.

use std::io::{BufRead, BufReader, ErrorKind};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use vayu_origin::{Origin, OriginConfig};

use crate::client::Client;
use crate::origin_on;

const BINARY: &str = env!("CARGO_BIN_EXE_vayu-origin");

#[test]
fn stopping_ends_whatever_connections_are_doing() {
    let origin = origin_on(vec![0, 1]);
    let targets = [
        "/delay/60000000",
        "/never",
        "/slow-body?ms=60000",
        "/size/1073741824",
    ];
    let mut clients: Vec<Client> = (0..20).map(|_| Client::connect(&origin)).collect();
    for (client, target) in clients.iter_mut().zip(targets.iter().cycle()) {
        client.get("/");
        client.send(format!("GET {target} HTTP/1.1\r\nHost: o\r\n\r\n"));
    }
    Client::connect(&origin).get("/stall?ms=60000");
    let (address, start) = (origin.addr(), Instant::now());
    origin.stop();
    assert!(
        start.elapsed() < Duration::from_secs(1),
        "took {:?}",
        start.elapsed()
    );
    let refused = TcpStream::connect(address).expect_err("nobody listens");
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
    for client in &mut clients {
        let end = client.rest().1;
        assert!(!matches!(end, Err(error) if error.kind() == ErrorKind::WouldBlock));
    }
}

#[test]
fn a_port_is_free_again_after_a_stop() {
    let first = origin_on(Vec::new());
    let config = OriginConfig {
        port: first.addr().port(),
        ..OriginConfig::default()
    };
    let taken = Origin::start(config.clone()).expect_err("the port is taken");
    assert_eq!(taken.kind(), ErrorKind::AddrInUse);
    Client::connect(&first).get("/");
    drop(first);
    let second = Origin::start(config).expect("the port is free");
    assert_eq!(Client::connect(&second).get("/").status, 200);
}

#[test]
fn a_missing_processor_is_an_error() {
    let config = OriginConfig {
        port: 0,
        cpus: vec![0, 1000],
        ..OriginConfig::default()
    };
    let error = Origin::start(config).expect_err("there is no such processor");
    assert!(error.to_string().contains("1000"), "{error}");
}

#[test]
fn the_process_says_where_it_listens_and_stops_on_signals() {
    for signal in [libc::SIGTERM, libc::SIGINT] {
        let mut child = start_process(&["--port", "0", "--body-size", "7"]);
        let stdout = child.stdout.take().expect("a pipe");
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).expect("a line");
        let url = line
            .trim_end()
            .strip_prefix("vayu-origin listening on ")
            .expect("the line");
        let address = url.strip_prefix("http://").expect("a URL");
        assert!(TcpStream::connect(address).is_ok());
        // SAFETY: the child has not been waited for, so its PID has not been reused.
        assert_eq!(unsafe { libc::kill(child.id() as i32, signal) }, 0);
        assert_eq!(child.wait().expect("it ends").code(), Some(0));
    }
}

#[test]
fn wrong_arguments_are_explained() {
    for arguments in [
        ["--port", "70000"],
        ["--cpus", "1-0"],
        ["--bind", "nowhere"],
    ] {
        let output = start_process(&arguments)
            .wait_with_output()
            .expect("it ends");
        assert_eq!(output.status.code(), Some(2));
        let message = String::from_utf8_lossy(&output.stderr);
        assert!(
            message.contains(arguments[0]) && output.stdout.is_empty(),
            "{message}"
        );
    }
}

#[test]
fn the_help_lists_the_routes() {
    let output = start_process(&["--help"])
        .wait_with_output()
        .expect("it ends");
    let help = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success());
    for part in [
        "--cpus",
        "Exit codes",
        "/stall?ms={ms}",
        "POST /stats/reset",
    ] {
        assert!(help.contains(part), "{part} is missing in:\n{help}");
    }
}

fn start_process(arguments: &[&str]) -> Child {
    Command::new(BINARY)
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs")
}
