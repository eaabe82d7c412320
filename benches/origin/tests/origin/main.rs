//! Drives an origin over real sockets with a client that is nothing but a
//! `TcpStream`, so that no HTTP library hides what was sent.

mod client;
mod connections;
mod faults;
mod lifecycle;
mod routes;
mod stats;

use vayu_origin::{Origin, OriginConfig};

/// An origin on a port of its own, with that many executors (0 and up).
fn origin_on(cpus: Vec<usize>) -> Origin {
    let config = OriginConfig {
        port: 0,
        cpus,
        ..OriginConfig::default()
    };
    Origin::start(config).expect("the origin starts")
}

/// An origin on a port of its own with one executor.
fn origin() -> Origin {
    origin_on(Vec::new())
}
