//! Sampled requests, stored in batches without an allocation per sample.
//!
//! A batch owns one byte buffer; the heads and bodies of its samples are ranges of it. A full batch rejects
//! samples, and the caller counts them.

use std::fmt;
use std::net::SocketAddr;
use std::ops::Range;

use crate::limits;
use crate::outcome::{ErrorClass, Status};
use crate::phases::PhaseTimings;
use crate::units::Nanos;

/// Details of a failure, formatted only when they are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrorDetail {
    /// An error number of the operating system.
    Os(i32),
    /// An error number of the operating system, for one of the target's addresses.
    OsAt(i32, SocketAddr),
    /// A message of the engine.
    Text(&'static str),
    /// A message of the engine, for one of the target's addresses.
    TextAt(&'static str, SocketAddr),
    /// A message of a library. Used only for failures that cost far more than an allocation, such as TLS
    /// handshakes.
    Library(Box<str>),
}

impl fmt::Display for ErrorDetail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Os(code) => os_error(*code).fmt(f),
            Self::OsAt(code, address) => write!(f, "{address}: {}", os_error(*code)),
            Self::Text(text) => f.write_str(text),
            Self::TextAt(text, address) => write!(f, "{address}: {text}"),
            Self::Library(text) => f.write_str(text),
        }
    }
}

fn os_error(code: i32) -> std::io::Error {
    std::io::Error::from_raw_os_error(code)
}

/// The outcome of a sampled exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SampleOutcome {
    /// A response was received.
    Answered(Status),
    /// The exchange failed.
    Failed {
        /// The error class.
        class: ErrorClass,
        /// The error reported by the system or the engine.
        detail: ErrorDetail,
    },
}

/// One sampled exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Time of completion, since the run's epoch.
    pub at: Nanos,
    /// The latency reported for it.
    pub latency: Nanos,
    /// The outcome.
    pub outcome: SampleOutcome,
    /// Its phases, if the run records them.
    pub timing: Option<PhaseTimings>,
    /// Size of the response body on the wire in bytes, stored or not.
    pub body_bytes: u64,
    head: Range<usize>,
    body: Range<usize>,
}

impl Sample {
    /// Creates a sample without response bytes.
    #[must_use]
    pub fn new(at: Nanos, latency: Nanos, outcome: SampleOutcome) -> Self {
        Self {
            at,
            latency,
            outcome,
            timing: None,
            body_bytes: 0,
            head: 0..0,
            body: 0..0,
        }
    }
}

/// The samples of one shard and interval.
#[derive(Clone, Debug, Default)]
pub struct SampleBatch {
    samples: Vec<Sample>,
    bytes: Vec<u8>,
    ordinary: usize,
    priority: usize,
}

impl SampleBatch {
    /// Returns whether there is space for another sample. Errors and slow requests (`priority`) have a
    /// separate limit, so that successes never displace them.
    #[must_use]
    pub fn has_room(&self, priority: bool) -> bool {
        if priority {
            self.priority < limits::PRIORITY_SAMPLES_PER_INTERVAL
        } else {
            self.ordinary < limits::SAMPLES_PER_INTERVAL
        }
    }

    /// Stores a sample with as much of the response's head and body as the limits allow.
    pub fn push(&mut self, mut sample: Sample, head: &[u8], body: &[u8], priority: bool) {
        sample.head = self.keep(head, limits::SAMPLE_HEAD_BYTES);
        sample.body = self.keep(body, limits::SAMPLE_BODY_BYTES);
        self.samples.push(sample);
        if priority {
            self.priority += 1;
        } else {
            self.ordinary += 1;
        }
    }

    fn keep(&mut self, bytes: &[u8], most: usize) -> Range<usize> {
        let start = self.bytes.len();
        let room = limits::SAMPLE_BYTES_PER_INTERVAL.saturating_sub(start);
        self.bytes
            .extend_from_slice(&bytes[..bytes.len().min(most).min(room)]);
        start..self.bytes.len()
    }

    /// Returns the number of samples.
    #[must_use]
    pub fn len(&self) -> usize {
        self.samples.len()
    }

    /// Returns whether the batch is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.samples.is_empty()
    }

    /// Returns the samples with the stored bytes of head and body.
    pub fn iter(&self) -> impl Iterator<Item = (&Sample, &[u8], &[u8])> {
        self.samples.iter().map(|sample| {
            (
                sample,
                &self.bytes[sample.head.clone()],
                &self.bytes[sample.body.clone()],
            )
        })
    }

    /// Appends the samples of `other`. The limits are per shard and are not applied again.
    pub fn append(&mut self, other: &Self) {
        let shift = self.bytes.len();
        self.bytes.extend_from_slice(&other.bytes);
        self.samples
            .extend(other.samples.iter().cloned().map(|mut sample| {
                sample.head = sample.head.start + shift..sample.head.end + shift;
                sample.body = sample.body.start + shift..sample.body.end + shift;
                sample
            }));
    }

    /// Removes all samples and keeps the allocation.
    pub fn clear(&mut self) {
        self.samples.clear();
        self.bytes.clear();
        (self.ordinary, self.priority) = (0, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(at: Nanos) -> Sample {
        let ok = Status::new(200).expect("legal");
        Sample::new(at, 5, SampleOutcome::Answered(ok))
    }

    #[test]
    fn bytes_stay_with_their_sample() {
        let (mut first, mut second) = (SampleBatch::default(), SampleBatch::default());
        first.push(sample(1), b"head-1", b"body-1", false);
        second.push(
            sample(2),
            b"head-2",
            &[b'x'; 2 * limits::SAMPLE_BODY_BYTES],
            false,
        );
        second.push(sample(3), b"", b"", true);
        first.append(&second);
        let got: Vec<_> = first
            .iter()
            .map(|(s, head, body)| (s.at, head.len(), body.len()))
            .collect();
        assert_eq!(
            got,
            [(1, 6, 6), (2, 6, limits::SAMPLE_BODY_BYTES), (3, 0, 0)]
        );
        assert_eq!(
            first.iter().next().map(|(_, head, _)| head),
            Some(b"head-1".as_slice())
        );
    }

    #[test]
    fn successes_leave_room_for_errors() {
        let mut batch = SampleBatch::default();
        for _ in 0..limits::SAMPLES_PER_INTERVAL {
            assert!(batch.has_room(false));
            batch.push(sample(0), b"", b"", false);
        }
        assert!(!batch.has_room(false));
        assert!(batch.has_room(true));
    }
}
