//! Addresses of connections to one origin: the target's addresses in turn, and the local addresses they use.
//!
//! It does not resolve names, because that may block. It uses the addresses that the control plane resolved.
//! If every connection needs its own lookup, it asks the control plane, and the connection waits for the
//! answer.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;

use crossbeam_channel::Sender;
use vayu_shared::message::{Addresses, LookupRequest};
use vayu_shared::outcome::ErrorClass;
use vayu_shared::plan::Plan;
use vayu_shared::sample::ErrorDetail;

use super::Failure;
use crate::waker_cell::WakerCell;

/// Address selection for one origin on one shard.
pub struct Names {
    shard: usize,
    origin: usize,
    current: RefCell<Result<Arc<[SocketAddr]>, Arc<str>>>,
    local: Vec<IpAddr>,
    /// Number of connection attempts. Shards start at different addresses.
    turn: Cell<usize>,
    asks: Option<Sender<LookupRequest>>,
    asked: RefCell<BTreeMap<u64, Rc<PendingLookup>>>,
    last_token: Cell<u64>,
}

/// The addresses of a new connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TargetRoute {
    /// Remote address.
    pub to: SocketAddr,
    /// Local address; any if `None`.
    pub from: Option<IpAddr>,
    /// Whether the connection waited for a lookup.
    pub asked: bool,
    /// Whether the target has several addresses.
    pub is_one_of_several: bool,
}

impl TargetRoute {
    /// Returns the address if an error message has to name it.
    pub fn named(&self) -> Option<SocketAddr> {
        self.is_one_of_several.then_some(self.to)
    }
}

#[derive(Default)]
struct PendingLookup {
    answer: RefCell<Option<Addresses>>,
    waiting: WakerCell,
}

impl Names {
    /// Creates the selection for one of a plan's origins on `shard`. `asks` takes lookup requests.
    pub fn new(
        shard: usize,
        plan: &Plan,
        origin: usize,
        asks: Option<Sender<LookupRequest>>,
    ) -> Self {
        let found = &plan.origins[origin];
        let current = match &found.resolve_failure {
            Some(reason) if found.addresses.is_empty() => Err(Arc::from(reason.as_str())),
            _ => Ok(Arc::from(found.addresses.as_slice())),
        };
        Self {
            shard,
            origin,
            current: RefCell::new(current),
            local: plan.local_addresses.clone(),
            turn: Cell::new(shard),
            asks: asks.filter(|_| plan.resolves_per_connection),
            asked: RefCell::default(),
            last_token: Cell::new(0),
        }
    }

    /// Takes an update from the control plane: the answer to a lookup, or addresses that replace the current
    /// ones.
    pub fn update(&self, news: Addresses) {
        match news.token {
            Some(token) => {
                if let Some(question) = self.asked.borrow_mut().remove(&token) {
                    question.answer.replace(Some(news));
                    question.waiting.wake();
                }
            }
            None => {
                *self.current.borrow_mut() = news.found;
            }
        }
    }

    /// Returns the addresses of the next connection.
    ///
    /// # Errors
    /// Returns a failure of class [`ErrorClass::Resolve`] if there is no address, or of class
    /// [`ErrorClass::ConnectOther`] if no local address has the same family.
    pub async fn next(&self) -> Result<TargetRoute, Failure> {
        match &self.asks {
            None => self.route(&self.current.borrow(), false),
            Some(asks) => {
                let answer = self.ask(asks).await;
                self.route(&answer.found, true)
            }
        }
    }

    async fn ask(&self, asks: &Sender<LookupRequest>) -> Addresses {
        let token = self.last_token.get() + 1;
        self.last_token.set(token);
        let request = LookupRequest {
            shard: self.shard,
            origin: self.origin,
            token,
        };
        if asks.send(request).is_err() {
            return Addresses::failed(self.origin, Some(token), "the engine is shutting down");
        }
        let ticket = Ticket { names: self, token };
        let question = Rc::new(PendingLookup::default());
        self.asked.borrow_mut().insert(token, Rc::clone(&question));
        let answer = poll_fn(|context| match question.answer.take() {
            Some(answer) => Poll::Ready(answer),
            None => {
                question.waiting.remember(context.waker());
                Poll::Pending
            }
        })
        .await;
        drop(ticket);
        answer
    }

    fn route(
        &self,
        found: &Result<Arc<[SocketAddr]>, Arc<str>>,
        asked: bool,
    ) -> Result<TargetRoute, Failure> {
        let turn = self.turn.get();
        self.turn.set(turn.wrapping_add(1));
        let (to, round, count) = match found {
            Ok(addresses) if !addresses.is_empty() => {
                let count = addresses.len();
                (addresses[turn % count], turn / count, count)
            }
            Ok(_) => return Err(unresolved("the host name resolved to no address")),
            Err(reason) => return Err(unresolved(reason)),
        };
        // Advances once per round, so that each local address is eventually combined with each target
        // address.
        let from = self.local_for(to, round)?;
        Ok(TargetRoute {
            to,
            from,
            asked,
            is_one_of_several: count > 1,
        })
    }

