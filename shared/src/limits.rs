//! Every bound the engine puts on what it accepts and keeps, in one place.
//!
//! A limit is enforced before memory is spent on what it bounds. The API
//! documentation repeats these numbers for users.

use std::time::Duration;

use crate::units::{MILLISECOND, Nanos, SECOND};

/// Bytes of a response's body that scripts of a load run see, unless the run or the
/// configuration says otherwise.
pub const SCRIPT_BODY_BYTES: u64 = 1024 * 1024;
/// What can be asked for. Each connection of a run may hold as much.
pub const SCRIPT_BODY_BYTES_RANGE: std::ops::RangeInclusive<u64> = 0..=64 * 1024 * 1024;

/// Longest script, in bytes.
pub const SCRIPT_BYTES: usize = 1024 * 1024;

/// Largest request body of the control API, in bytes.
pub const API_BODY_BYTES: usize = 16 * 1024 * 1024;
/// Most values in the JSON of a request body of the control API: small ones take a hundred times their text.
pub const API_BODY_VALUES: usize = 1_000_000;
/// Most bytes of request bodies that the control API receives at a time, all together.
pub const API_BODIES_BYTES: usize = 256 * 1024 * 1024;
/// Longest a client may send nothing in the middle of a body.
pub const API_BODY_SILENCE: Duration = Duration::from_secs(30);
/// Longest a body may take to come.
pub const API_BODY_TIME: Duration = Duration::from_secs(600);
/// Longest name of a request method, in bytes.
pub const METHOD_BYTES: usize = 32;
/// Largest body of a request that is sent, and of a file in it, in bytes.
pub const REQUEST_BODY_BYTES: u64 = 64 * 1024 * 1024;
/// Longest URL of a target, in bytes.
pub const URL_BYTES: usize = 8 * 1024;
/// Largest response head a target may send, in bytes, unless the run names another limit.
pub const RESPONSE_HEAD_BYTES: usize = 256 * 1024;
/// What `connection.maxHeaderBytes` may be. The smallest is what a read buffer holds at once.
pub const RESPONSE_HEAD_BYTES_RANGE: std::ops::RangeInclusive<u64> = 2 * 1024..=16 * 1024 * 1024;
/// Most header lines in a response head, unless the run names another limit.
pub const RESPONSE_HEADER_LINES: usize = 5_000;
/// What `connection.maxHeaderLines` may be.
pub const RESPONSE_HEADER_LINES_RANGE: std::ops::RangeInclusive<u64> = 1..=100_000;
/// Most header lines in a request.
pub const REQUEST_HEADERS: usize = 128;
/// Longest run.
pub const RUN_DURATION: Nanos = 7 * 24 * 3600 * SECOND;
/// Shortest run.
pub const RUN_DURATION_MIN: Nanos = MILLISECOND;
/// Highest arrival rate of one run, per second.
pub const TARGET_RPS: f64 = 10_000_000.0;
/// Lowest arrival rate of one run, per second: one arrival in a thousand seconds.
pub const TARGET_RPS_MIN: f64 = 0.001;
/// How much time's arrivals may fall due together.
pub const QUANTUM: std::ops::RangeInclusive<Nanos> = MILLISECOND / 100..=SECOND;
/// Largest seed of Poisson arrivals: every whole number up to it is exact in JSON.
pub const SEED: u64 = (1 << 53) - 1;
/// Most virtual users of one run.
pub const CONCURRENCY: u64 = 100_000;
/// Most iterations of one run.
pub const ITERATIONS: u64 = 1_000_000_000_000;
/// Longest timeout of a request.
pub const TIMEOUT: Nanos = 3600 * SECOND;
/// Body bytes kept of one sampled response.
pub const SAMPLE_BODY_BYTES: usize = 4 * 1024;
/// Head bytes kept of one sampled response.
pub const SAMPLE_HEAD_BYTES: usize = 4 * 1024;
/// Samples of successes one shard hands over per interval; more are thinned and counted.
pub const SAMPLES_PER_INTERVAL: usize = 4_096;
/// Samples of errors and slow requests one shard hands over per interval.
pub const PRIORITY_SAMPLES_PER_INTERVAL: usize = 4_096;
/// Bytes of kept heads and bodies one shard hands over per interval.
pub const SAMPLE_BYTES_PER_INTERVAL: usize = 8 * 1024 * 1024;
/// Attempts to get an answer from name servers before a look-up of one name fails.
pub const DNS_ATTEMPTS: usize = 2;
/// Longest one of these attempts waits for its answer.
pub const DNS_TIMEOUT: Nanos = 2 * SECOND;
/// Longest a whole look-up takes, with all names the search domains add.
pub const DNS_LOOKUP: Nanos = 10 * SECOND;
/// Shortest time to live that is obeyed; shorter ones, and none at all, count as this.
pub const DNS_TTL_MIN: Nanos = SECOND;
/// Longest time to live that is obeyed, and that of addresses which came with none.
pub const DNS_TTL_MAX: Nanos = 3600 * SECOND;
/// How long after a failed look-up the next one follows.
pub const DNS_RETRY: Nanos = SECOND;
/// Failures of one class that a report describes one by one.
pub const ERROR_EXAMPLES_PER_CLASS: usize = 5;
/// Most local addresses of one run.
pub const LOCAL_ADDRESSES: usize = 1_024;
/// Most `resolve` entries of one run, and most addresses of one entry.
pub const RESOLVE_ENTRIES: usize = 1_024;
/// Largest PEM text of one field, in bytes.
pub const PEM_BYTES: usize = 1024 * 1024;
/// Stretches of a run's histogram log of one length; after these the length doubles.
pub const LOG_INTERVALS: u64 = 3_600;
/// Longest id of a saved object, in characters.
pub const ID_CHARS: usize = 128;
/// Longest name of a saved object, in characters.
pub const NAME_CHARS: usize = 512;
/// Furthest place a saved collection may have in its list, either way: whole
/// numbers up to it are exact in JSON.
pub const ORDER: i64 = (1 << 53) - 1;
/// Most protocols offered in a TLS handshake (ALPN).
pub const ALPN_PROTOCOLS: usize = 16;
/// Most name servers of one run.
pub const DNS_SERVERS: usize = 16;
