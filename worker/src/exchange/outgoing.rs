//! The bytes of a load run's next request: the same every time, made from a
//! template, signed, or both.
//!
//! Buffers go round: one is taken for each request under way and comes back when
//! it was sent. One that is lost with an exchange that was given up is replaced.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use vayu_shared::dynamic::DynamicSource;
use vayu_shared::plan::Plan;
use vayu_shared::request_template::{RequestTemplate, Scratch};
use vayu_shared::signing::{RunToken, Signer, Validity};
use vayu_shared::template::Variables;
use vayu_shared::units::{Nanos, SECOND};

use crate::clock;
use crate::sent_bytes::SentBytes;

/// See the module.
pub struct Outgoing {
    template: Option<Arc<RequestTemplate>>,
    /// Nanoseconds between the beginning of the monotonic clock and 1970.
    unix_offset: Nanos,
    state: RefCell<State>,
}

struct State {
    source: DynamicSource,
    scratch: Scratch,
    signer: Option<Signer>,
    /// When it got its token, on the monotonic clock; 0 for the first one.
    renewed: Nanos,
    /// A signed request that may be sent again, and for how long.
    kept: Option<(Validity, Rc<[u8]>)>,
    spare: Vec<Vec<u8>>,
}

impl Outgoing {
    /// Of one shard out of `shards`; none when every request is the same.
    pub fn new(plan: &Plan, shard: usize, shards: usize) -> Option<Self> {
        if plan.template.is_none() && plan.signing.is_none() {
            return None;
        }
        let signing = plan.signing.clone();
        let signer = signing.map(|signing| Signer::new(signing, shard, shards, plan.seed));
        Some(Self {
            template: plan.template.clone(),
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

    /// The next request; `plain` is what it is without template and signature, and
    /// `variables` are those of who sends it.
    pub fn next(&self, plain: &[u8], variables: &dyn Variables) -> SentBytes {
        let now = self.unix_offset.saturating_add(clock::now());
        let state = &mut *self.state.borrow_mut();
        if let Some((validity, bytes)) = &state.kept
            && is_valid(*validity, now)
        {
            return SentBytes::Shared(Rc::clone(bytes));
        }
        let mut bytes = state.spare.pop().unwrap_or_default();
        match &self.template {
            Some(template) => {
                template.render(
                    &mut state.source,
                    now,
                    variables,
                    &mut state.scratch,
                    &mut bytes,
                );
            }
            None => {
                bytes.clear();
                bytes.extend_from_slice(plain);
            }
        }
        let signer = state.signer.as_mut();
        let validity =
            signer.map(|signer| signer.sign(&mut bytes, &mut state.source, now, variables));
        match validity {
            Some(validity) if self.template.is_none() && validity != Validity::Once => {
                let shared: Rc<[u8]> = bytes.as_slice().into();
                state.spare.push(bytes);
                state.kept = Some((validity, Rc::clone(&shared)));
                SentBytes::Shared(shared)
            }
            _ => SentBytes::Own(bytes),
        }
    }

    /// A request that is another one than planned, signed.
    pub fn signed(&self, plain: &[u8], variables: &dyn Variables) -> Vec<u8> {
        let now = self.unix_offset.saturating_add(clock::now());
        let state = &mut *self.state.borrow_mut();
        let mut bytes = plain.to_vec();
        if let Some(signer) = &mut state.signer {
            signer.sign(&mut bytes, &mut state.source, now, variables);
        }
        bytes
    }

    /// Takes a buffer back.
    pub fn give_back(&self, bytes: Vec<u8>) {
        self.state.borrow_mut().spare.push(bytes);
    }

    /// Signs with another token from now on.
    pub fn renew(&self, token: RunToken) {
        let state = &mut *self.state.borrow_mut();
        state.kept = None;
        state.renewed = clock::now();
        if let Some(signer) = &mut state.signer {
            signer.renew(token);
        }
    }

    /// Learns from the head of a response how to sign, unless its request was `sent`
    /// before the token was renewed.
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

fn is_valid(validity: Validity, unix_ns: u64) -> bool {
    match validity {
        Validity::Once => false,
        Validity::Second(second) => unix_ns / SECOND == second,
        Validity::Token => true,
    }
}
