//! One attempt at a request: over which connection, since when, and whether a failed one
//! may be made again.

use vayu_shared::outcome::ErrorClass;
use vayu_shared::units::{MILLISECOND, Nanos};

use super::opening::{Unopened, late};
use super::recorder::Stamps;
use super::run::ShardRun;
use crate::clock;
use crate::exchange::{ExchangeFailure, Request, Response, Staleness};
use crate::net::{Expiry, Failure, IdleState, Lease};

/// How long a connection is idle before it is looked at: one that comes straight from
/// another exchange has had no time to go stale.
const LOOK_AFTER: Nanos = MILLISECOND;

/// Idle connections one request looks at before it opens a new one.
const MOST_LOOKS: usize = 8;

/// A failure this soon after the request was sent may mean that the target had closed the
/// kept connection before it saw the request. Later ones are the target's own.
const STALE_WINDOW: Nanos = 5 * MILLISECOND;

/// How an arrival ended.
pub enum Ended {
    /// With a response, which is still in the buffer of the leased connection.
    Answered(Stamps, Response, Lease),
    /// Without one, and when.
    Failed(Nanos, Failure),
    /// It was given up, as the run was over.
    Cancelled,
}

/// When an attempt began.
#[derive(Clone, Copy, Default)]
pub struct Begun {
    /// When sending began.
    pub sent: Nanos,
    /// How long the request had waited for a connection.
    pub blocked: Nanos,
}

impl Begun {
    /// When nothing was waited for, what lies between is the shard's own work, well
    /// below a microsecond: it counts as the target's, and saves a look at the clock.
    pub fn after(waited: bool, taken_up: Nanos) -> Self {
        let sent = if waited { clock::now() } else { taken_up };
        Self {
            sent,
            blocked: sent - taken_up,
        }
    }
}

/// Replaces a leased connection that has gone stale while it was idle, by another idle
/// one or by none.
pub fn discard_stale(run: &ShardRun, lease: &mut Lease, now: Nanos) {
    for _ in 0..MOST_LOOKS {
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

/// A failed attempt, and whether it may be that the connection was merely stale.
pub struct Attempt {
    /// How the arrival ends if no other attempt is made.
    pub ended: Ended,
    stale: Staleness,
    /// When it began.
    pub begun: Begun,
    /// Whether the target refused or broke the connection before it answered on it once.
    pub is_of_new_connection: bool,
}

impl Attempt {
    /// That failed for good, now.
    // Boxed, or every answer would be handed on in the space that a failure takes.
    pub fn of(failure: Failure) -> Box<Self> {
        Self::ended(Ended::Failed(clock::now(), failure))
    }

    fn ended(ended: Ended) -> Box<Self> {
        Box::new(Self {
            ended,
            stale: Staleness::No,
            begun: Begun::default(),
            is_of_new_connection: false,
        })
    }

    /// That got no connection.
    pub fn unopened(why: Unopened) -> Box<Self> {
        match why {
            Unopened::Failed(failure) => Box::new(Self {
                is_of_new_connection: failure.class.breaks_connection(),
                ..*Self::of(failure)
            }),
            Unopened::Cancelled => Self::ended(Ended::Cancelled),
        }
    }

    /// Whose exchange failed, over a connection that was used before or not.
    pub fn failed(failed: ExchangeFailure, reused: bool, begun: Begun) -> Box<Self> {
        let now = clock::now();
        let stale = if reused && now.saturating_sub(begun.sent) <= STALE_WINDOW {
            failed.looks_stale
        } else {
            Staleness::No
        };
        Box::new(Self {
            is_of_new_connection: !reused && failed.failure.class.breaks_connection(),
            ended: Ended::Failed(now, failed.failure),
            stale,
            begun,
        })
    }

    /// That was given up, while it waited for what `class` says.
    pub fn expired(expiry: Expiry, class: ErrorClass) -> Box<Self> {
        match expiry {
            Expiry::Timeout => Self::of(late(class)),
            Expiry::Cancelled => Self::ended(Ended::Cancelled),
        }
    }

    /// A request that may have been received is only sent again if that does no harm.
    pub fn may_retry(&self, run: &ShardRun, request: &Request) -> bool {
        run.retries_stale()
            && match self.stale {
                Staleness::No => false,
                Staleness::Perhaps => request.is_idempotent,
                Staleness::Unsent => true,
            }
    }
}
