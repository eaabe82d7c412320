//! Exact counters of the origin.
//!
//! Each executor increments its own block of relaxed atomics, so counting causes no contention and loses no
//! increments. A snapshot sums the blocks. A request is counted when its head and body have fully arrived,
//! before the response. Requests to `/stats` and `/stats/reset` are never counted.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use serde_json::{Map, Value, json};

use crate::method::Method;
use crate::route::Route;
use crate::route_table::{SLOTS, TABLE};

const FIRST_STATUS: u16 = 100;
const STATUSES: usize = 500;

/// The counters of one executor.
#[derive(Debug)]
pub(crate) struct CounterBlock {
    by_route: [AtomicU64; SLOTS],
    by_method: [AtomicU64; Method::ALL.len()],
    by_status: [AtomicU64; STATUSES],
    body_bytes: AtomicU64,
    refused: AtomicU64,
    connections: AtomicU64,
    open_connections: AtomicU64,
}

impl CounterBlock {
    pub(crate) fn new() -> Self {
        Self {
            by_route: [const { AtomicU64::new(0) }; SLOTS],
            by_method: [const { AtomicU64::new(0) }; Method::ALL.len()],
            by_status: [const { AtomicU64::new(0) }; STATUSES],
            body_bytes: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            connections: AtomicU64::new(0),
            open_connections: AtomicU64::new(0),
        }
    }

    /// Counts a fully received request.
    pub(crate) fn received(&self, route: Route, method: Method, body_bytes: usize) {
        self.by_route[route.slot()].fetch_add(1, Relaxed);
        self.by_method[method.index()].fetch_add(1, Relaxed);
        if body_bytes > 0 {
            self.body_bytes.fetch_add(body_bytes as u64, Relaxed);
        }
    }

    /// Counts the response to a counted request. `status` is 100..=599.
    pub(crate) fn answered(&self, status: u16) {
        self.by_status[usize::from(status - FIRST_STATUS)].fetch_add(1, Relaxed);
    }

    /// Counts bytes that are not a valid request. They count nowhere else.
    pub(crate) fn refused(&self) {
        self.refused.fetch_add(1, Relaxed);
    }

    pub(crate) fn opened(&self) {
        self.connections.fetch_add(1, Relaxed);
        self.open_connections.fetch_add(1, Relaxed);
    }

    pub(crate) fn closed(&self) {
        self.open_connections.fetch_sub(1, Relaxed);
    }

    /// Resets all counters except the open connections, which are still open.
    pub(crate) fn reset(&self) {
        let totals = [&self.body_bytes, &self.refused, &self.connections];
        let tables = self
            .by_route
            .iter()
            .chain(&self.by_method)
            .chain(&self.by_status);
        for counter in tables.chain(totals) {
            counter.store(0, Relaxed);
        }
    }
}

/// A snapshot of the origin's counters, summed over its executors.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Requests whose head and body fully arrived.
    pub requests: u64,
    /// Bytes of request bodies, without chunk framing.
    pub body_bytes: u64,
    /// Requests rejected as malformed or too large. Not included in `requests`.
    pub refused: u64,
    /// Connections accepted.
    pub connections: u64,
    /// Connections currently open. A reset does not change it.
    pub open_connections: u64,
    /// Requests by route name without parameters, e.g. `/delay`. Every route is present. Requests that match
    /// no route are under `invalid` and `unknown`.
    pub by_path: BTreeMap<&'static str, u64>,
    /// Requests by method. Every known method is present, all others are `OTHER`.
    pub by_method: BTreeMap<&'static str, u64>,
    /// Responses started, by status. Only statuses that occurred are present.
    pub by_status: BTreeMap<u16, u64>,
}

impl Counters {
    pub(crate) fn sum<'a>(blocks: impl Iterator<Item = &'a CounterBlock>) -> Self {
        let mut total = Self::default();
        for block in blocks {
            total.add(block);
        }
        total.requests = total.by_path.values().sum();
        total
    }

    fn add(&mut self, block: &CounterBlock) {
        self.body_bytes += block.body_bytes.load(Relaxed);
        self.refused += block.refused.load(Relaxed);
        self.connections += block.connections.load(Relaxed);
        self.open_connections += block.open_connections.load(Relaxed);
        for (row, count) in TABLE.iter().zip(&block.by_route) {
            *self.by_path.entry(row.label).or_default() += count.load(Relaxed);
        }
        for (method, count) in Method::ALL.iter().zip(&block.by_method) {
            *self.by_method.entry(method.as_str()).or_default() += count.load(Relaxed);
        }
        for (status, count) in (FIRST_STATUS..).zip(&block.by_status) {
            let count = count.load(Relaxed);
            if count > 0 {
                *self.by_status.entry(status).or_default() += count;
            }
        }
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({
            "requests": self.requests,
            "bodyBytes": self.body_bytes,
            "refused": self.refused,
            "connections": self.connections,
            "openConnections": self.open_connections,
            "byPath": object(&self.by_path),
            "byMethod": object(&self.by_method),
            "byStatus": object(&self.by_status),
        })
    }
}

fn object<K: ToString>(counts: &BTreeMap<K, u64>) -> Map<String, Value> {
    counts
        .iter()
        .map(|(key, count)| (key.to_string(), json!(count)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_add_up() {
        let blocks = [CounterBlock::new(), CounterBlock::new()];
        for block in &blocks {
            block.opened();
            block.received(Route::Root, Method::Get, 0);
            block.answered(200);
        }
        blocks[1].received(Route::Echo, Method::Post, 7);
        blocks[1].answered(599);
        blocks[1].refused();
        blocks[0].closed();

        let total = Counters::sum(blocks.iter());
        assert_eq!((total.requests, total.body_bytes, total.refused), (3, 7, 1));
        assert_eq!((total.connections, total.open_connections), (2, 1));
        assert_eq!((total.by_path["/"], total.by_path["/echo"]), (2, 1));
        assert_eq!((total.by_method["GET"], total.by_method["POST"]), (2, 1));
        assert_eq!(total.by_status, BTreeMap::from([(200, 2), (599, 1)]));
    }

    #[test]
    fn a_reset_keeps_open_connections() {
        let block = CounterBlock::new();
        block.opened();
        block.received(Route::Root, Method::Get, 3);
        block.answered(100);
        block.refused();
        block.reset();
        let now = Counters::sum([&block].into_iter());
        assert_eq!((now.requests, now.connections, now.refused), (0, 0, 0));
        assert_eq!(now.open_connections, 1);
        assert!(now.by_status.is_empty());
    }

    #[test]
    fn the_json_has_the_documented_keys() {
        let block = CounterBlock::new();
        block.received(Route::Root, Method::Head, 0);
        block.answered(200);
        let json = Counters::sum([&block].into_iter()).to_json();
        assert_eq!(json["requests"], 1);
        assert_eq!(json["byPath"]["/"], 1);
        assert_eq!(json["byMethod"]["HEAD"], 1);
        assert_eq!(json["byStatus"]["200"], 1);
    }
}
