//! What one shard sends in a run, or in an exchange on its own: the same bytes every
//! time, or bytes that are made anew for each request.

use std::rc::Rc;
use std::sync::Arc;

use vayu_shared::connection::HeadLimits;
use vayu_shared::limits;
use vayu_shared::plan::{Plan, PreparedRequest};
use vayu_shared::template::Variables;

use super::Response;
use super::head_memory::HeadMemory;
use super::outgoing::{Bytes, Outgoing};

/// A shard's own copy of the bytes to send, so that no reference count is
/// shared between cores.
pub struct Request {
    pub(super) bytes: Rc<[u8]>,
    /// Makes the bytes to send, where they are not the same every time.
    outgoing: Option<Outgoing>,
    pub(super) is_head: bool,
    /// Whether it asks the peer to close the connection.
    pub(super) closes: bool,
    /// Bounds on the heads of its responses.
    pub(super) head_limits: HeadLimits,
    /// What its responses' heads looked like last.
    pub(super) heads: HeadMemory,
    /// Bytes of the response's body, without framing, that stay in the connection's buffer.
    pub(super) keeps: usize,
    /// The response is cut off when its body is longer than this.
    pub(super) stops_at: Option<u64>,
    /// Whether it may be sent again when it is unknown if it was received.
    pub is_idempotent: bool,
}

impl Request {
    /// Copies what load sends from this shard. The first bytes of a response's body are
    /// kept for a sample, and for scripts, which read `script_bytes` of it.
    pub fn new(plan: &Plan, shard: usize, shards: usize, script_bytes: u64) -> Self {
        let script_bytes = usize::try_from(script_bytes).unwrap_or(usize::MAX);
        Self {
            outgoing: Outgoing::new(plan, shard, shards),
            keeps: script_bytes.max(limits::SAMPLE_BODY_BYTES),
            ..Self::fixed(&plan.request, plan.response_head)
        }
    }

    /// Another request in its place, signed as it would have been.
    pub fn instead(&self, prepared: &PreparedRequest, variables: &dyn Variables) -> Self {
        let other = Self {
            keeps: self.keeps,
            ..Self::fixed(prepared, self.head_limits)
        };
        match &self.outgoing {
            Some(outgoing) => Self {
                bytes: outgoing.signed(&prepared.bytes, variables).into(),
                ..other
            },
            None => other,
        }
    }

    /// Learns from a response to a request how the next ones are signed.
    pub fn saw(&self, response: &Response, received: &[u8]) {
        const UNAUTHORIZED: u16 = 401;
        let status = response.status.code();
        if status == UNAUTHORIZED
            && let Some(outgoing) = &self.outgoing
        {
            outgoing.saw(status, &received[..response.head_len]);
        }
    }

    /// Signs with another token from now on.
    pub fn renew(&self, token: Arc<str>) {
        if let Some(outgoing) = &self.outgoing {
            outgoing.renew(token);
        }
    }

    fn fixed(prepared: &PreparedRequest, head_limits: HeadLimits) -> Self {
        Self {
            head_limits,
            bytes: Rc::from(&*prepared.bytes),
            outgoing: None,
            is_head: prepared.is_head,
            closes: prepared.closes,
            heads: HeadMemory::default(),
            keeps: limits::SAMPLE_BODY_BYTES,
            stops_at: None,
            is_idempotent: prepared.is_idempotent,
        }
    }

    /// The bytes of the next request, with the variables of who sends it.
    pub(super) fn next_bytes(&self, variables: &dyn Variables) -> Bytes {
        match &self.outgoing {
            Some(outgoing) => outgoing.next(&self.bytes, variables),
            None => Bytes::Shared(Rc::clone(&self.bytes)),
        }
    }

    /// Takes a buffer back after it was sent.
    pub(super) fn give_back(&self, bytes: Vec<u8>) {
        if let Some(outgoing) = &self.outgoing {
            outgoing.give_back(bytes);
        }
    }

    /// Copies what was prepared, for one exchange on its own: of a response
    /// everything is kept up to `body_limit` bytes of body.
    pub fn single(prepared: &PreparedRequest, head_limits: HeadLimits, body_limit: u64) -> Self {
        Self {
            keeps: usize::try_from(body_limit).unwrap_or(usize::MAX),
            stops_at: Some(body_limit),
            ..Self::fixed(prepared, head_limits)
        }
    }
}
