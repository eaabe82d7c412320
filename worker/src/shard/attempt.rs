//! One attempt at a request: its connection, its start, and whether it may be retried after a failure.

use vayu_shared::outcome::ErrorClass;
use vayu_shared::units::{MILLISECOND, Nanos};

use super::opening::{OpenError, late};
use super::recorder::Stamps;
use super::run::ShardRun;
use crate::clock;
use crate::exchange::{ExchangeFailure, Request, Response, Staleness};
use crate::net::{Expiry, Failure, IdleState, Lease};

/// Idle time after which a connection is checked before use. A connection that comes directly from another
/// exchange has had no time to go stale.
const LOOK_AFTER: Nanos = MILLISECOND;

/// Maximum number of idle connections that one request checks before it opens a new one.
const MAX_CHECKS: usize = 8;

/// Time after the start of sending within which a failure may mean that the target had closed the kept-alive
/// connection before it saw the request. Later failures are attributed to the target.
const STALE_WINDOW: Nanos = 5 * MILLISECOND;

/// How an arrival ended.
pub enum AttemptEnd {
    /// With a response, which is still in the buffer of the leased connection.
    Answered(Stamps, Response, Lease),
    /// Without a response, at this time.
    Failed(Nanos, Failure),
    /// Cancelled, because the run is over.
    Cancelled,
}

/// Start of an attempt.
#[derive(Clone, Copy, Default)]
pub struct AttemptStart {
    /// When sending started.
    pub sent: Nanos,
    /// How long the request waited for a connection.
    pub blocked: Nanos,
}

impl AttemptStart {
    /// Starts now if the request `waited`, otherwise at `taken_up`. Without a wait, the time since `taken_up`
    /// is the shard's own work, well below a microsecond: it is attributed to the target, which saves a clock
    /// read.
    pub fn after(waited: bool, taken_up: Nanos) -> Self {
        let sent = if waited { clock::now() } else { taken_up };
        Self {
            sent,
            blocked: sent - taken_up,
        }
    }
}

/// Replaces a leased connection that went stale while idle with another idle one, or with none.
pub fn discard_stale(run: &ShardRun, lease: &mut Lease, now: Nanos) {
    for _ in 0..MAX_CHECKS {
        let Some(connection) = &mut lease.connection else {
            return;
        };
        if now.saturating_sub(connection.idle_since) < LOOK_AFTER {
            return;
        }
        let unsolicited = match connection.look() {
            IdleState::Usable => return,
            IdleState::Closed => 0,
            IdleState::Dirty(bytes) => bytes,
        };
        let mut recorder = run.recorder();
        recorder.counters().idle_discarded += 1;
        recorder.counters().unsolicited_bytes += unsolicited;
        lease.replace_connection();
    }
    lease.connection = None;
}

/// A failed attempt, and whether the cause may be a stale connection.
pub struct Attempt {
    /// How the arrival ends if there is no other attempt.
    pub ended: AttemptEnd,
    stale: Staleness,
    /// Start of the attempt.
    pub begun: AttemptStart,
    /// Whether the target refused the connection, or broke it before its first response.
    pub is_of_new_connection: bool,
}

impl Attempt {
    /// Creates an attempt that failed now and cannot be retried.
    // Boxed, so that a successful result does not take the space of a failure.
    pub fn of(failure: Failure) -> Box<Self> {
        Self::ended(AttemptEnd::Failed(clock::now(), failure))
    }

    fn ended(ended: AttemptEnd) -> Box<Self> {
        Box::new(Self {
            ended,
            stale: Staleness::No,
            begun: AttemptStart::default(),
            is_of_new_connection: false,
        })
    }

    /// Creates an attempt that got no connection.
    pub fn unopened(why: OpenError) -> Box<Self> {
        match why {
            OpenError::Failed(failure) => Box::new(Self {
                is_of_new_connection: failure.class.breaks_connection(),
                ..*Self::of(failure)
            }),
            OpenError::Cancelled => Self::ended(AttemptEnd::Cancelled),
        }
    }

    /// Creates an attempt whose exchange failed. `reused` is true if the connection was used before.
    pub fn failed(failed: ExchangeFailure, reused: bool, begun: AttemptStart) -> Box<Self> {
        let now = clock::now();
        let stale = if reused && now.saturating_sub(begun.sent) <= STALE_WINDOW {
            failed.looks_stale
        } else {
            Staleness::No
        };
        Box::new(Self {
            is_of_new_connection: !reused && failed.failure.class.breaks_connection(),
            ended: AttemptEnd::Failed(now, failed.failure),
            stale,
            begun,
        })
    }

    /// Creates an attempt that was cancelled. `class` is the error class of a timeout.
    pub fn expired(expiry: Expiry, class: ErrorClass) -> Box<Self> {
        match expiry {
            Expiry::Timeout => Self::of(late(class)),
            Expiry::Cancelled => Self::ended(AttemptEnd::Cancelled),
        }
    }

    /// Returns whether the request may be retried. A request that the target may have received is retried
    /// only if it is idempotent.
    pub fn may_retry(&self, run: &ShardRun, request: &Request) -> bool {
        run.retries_stale()
            && match self.stale {
                Staleness::No => false,
                Staleness::Perhaps => request.is_idempotent,
                Staleness::Unsent => true,
            }
    }
}
