//! Entry points to the innermost parts of the hot path, for benchmarks and fuzz targets.
//!
//! Not a public interface of the engine: it changes with the code it measures.

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
use crate::exchange::head_cache::HeadCache;
use crate::shard::{Arrival, Recorder, Stamps};

/// Parses a response whose body arrives in pieces cut at `cuts`. Returns the body and whether it is complete,
/// or `None` if the head or the body is malformed. `cuts` are ascending offsets from the start of the body.
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
        // Bytes read before an error are not a body.
        let taken = reader.take(piece, usize::MAX).ok()?;
        payload.extend_from_slice(&piece[..taken.kept]);
        from = to;
    }
    debug_assert_eq!(payload.len() as u64, reader.payload_bytes());
    Some((payload, reader.is_complete()))
}

/// Returns `None` if the bytes cannot become a response head, `Some(None)` if the head is incomplete, and
/// otherwise where it ends.
#[must_use]
pub fn head(bytes: &[u8]) -> Option<Option<usize>> {
    match parse(bytes, false, HeadLimits::default()).ok()? {
        Parsed::Incomplete => Some(None),
        Parsed::Interim(len) => Some(Some(len)),
        Parsed::Final(head) => Some(Some(head.len)),
    }
}

/// Returns where the head of a response ends, parsed without a cache.
#[must_use]
pub fn head_length(bytes: &[u8]) -> Option<usize> {
    length(parse(bytes, false, HeadLimits::default()))
}

/// Parser of consecutive response heads of one connection, with the cache.
#[derive(Default)]
pub struct Heads(HeadCache);

impl Heads {
    /// Returns where the head of the next response ends.
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

/// The recorder of one shard.
pub struct Records(Recorder);

impl Records {
    /// Creates the recorder of a run that samples `sample_percent` of its successful requests.
    #[must_use]
    pub fn new(sample_percent: f64) -> Self {
        let mut plan = plan();
        plan.capture.success_sample_percent = sample_percent;
        Self(Recorder::new(0, &plan, 0))
    }

    /// Records a 200 response. `received` holds its head of `head_len` bytes, followed by the body.
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

    /// Returns what was recorded and leaves `empty` for the next interval.
    pub fn take(&mut self, empty: Box<Delta>) -> Box<Delta> {
        self.0.take(empty)
    }
}

/// Returns a plan with one request and an origin without addresses.
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
