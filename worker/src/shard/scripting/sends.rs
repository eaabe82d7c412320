//! Pending requests and timers of the scripts of one shard.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::pin;
use std::task::{Poll, Waker};

use crossbeam_channel::Sender;
use vayu_shared::units::Nanos;

use crate::net::{Deadline, Expiry};
use crate::script::{ScriptReply, ScriptSend};

/// Response to a script if no sender is available.
const REFUSED: &str = r#"{"error":{"code":"EUNAVAILABLE","message":"requests from scripts are not available in this run"}}"#;

/// Pending requests of the scripts of one shard.
pub struct ScriptSends {
    shard: usize,
    sends: Option<Sender<ScriptSend>>,
    last_token: Cell<u64>,
    replies: RefCell<BTreeMap<u64, PendingRequest>>,
}

/// A request in flight.
struct PendingRequest {
    outcome: Option<String>,
    waker: Option<Waker>,
}

/// What resumed a waiting script.
pub enum WakeReason {
    /// The outcome of a request, by its token.
    Reply(u64, String),
    /// The timer it waited for.
    Timer,
    /// The run is over.
    Cancelled,
}

impl ScriptSends {
    /// Creates the state of one shard. Without `sends`, every request is refused.
    pub fn new(shard: usize, sends: Option<Sender<ScriptSend>>) -> Self {
        Self {
            shard,
            sends,
            last_token: Cell::new(0),
            replies: RefCell::default(),
        }
    }

    /// Sends a request. Returns the token of its outcome.
    pub fn ask(&self, request: String) -> u64 {
        let token = self.last_token.get() + 1;
        self.last_token.set(token);
        let send = ScriptSend {
            shard: self.shard,
            token,
            request,
        };
        let is_sent = self
            .sends
            .as_ref()
            .is_some_and(|sends| sends.try_send(send).is_ok());
        let awaited = PendingRequest {
            outcome: (!is_sent).then(|| REFUSED.to_owned()),
            waker: None,
        };
        self.replies.borrow_mut().insert(token, awaited);
        token
    }

    /// Delivers the outcome of a request.
    pub fn reply(&self, reply: ScriptReply) {
        if let Some(awaited) = self.replies.borrow_mut().get_mut(&reply.token) {
            awaited.outcome = Some(reply.outcome);
            if let Some(waker) = awaited.waker.take() {
                waker.wake();
            }
        }
    }

    /// Removes a request whose outcome is no longer awaited.
    pub fn forget(&self, token: u64) {
        self.replies.borrow_mut().remove(&token);
    }

    /// Waits for the first outcome of `tokens`, at most until `until`.
    pub async fn wait<T>(
        &self,
        tokens: &BTreeMap<u64, T>,
        until: Nanos,
        deadline: &Deadline,
    ) -> WakeReason {
        deadline.set(until);
        let reply = poll_fn(|context| {
            let mut replies = self.replies.borrow_mut();
            let found = tokens.keys().find_map(|token| {
                let awaited = replies.get_mut(token)?;
                awaited.waker = Some(context.waker().clone());
                Some((*token, awaited.outcome.take()?))
            });
            match found {
                Some((token, outcome)) => {
                    replies.remove(&token);
                    Poll::Ready(WakeReason::Reply(token, outcome))
                }
                None => Poll::Pending,
            }
        });
        let woken = match deadline.guard(pin!(reply)).await {
            Ok(woken) => woken,
            Err(Expiry::Timeout) => WakeReason::Timer,
            Err(Expiry::Cancelled) => WakeReason::Cancelled,
        };
        deadline.clear();
        woken
    }
}
