//! What the unit tests of this crate share.

use vayu_shared::plan::{Plan, PreparedRequest};
use vayu_shared::spec::{Bounds, Capture, Load};
use vayu_shared::units::MILLISECOND;

/// A plan of one request to nowhere; tests change what they are about.
pub fn plan() -> Plan {
    Plan {
        addresses: Vec::new(),
        resolve_failure: None,
        resolve_time: None,
        request: PreparedRequest {
            bytes: b"GET / HTTP/1.1\r\nHost: x\r\n\r\n".as_slice().into(),
            is_head: false,
            is_idempotent: true,
        },
        load: Load::Iterations {
            iterations: 1,
            vus: 1,
        },
        capture: Capture::default(),
        bounds: Bounds::default(),
        keep_alive: true,
        max_requests_per_connection: None,
        local_addresses: Vec::new(),
        resolves_per_connection: false,
        stats_interval: 100 * MILLISECOND,
    }
}
