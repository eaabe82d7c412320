//! Renders the bytes of a load run's next request if they change from request to request: with new values, a
//! new signature, or both.
//!
//! Buffers are reused: each request in flight takes one and returns it when it was sent. A buffer that is
//! lost with a cancelled exchange is replaced.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use vayu_shared::dynamic::DynamicSource;
use vayu_shared::plan::{Plan, Step};
use vayu_shared::request::http1::{Encoder, Scratch};
use vayu_shared::request::signing::{RunToken, Signer, Validity};
use vayu_shared::request::{RequestTemplate, Values};
use vayu_shared::spec::RequestSpec;
use vayu_shared::template::{Deferred, Variables};
use vayu_shared::units::{Nanos, SECOND};

use crate::clock;
use crate::sent_bytes::SentBytes;

/// Renderer of the requests of one step on one shard.
pub struct Outgoing {
    encoder: Arc<Encoder>,
    keep_alive: bool,
    /// Offset from the monotonic clock to Unix time, in nanoseconds.
    unix_offset: Nanos,
    state: RefCell<State>,
}

struct State {
    source: DynamicSource,
    scratch: Scratch,
    signer: Option<Signer>,
    /// When the current token was set, on the monotonic clock; 0 for the first one.
    renewed: Nanos,
    /// A signed request that can be sent again, and how long it is valid.
    kept: Option<(Validity, Rc<[u8]>)>,
    spare: Vec<Vec<u8>>,
}

impl Outgoing {
    /// Creates the renderer of one shard out of `shards`. Returns `None` if all requests are identical.
    pub fn new(plan: &Plan, step: &Step, shard: usize, shards: usize) -> Option<Self> {
        let encoder = Arc::clone(step.encoder.as_ref()?);
        let signing = step.signing.clone();
        let signer = signing.map(|signing| Signer::new(signing, shard, shards, plan.seed));
        Some(Self {
            encoder,
            keep_alive: plan.keep_alive,
            unix_offset: plan.unix_offset,
            state: RefCell::new(State {
                source: DynamicSource::new(plan.seed.wrapping_add(shard as u64)),
                scratch: Scratch::default(),
                signer,
                renewed: 0,
                kept: None,
                spare: Vec::new(),
            }),
        })
    }

    /// Returns the next request, rendered with the sender's `variables`.
    pub fn next(&self, variables: &dyn Variables) -> SentBytes {
        let now = self.now();
        let state = &mut *self.state.borrow_mut();
        if let Some((validity, bytes)) = &state.kept
            && is_valid(*validity, now)
        {
            return SentBytes::Shared(Rc::clone(bytes));
        }
        let mut bytes = state.spare.pop().unwrap_or_default();
        let validity = state.render(&self.encoder, now, variables, &mut bytes);
        if validity == Validity::Once || !self.encoder.is_constant() {
            return SentBytes::Own(bytes);
        }
        let shared: Rc<[u8]> = bytes.as_slice().into();
        state.spare.push(bytes);
        state.kept = Some((validity, Rc::clone(&shared)));
        SentBytes::Shared(shared)
    }

    /// Renders and signs a request other than the planned one. Returns `None` if requests are not signed.
    pub fn signed(&self, request: &RequestSpec, variables: &dyn Variables) -> Option<Vec<u8>> {
        let state = &mut *self.state.borrow_mut();
        let signing = state.signer.as_ref()?.signing();
        let template = RequestTemplate::new(request, Deferred::Nothing).signed(signing);
        template.is_signed().then(|| {
            let mut bytes = Vec::new();
            let encoder = Encoder::new(&template, self.keep_alive);
            state.render(&encoder, self.now(), variables, &mut bytes);
            bytes
        })
    }

    fn now(&self) -> Nanos {
        self.unix_offset.saturating_add(clock::now())
    }

    /// Takes back a buffer for reuse.
    pub fn give_back(&self, bytes: Vec<u8>) {
        self.state.borrow_mut().spare.push(bytes);
    }

    /// Replaces the token that signs requests.
    pub fn renew(&self, token: RunToken) {
        let state = &mut *self.state.borrow_mut();
        state.kept = None;
        state.renewed = clock::now();
        if let Some(signer) = &mut state.signer {
            signer.renew(token);
        }
    }

    /// Updates the signer from a response head, unless the request was `sent` before the token was renewed.
    pub fn saw(&self, sent: Nanos, status: u16, head: &[u8]) {
        let state = &mut *self.state.borrow_mut();
        if sent < state.renewed {
            return;
        }
        if let Some(signer) = &mut state.signer {
            signer.saw(status, head);
        }
    }
}

impl State {
    fn render(
        &mut self,
        encoder: &Encoder,
        unix_ns: u64,
        variables: &dyn Variables,
        out: &mut Vec<u8>,
    ) -> Validity {
        let values = Values {
            source: &mut self.source,
            unix_ns,
            variables,
        };
        encoder.render(values, self.signer.as_mut(), &mut self.scratch, out)
    }
}

fn is_valid(validity: Validity, unix_ns: u64) -> bool {
    match validity {
        Validity::Once => false,
        Validity::Second(second) => unix_ns / SECOND == second,
        Validity::Token => true,
    }
}
