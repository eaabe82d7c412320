//! Tests an origin over real sockets with a client that is a bare `TcpStream`, so that no HTTP library hides
//! what was sent.

mod client;
mod connections;
mod faults;
mod lifecycle;
mod routes;
mod stats;

use vayu_origin::{Origin, OriginConfig};

/// Starts an origin on a free port, with one executor pinned to each of `cpus`.
fn origin_on(cpus: Vec<usize>) -> Origin {
    let config = OriginConfig {
        port: 0,
        cpus,
        ..OriginConfig::default()
    };
    Origin::start(config).expect("the origin starts")
}

/// Starts an origin on a free port with one executor.
fn origin() -> Origin {
    origin_on(Vec::new())
}
