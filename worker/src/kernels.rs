//! The hot path's smallest pieces, one by one, for benches and fuzz targets.
//!
//! Not an interface of the engine: what is here changes with what it measures.

use vayu_shared::connection::HeadLimits;
use vayu_shared::outcome::Status;
use vayu_shared::plan::{Origin, Plan, Step};
use vayu_shared::request::http1::PreparedRequest;
use vayu_shared::sample::ErrorDetail;
use vayu_shared::snapshot::Delta;
use vayu_shared::spec::{Bounds, Capture, Load};
use vayu_shared::units::{MILLISECOND, Nanos};

use crate::exchange::Response;
use crate::exchange::body::BodyReader;
use crate::exchange::head::{Parsed, parse};
use crate::exchange::head_memory::HeadMemory;
use crate::shard::{Arrival, Recorder, Stamps};

/// The body of a response that comes in pieces cut at `cuts`, and whether it is whole then;
/// `None` when it is none. Cuts ascend, counted from the start of the body.
#[must_use]
pub fn body(bytes: &[u8], cuts: &[usize]) -> Option<(Vec<u8>, bool)> {
    let Ok(Parsed::Final(head)) = parse(bytes, false, HeadLimits::default()) else {
        return None;
    };
    let mut reader = BodyReader::new(head.framing);
    let mut rest = bytes[head.len..].to_vec();
    let mut payload = Vec::new();
    let mut from = 0;
    for &to in cuts.iter().chain(&[rest.len()]) {
        let to = to.clamp(from, rest.len());
        let piece = &mut rest[from..to];
        // What was read before an error is not a body.
        let taken = reader.take(piece, usize::MAX).ok()?;
        payload.extend_from_slice(&piece[..taken.kept]);
        from = to;
    }
    debug_assert_eq!(payload.len() as u64, reader.payload_bytes());
    Some((payload, reader.is_complete()))
}

/// Whether bytes may yet become the head of a response, and where it ends.
#[must_use]
pub fn head(bytes: &[u8]) -> Option<Option<usize>> {
    match parse(bytes, false, HeadLimits::default()).ok()? {
        Parsed::Incomplete => Some(None),
        Parsed::Interim(len) => Some(Some(len)),
        Parsed::Final(head) => Some(Some(head.len)),
    }
}

/// Where the head of a response ends, read from nothing.
#[must_use]
pub fn head_length(bytes: &[u8]) -> Option<usize> {
    length(parse(bytes, false, HeadLimits::default()))
}

/// Heads of one connection after the other.
#[derive(Default)]
pub struct Heads(HeadMemory);

impl Heads {
    /// Where the head of the next response ends.
    #[must_use]
    pub fn length(&self, bytes: &[u8]) -> Option<usize> {
        length(self.0.parse(bytes, false, HeadLimits::default()))
    }
}

fn length(parsed: Result<Parsed, ErrorDetail>) -> Option<usize> {
    match parsed {
        Ok(Parsed::Final(head)) => Some(head.len),
        _ => None,
    }
}

/// What one shard writes down of its answers.
pub struct Records(Recorder);

impl Records {
    /// Of a run whose successes are kept to a share of `sample_percent`.
    #[must_use]
    pub fn new(sample_percent: f64) -> Self {
        let mut plan = plan();
        plan.capture.success_sample_percent = sample_percent;
        Self(Recorder::new(0, &plan, 0))
    }

    /// Records an answer of 200 with `head` and `body_bytes` of body behind it in
    /// `received`.
    pub fn answered(&mut self, sent: Nanos, ended: Nanos, head_len: usize, received: &[u8]) {
        let stamps = Stamps {
            sent,
            first_byte: ended,
            ended,
            ..Stamps::default()
        };
        let response = Response {
            status: Status::new(200).expect("three digits"),
            head_len,
            body_bytes: (received.len() - head_len) as u64,
            ended,
            excess: 0,
            keep_alive: true,
        };
        self.0
            .answered(0, Arrival::at(sent), &stamps, &response, received);
    }

    /// What was written down, leaving `empty` for the next interval.
    pub fn take(&mut self, empty: Box<Delta>) -> Box<Delta> {
        self.0.take(empty)
    }
}

/// A plan of one request to nowhere.
pub fn plan() -> Plan {
    Plan {
        origins: vec![Origin {
            host: "x".to_owned(),
            ..Origin::default()
        }],
        steps: vec![Step {
            origin: 0,
            request: PreparedRequest {
                bytes: b"GET / HTTP/1.1\r\nHost: x\r\n\r\n".as_slice().into(),
                is_head: false,
                is_idempotent: true,
                closes: false,
            },
            encoder: None,
            signing: None,
        }],
        load: Load::Iterations {
            iterations: 1,
            vus: 1,
            duration: None,
        },
        capture: Capture::default(),
        bounds: Bounds::default(),
        keep_alive: true,
        retry_stale: true,
        response_head: HeadLimits::default(),
        max_requests_per_connection: None,
        local_addresses: Vec::new(),
        resolves_per_connection: false,
        seed: 1,
        unix_offset: 0,
        stats_interval: 100 * MILLISECOND,
    }
}
