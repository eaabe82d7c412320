//! What one shard sends in a run or in a single exchange: the same bytes every time, or bytes that are
//! rendered for each request.

use std::rc::Rc;

use vayu_shared::connection::HeadLimits;
use vayu_shared::limits;
use vayu_shared::plan::{Plan, Step};
use vayu_shared::request::http1::PreparedRequest;
use vayu_shared::request::signing::RunToken;
use vayu_shared::spec::RequestSpec;
use vayu_shared::template::Variables;
use vayu_shared::units::Nanos;

use super::Response;
use super::head_cache::HeadCache;
use super::outgoing::Outgoing;
use super::progress::Progress;
use crate::sent_bytes::SentBytes;

/// A shard's own copy of a request, so that no reference count is shared between cores.
pub struct Request {
    pub(super) bytes: Rc<[u8]>,
    /// Renders the bytes to send if they change from request to request.
    outgoing: Option<Outgoing>,
    pub(super) is_head: bool,
    /// Whether connections are kept alive.
    keep_alive: bool,
    /// Whether the request asks the peer to close the connection.
    pub(super) closes: bool,
    /// Limits on response heads.
    pub(super) head_limits: HeadLimits,
    /// Cache of the last response head.
    pub(super) heads: HeadCache,
    /// Response body bytes, without framing, that stay in the connection's buffer.
    pub(super) keeps: usize,
    /// Whether the sent bytes are kept for a script.
    keeps_sent: bool,
    /// Body length in bytes above which reading of the response stops.
    pub(super) stops_at: Option<u64>,
    /// Whether the request can be retried if it is unknown whether the target received it.
    pub is_idempotent: bool,
}

impl Request {
    /// Copies what a step of a load run sends from `shard` out of `shards`. The first bytes of a response
    /// body are kept for a sample. With scripts, `script_bytes` of the body and the sent bytes are kept for
    /// them.
    pub fn new(
        plan: &Plan,
        step: &Step,
        (shard, shards): (usize, usize),
        script_bytes: Option<u64>,
    ) -> Self {
        let script_limit = usize::try_from(script_bytes.unwrap_or(0)).unwrap_or(usize::MAX);
        Self {
            outgoing: Outgoing::new(plan, step, shard, shards),
            keeps: script_limit.max(limits::SAMPLE_BODY_BYTES),
            keeps_sent: script_bytes.is_some(),
            keep_alive: plan.keep_alive,
            ..Self::fixed(&step.request, plan.response_head)
        }
    }

    /// Creates a request that replaces this one, with the same signing.
    pub fn instead(&self, request: &RequestSpec, variables: &dyn Variables) -> Self {
        let prepared = PreparedRequest::new(request, self.keep_alive);
        let other = Self {
            keeps: self.keeps,
            keeps_sent: self.keeps_sent,
            keep_alive: self.keep_alive,
            ..Self::fixed(&prepared, self.head_limits)
        };
        let outgoing = self.outgoing.as_ref();
        match outgoing.and_then(|outgoing| outgoing.signed(request, variables)) {
            Some(bytes) => Self {
                bytes: bytes.into(),
                ..other
            },
            None => other,
        }
    }

    /// Updates the signing of subsequent requests from a response. `sent` is when its request was sent.
    pub fn saw(&self, sent: Nanos, response: &Response, received: &[u8]) {
        const UNAUTHORIZED: u16 = 401;
        let status = response.status.code();
        if status == UNAUTHORIZED
            && let Some(outgoing) = &self.outgoing
        {
            outgoing.saw(sent, status, &received[..response.head_len]);
        }
    }

    /// Replaces the token that signs requests.
    pub fn renew(&self, token: RunToken) {
        if let Some(outgoing) = &self.outgoing {
            outgoing.renew(token);
        }
    }

    fn fixed(prepared: &PreparedRequest, head_limits: HeadLimits) -> Self {
        Self {
            head_limits,
            bytes: Rc::from(&*prepared.bytes),
            outgoing: None,
            keep_alive: true,
            is_head: prepared.is_head,
            closes: prepared.closes,
            heads: HeadCache::default(),
            keeps: limits::SAMPLE_BODY_BYTES,
            keeps_sent: false,
            stops_at: None,
            is_idempotent: prepared.is_idempotent,
        }
    }

    /// Returns the bytes of the next request, rendered with the sender's `variables`.
    pub(super) fn next_bytes(&self, variables: &dyn Variables) -> SentBytes {
        match &self.outgoing {
            Some(outgoing) => outgoing.next(variables),
            None => SentBytes::Shared(Rc::clone(&self.bytes)),
        }
    }

    /// Takes back the bytes of a request that a script used.
    pub fn give_back(&self, bytes: SentBytes) {
        if let (Some(outgoing), SentBytes::Own(bytes)) = (&self.outgoing, bytes) {
            outgoing.give_back(bytes);
        }
    }

    /// Keeps the sent bytes for a script, or returns them for reuse if no script needs them.
    pub(super) fn after_sending(&self, bytes: SentBytes, progress: &Progress) {
        let spare = match self.keeps_sent {
            true => progress.sent_bytes.replace(Some(bytes)),
            false => Some(bytes),
        };
        if let Some(spare) = spare {
            self.give_back(spare);
        }
    }

    /// Creates the request of a single exchange. The response is kept completely, up to `body_limit` bytes of
    /// body.
    pub fn single(prepared: &PreparedRequest, head_limits: HeadLimits, body_limit: u64) -> Self {
        Self {
            keeps: usize::try_from(body_limit).unwrap_or(usize::MAX),
            stops_at: Some(body_limit),
            ..Self::fixed(prepared, head_limits)
        }
    }
}
