//! All limits on what the engine accepts and stores, in one place.
//!
//! A limit is enforced before memory is allocated for the data it limits. The API documentation repeats these
//! numbers for users.

use std::time::Duration;

use crate::units::{MILLISECOND, Nanos, SECOND};

/// Default number of response body bytes visible to scripts of a load run. The run or the configuration may
/// override it.
pub const SCRIPT_BODY_BYTES: u64 = 1024 * 1024;
/// Range of the setting. Each connection of a run may buffer this many bytes.
pub const SCRIPT_BODY_BYTES_RANGE: std::ops::RangeInclusive<u64> = 0..=64 * 1024 * 1024;

/// Maximum script size, in bytes.
pub const SCRIPT_BYTES: usize = 1024 * 1024;

/// Maximum request body size of the control API, in bytes.
pub const API_BODY_BYTES: usize = 16 * 1024 * 1024;
/// Maximum number of JSON values in a request body of the control API. Small values take a hundred times the
/// memory of their text.
pub const API_BODY_VALUES: usize = 1_000_000;
/// Maximum total size of request bodies that the control API receives concurrently, in bytes.
pub const API_BODIES_BYTES: usize = 256 * 1024 * 1024;
/// Maximum time without data from a client in the middle of a body.
pub const API_BODY_IDLE_TIMEOUT: Duration = Duration::from_secs(30);
/// Maximum time to receive a body.
pub const API_BODY_TIME: Duration = Duration::from_secs(600);
/// Maximum length of a request method, in bytes.
pub const METHOD_BYTES: usize = 32;
/// Maximum size of a request body that is sent, and of a file in it, in bytes.
pub const REQUEST_BODY_BYTES: u64 = 64 * 1024 * 1024;
/// Maximum length of a target URL, in bytes.
pub const URL_BYTES: usize = 8 * 1024;
/// Default maximum size of a response head, in bytes. The run may override it.
pub const RESPONSE_HEAD_BYTES: usize = 256 * 1024;
/// Range of `connection.maxHeaderBytes`. The minimum is the capacity of a read buffer.
pub const RESPONSE_HEAD_BYTES_RANGE: std::ops::RangeInclusive<u64> = 2 * 1024..=16 * 1024 * 1024;
/// Default maximum number of header lines in a response head. The run may override it.
pub const RESPONSE_HEADER_LINES: usize = 5_000;
/// Range of `connection.maxHeaderLines`.
pub const RESPONSE_HEADER_LINES_RANGE: std::ops::RangeInclusive<u64> = 1..=100_000;
/// Maximum number of header lines in a request.
pub const REQUEST_HEADERS: usize = 128;
/// Maximum duration of a run.
pub const RUN_DURATION: Nanos = 7 * 24 * 3600 * SECOND;
/// Minimum duration of a run.
pub const RUN_DURATION_MIN: Nanos = MILLISECOND;
/// Maximum arrival rate of one run, per second.
pub const TARGET_RPS: f64 = 10_000_000.0;
/// Minimum arrival rate of one run, per second: one arrival per thousand seconds.
pub const TARGET_RPS_MIN: f64 = 0.001;
/// Range of the pacing quantum: all arrivals of a quantum are due together.
pub const QUANTUM: std::ops::RangeInclusive<Nanos> = MILLISECOND / 100..=SECOND;
/// Maximum seed of Poisson arrivals. Every integer up to it is exact in JSON.
pub const SEED: u64 = (1 << 53) - 1;
/// Maximum number of virtual users of one run.
pub const CONCURRENCY: u64 = 100_000;
/// Maximum number of iterations of one run.
pub const ITERATIONS: u64 = 1_000_000_000_000;
/// Maximum request timeout.
pub const TIMEOUT: Nanos = 3600 * SECOND;
/// Maximum body bytes stored per sampled response.
pub const SAMPLE_BODY_BYTES: usize = 4 * 1024;
/// Maximum head bytes stored per sampled response.
pub const SAMPLE_HEAD_BYTES: usize = 4 * 1024;
/// Maximum samples of successes per shard and interval. Further samples are dropped and counted.
pub const SAMPLES_PER_INTERVAL: usize = 4_096;
/// Maximum samples of errors and slow requests per shard and interval.
pub const PRIORITY_SAMPLES_PER_INTERVAL: usize = 4_096;
/// Maximum total bytes of stored heads and bodies per shard and interval.
pub const SAMPLE_BYTES_PER_INTERVAL: usize = 8 * 1024 * 1024;
/// Number of attempts to query name servers before a DNS lookup of one name fails.
pub const DNS_ATTEMPTS: usize = 2;
/// Timeout of one of these attempts.
pub const DNS_TIMEOUT: Nanos = 2 * SECOND;
/// Timeout of a whole DNS lookup, including all names added by search domains.
pub const DNS_LOOKUP: Nanos = 10 * SECOND;
/// Minimum DNS TTL. Shorter TTLs, including zero, are raised to it.
pub const DNS_TTL_MIN: Nanos = SECOND;
/// Maximum DNS TTL, and the TTL of addresses without one.
pub const DNS_TTL_MAX: Nanos = 3600 * SECOND;
/// Delay between a failed DNS lookup and the next one.
pub const DNS_RETRY: Nanos = SECOND;
/// Maximum failures per class that a report describes individually.
pub const ERROR_EXAMPLES_PER_CLASS: usize = 5;
/// Maximum number of local addresses of one run.
pub const LOCAL_ADDRESSES: usize = 1_024;
/// Maximum number of `resolve` entries of one run, and of addresses per entry.
pub const RESOLVE_ENTRIES: usize = 1_024;
/// Maximum size of a PEM field, in bytes.
pub const PEM_BYTES: usize = 1024 * 1024;
/// Number of intervals of equal length in a run's histogram log before the length doubles.
pub const LOG_INTERVALS: u64 = 3_600;
/// Maximum ID length of a saved object, in characters.
pub const ID_CHARS: usize = 128;
/// Maximum name length of a saved object, in characters.
pub const NAME_CHARS: usize = 512;
/// Maximum absolute value of a collection's position in its list. Integers up to it are exact in JSON.
pub const ORDER: i64 = (1 << 53) - 1;
/// Maximum number of protocols offered in a TLS handshake (ALPN).
pub const ALPN_PROTOCOLS: usize = 16;
/// Maximum number of DNS servers of one run.
pub const DNS_SERVERS: usize = 16;