    /// Returns the next local address of the same family as `to`.
    fn local_for(&self, to: SocketAddr, round: usize) -> Result<Option<IpAddr>, Failure> {
        if self.local.is_empty() {
            return Ok(None);
        }
        let count = self.local.len();
        let in_turn = (0..count).map(|step| self.local[(round + step) % count]);
        let mut fitting = in_turn.filter(|local| local.is_ipv4() == to.is_ipv4());
        let text = "no local address has the same address family as the target";
        fitting
            .next()
            .map(Some)
            .ok_or_else(|| Failure::new(ErrorClass::ConnectOther, text))
    }
}

fn unresolved(reason: &str) -> Failure {
    Failure {
        class: ErrorClass::Resolve,
        detail: ErrorDetail::Library(reason.into()),
    }
}

/// A pending lookup. Dropping it removes the lookup, because nothing waits for its answer any more.
struct Ticket<'a> {
    names: &'a Names,
    token: u64,
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        self.names.asked.borrow_mut().remove(&self.token);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench_api;
    use std::pin::pin;
    use std::task::{Context, Waker};

    fn address(text: &str) -> SocketAddr {
        text.parse().expect("legal")
    }

    fn names(change: impl FnOnce(&mut Plan), asks: Option<Sender<LookupRequest>>) -> Names {
        let mut plan = bench_api::plan();
        plan.origins[0].addresses = vec![address("10.0.0.1:80"), address("[fd00::1]:80")];
        change(&mut plan);
        Names::new(0, &plan, 0, asks)
    }

    fn poll<F: Future>(future: F) -> Poll<F::Output> {
        pin!(future).poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn addresses_are_taken_in_turn_and_local_ones_of_their_family() {
        let local = ["10.9.0.1", "fd00::9", "10.9.0.2"];
        let names = names(
            |plan| plan.local_addresses = local.map(|text| text.parse().expect("legal")).to_vec(),
            None,
        );
        let mut seen = Vec::new();
        for _ in 0..4 {
            let Poll::Ready(Ok(route)) = poll(names.next()) else {
                panic!("known addresses are there at once")
            };
            let from = route.from.map(|from| from.to_string()).unwrap_or_default();
            seen.push((route.to.is_ipv4(), from));
        }
        let row = |is_ipv4, from: &str| (is_ipv4, from.to_owned());
        let expected = [
            row(true, "10.9.0.1"),
            row(false, "fd00::9"),
            row(true, "10.9.0.2"),
            row(false, "fd00::9"),
        ];
        assert_eq!(seen, expected);
    }

    #[test]
    fn news_replace_the_addresses() {
        let names = names(|_| {}, None);
        names.update(Addresses {
            origin: 0,
            token: None,
            found: Ok(Arc::from([address("10.0.0.7:80")].as_slice())),
        });
        let Poll::Ready(Ok(route)) = poll(names.next()) else {
            panic!("known addresses are there at once")
        };
        assert_eq!((route.to, route.asked), (address("10.0.0.7:80"), false));
        names.update(Addresses::failed(0, None, "gone"));
        let Poll::Ready(Err(failure)) = poll(names.next()) else {
            panic!("a failed look-up is a failure")
        };
        assert_eq!(
            (failure.class, failure.detail.to_string()),
            (ErrorClass::Resolve, "gone".into())
        );
    }

    #[test]
    fn a_connection_waits_for_its_own_answer() {
        let (asks, asked) = crossbeam_channel::unbounded();
        let names = names(|plan| plan.resolves_per_connection = true, Some(asks));
        let mut waiting = Box::pin(names.next());
        let mut context = Context::from_waker(Waker::noop());
        assert!(waiting.as_mut().poll(&mut context).is_pending());
        let request = asked.try_recv().expect("it asked");
        names.update(Addresses {
            origin: 0,
            token: Some(request.token),
            found: Ok(Arc::from([address("10.0.0.7:80")].as_slice())),
        });
        let Poll::Ready(Ok(route)) = waiting.as_mut().poll(&mut context) else {
            panic!("the answer has come")
        };
        assert_eq!((route.to, route.asked), (address("10.0.0.7:80"), true));
        let given_up = poll(names.next());
        assert!(given_up.is_pending());
        assert!(
            names.asked.borrow().is_empty(),
            "a question outlived who asked it"
        );
    }
}
