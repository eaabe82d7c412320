//! What one shard sends in a run, or in an exchange on its own: the same bytes every
//! time, or bytes that are made anew for each request.

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
use super::head_memory::HeadMemory;
use super::outgoing::Outgoing;
use super::progress::Progress;
use crate::sent_bytes::SentBytes;

/// A shard's own copy of the bytes to send, so that no reference count is
/// shared between cores.
pub struct Request {
    pub(super) bytes: Rc<[u8]>,
    /// Makes the bytes to send, where they are not the same every time.
    outgoing: Option<Outgoing>,
    pub(super) is_head: bool,
    /// Whether connections are kept.
    keep_alive: bool,
    /// Whether it asks the peer to close the connection.
    pub(super) closes: bool,
    /// Bounds on the heads of its responses.
    pub(super) head_limits: HeadLimits,
    /// What its responses' heads looked like last.
    pub(super) heads: HeadMemory,
    /// Bytes of the response's body, without framing, that stay in the connection's buffer.
    pub(super) keeps: usize,
    /// Whether what was sent is kept for a script.
    keeps_sent: bool,
    /// The response is cut off when its body is longer than this.
    pub(super) stops_at: Option<u64>,
    /// Whether it may be sent again when it is unknown if it was received.
    pub is_idempotent: bool,
}

impl Request {
    /// Copies what a step of load sends from `shard` out of `shards`. The first bytes of a response's body are
    /// kept for a sample. Where there are scripts, they read `script_bytes` of it, and
    /// what was sent.
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

    /// Another request in its place, signed as it would have been.
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

    /// Learns from a response how the next requests are signed; `sent` is when its own
    /// was sent.
    pub fn saw(&self, sent: Nanos, response: &Response, received: &[u8]) {
        const UNAUTHORIZED: u16 = 401;
        let status = response.status.code();
        if status == UNAUTHORIZED
            && let Some(outgoing) = &self.outgoing
        {
            outgoing.saw(sent, status, &received[..response.head_len]);
        }
    }

    /// Signs with another token from now on.
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
            heads: HeadMemory::default(),
            keeps: limits::SAMPLE_BODY_BYTES,
            keeps_sent: false,
            stops_at: None,
            is_idempotent: prepared.is_idempotent,
        }
    }

    /// The bytes of the next request, with the variables of who sends it.
    pub(super) fn next_bytes(&self, variables: &dyn Variables) -> SentBytes {
        match &self.outgoing {
            Some(outgoing) => outgoing.next(variables),
            None => SentBytes::Shared(Rc::clone(&self.bytes)),
        }
    }

    /// Takes the bytes of a request back that a script had.
    pub fn give_back(&self, bytes: SentBytes) {
        if let (Some(outgoing), SentBytes::Own(bytes)) = (&self.outgoing, bytes) {
            outgoing.give_back(bytes);
        }
    }

    /// Keeps what was sent, or gives it back where no script asks for it.
    pub(super) fn after_sending(&self, bytes: SentBytes, progress: &Progress) {
        let spare = match self.keeps_sent {
            true => progress.sent_bytes.replace(Some(bytes)),
            false => Some(bytes),
        };
        if let Some(spare) = spare {
            self.give_back(spare);
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
